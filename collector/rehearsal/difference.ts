/** Something that is not as a test expects it. */
export interface Difference {
  /** `at 40s: service bottling-line-3`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** What is expected of `found` and not there, and what is there and not expected, in one difference; none where all fits. */
export function listDifference<E, F>(
  what: string,
  lists: {
    readonly expected: readonly E[];
    readonly found: readonly F[];
    readonly matches: (expected: E, found: F) => boolean;
    /** Nobody needs to expect it. */
    readonly mayBe?: (found: F) => boolean;
    readonly text: { readonly expected: (one: E) => string; readonly found: (one: F) => string };
  },
): readonly Difference[] {
  const { expected, found, matches, text, mayBe = () => false } = lists;
  const left = new Set(found);
  const missing = expected.filter((one) => {
    const match = [...left].find((other) => matches(one, other));
    if (match !== undefined) left.delete(match);
    return match === undefined;
  });
  if (missing.length === 0 && [...left].every(mayBe)) return [];
  return [{ what, expected: expected.map(text.expected).join("; ") || "none", found: found.map(text.found).join("; ") || "none" }];
}
