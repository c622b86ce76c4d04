import { isIP } from "node:net";

/** Most addresses of one sweep: a /16. */
export const mostHosts = 65_536;

/**
 * Addresses of a network as CIDR (RFC 4632), without network and broadcast address, or one address, or a name as it is.
 * Undefined where the text is none of these; IPv6 networks are too large to sweep, except the last 16 bits of one.
 */
export function hostsOf(text: string): { readonly count: number; readonly all: () => Iterable<string> } | undefined {
  const [address = "", prefix, ...more] = text.split("/");
  if (more.length > 0) return undefined;
  if (prefix === undefined) {
    const named = isIP(address) !== 0 || /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/.test(address);
    return named ? { count: 1, all: () => [address] } : undefined;
  }
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return undefined;
  const size = 2n ** BigInt(bits - Number(prefix));
  const first = (numberOf(address, family === 4 ? 4 : 6) / size) * size;
  const edge = family === 4 && size > 2n ? 1n : 0n;
  return { count: Number(size - 2n * edge), all: () => between(first + edge, first + size - edge, family === 4 ? 4 : 6) };
}

function* between(from: bigint, to: bigint, family: 4 | 6): Generator<string> {
  for (let at = from; at < to; at++) yield family === 4 ? textOf4(at) : textOf6(at);
}

function numberOf(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = address.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...middle, ...right].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

function textOf4(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join(".");
}

function textOf6(number: bigint): string {
  return Array.from({ length: 8 }, (_, i) => ((number >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(":");
}
