const dot = 46;

/**
 * Order of two OIDs or indexes in dotted text: negative, zero or positive (RFC 3416 §2: lexicographic by sub-identifier,
 * a prefix first). Reads the characters once and makes no arrays: it runs for every variable of a walk.
 */
export function compareOids(a: string, b: string): number {
  let at = 0;
  // Up to where both read the same; equal characters mean equal sub-identifiers, save for the one they differ in.
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === a.length && at === b.length) return 0;
  const [endA, endB] = [endOf(a, at), endOf(b, at)];
  // The sub-identifier that differs has no leading zeros, so the longer one is greater; an ended one is a prefix, and smaller.
  if (endA !== endB) return endA - endB;
  const [charA, charB] = [charAt(a, at), charAt(b, at)];
  return charA - charB;
}

/** Where the sub-identifier around `at` ends. */
function endOf(oid: string, at: number): number {
  let end = at;
  while (end < oid.length && oid.charCodeAt(end) !== dot) end++;
  return end;
}

function charAt(oid: string, at: number): number {
  return at < oid.length ? oid.charCodeAt(at) : 0;
}

/** The index of an instance below a column: `3` of `1.3.6.1.2.1.2.2.1.10.3`; undefined where the OID is not below it. */
export function indexUnder(column: string, oid: string): string | undefined {
  return oid.length > column.length + 1 && oid.charCodeAt(column.length) === dot && oid.startsWith(column)
    ? oid.slice(column.length + 1)
    : undefined;
}

/** True when the OID is the pattern, or below it where the pattern ends in `.*`. */
export function matchesOid(pattern: string, oid: string): boolean {
  return pattern.endsWith(".*") ? oid.startsWith(pattern.slice(0, -1)) : oid === pattern;
}

/** Content of an OBJECT IDENTIFIER (X.690 §8.19) of dotted text; throws RangeError where the text is none. */
export function encodeOid(text: string): Uint8Array {
  const arcs = text.split(".").map(Number);
  const [first = 0, second = 0] = arcs;
  if (!/^[0-2](\.\d+)+$/.test(text) || arcs.some((arc) => arc > 0xffff_ffff)) throw new RangeError(`${text} is not an OID`);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...arcs.slice(2)]) {
    const at = bytes.length;
    bytes.push(arc % 128);
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) bytes.splice(at, 0, (high % 128) | 0x80);
  }
  return Uint8Array.from(bytes);
}

/** Dotted text of an OBJECT IDENTIFIER's content; undefined where it ends within an arc, or an arc has more than 32 bits. */
export function decodeOid(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decodeArcs(bytes, start, end);
  if (text === undefined) return undefined;
  const dotAt = text.indexOf(".");
  const first = Number(dotAt < 0 ? text : text.slice(0, dotAt));
  const top = Math.min(2, Math.floor(first / 40));
  return `${top}.${first - 40 * top}${dotAt < 0 ? "" : text.slice(dotAt)}`;
}

/** Dotted text of arcs alone: of an index. */
export function decodeArcs(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let arc = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    arc = arc * 128 + (byte & 0x7f);
    // The first arc of a name carries two, up to 80 more than 32 bits.
    if (arc > 0xffff_ffff + 80) return undefined;
    if (byte >= 0x80) continue;
    text = text === "" ? `${arc}` : `${text}.${arc}`;
    arc = 0;
  }
  return end > start && (bytes[end - 1] ?? 0) < 0x80 ? text : undefined;
}

/** A run of bytes of some buffer. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Order of two encoded OIDs or indexes, as compareOids' of their texts. Encodings are taken for minimal. */
export function compareSpans(a: Span, b: Span): number {
  const shared = Math.min(a.end - a.start, b.end - b.start);
  let at = 0;
  while (at < shared && a.bytes[a.start + at] === b.bytes[b.start + at]) at++;
  if (at === shared) return a.end - a.start - (b.end - b.start);
  // Of two arcs the one with more bytes is greater, and of two as long the one with the greater byte.
  const longer = arcEnd(a, a.start + at) - a.start - (arcEnd(b, b.start + at) - b.start);
  return longer !== 0 ? longer : (a.bytes[a.start + at] ?? 0) - (b.bytes[b.start + at] ?? 0);
}

function arcEnd({ bytes, end }: Span, from: number): number {
  let at = from;
  while (at < end && (bytes[at] ?? 0) >= 0x80) at++;
  return at;
}

export function sameSpans(a: Span, b: Span): boolean {
  const length = a.end - a.start;
  if (b.end - b.start !== length) return false;
  for (let i = 0; i < length; i++) if (a.bytes[a.start + i] !== b.bytes[b.start + i]) return false;
  return true;
}
