import type { Gap } from "../core/batch.ts";

/** What becomes of a batch by its number alone (docs/delivery.md §3.2, rules 1 and 2). */
export type Place = { readonly kind: "next" } | { readonly kind: "duplicate" } | { readonly kind: "hole"; readonly expect: number };

/** `mark` is the last number that is stored of this epoch; undefined before the first, which may be any. */
export function place(mark: number | undefined, seq: number, gaps: readonly Gap[]): Place {
  if (mark === undefined) return { kind: "next" };
  if (seq <= mark) return { kind: "duplicate" };
  return covers(gaps, mark + 1, seq - 1) ? { kind: "next" } : { kind: "hole", expect: mark + 1 };
}

/** True when gaps name every number from `first` to `last`; an empty span needs none. */
function covers(gaps: readonly Gap[], first: number, last: number): boolean {
  let missing = first;
  for (const gap of [...gaps].sort((a, b) => a.firstSeq - b.firstSeq)) {
    if (missing > last) break;
    if (gap.firstSeq > missing) return false;
    missing = Math.max(missing, gap.lastSeq + 1);
  }
  return missing > last;
}
