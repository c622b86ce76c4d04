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
