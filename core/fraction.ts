const fnvBasis = 0x811c9dc5;

/** 32 bits of a text, the same in every process for the same `basis`: FNV-1a. Of several texts, each one's hash is the next one's basis. */
export function hashOf(text: string, basis = fnvBasis): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The same bits, mixed as in MurmurHash3 so that near ones spread; not negative. */
export function spread(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same number in [0, 1) for the same text in every process. */
export function fractionOf(text: string): number {
  return spread(hashOf(text)) / 0x1_0000_0000;
}
