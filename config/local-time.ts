import { IANAZone } from "luxon";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * The moment of a local time in a zone, ms since epoch. `local` is that time as if it were UTC. A time that a change of the
 * clocks repeats is the first of the two; one that it skips is the moment of the change. (Luxon's own choice for a repeated
 * time depends on the season in which it is asked.)
 */
export function instantOf(local: number, zone: string): number {
  const rules = IANAZone.create(zone);
  const offset = (at: number): number => rules.offset(at) * minuteMs;
  const candidates = [local - offset(local - dayMs), local - offset(local + dayMs)].sort((a, b) => a - b);
  const valid = candidates.find((at) => at + offset(at) === local);
  return valid ?? changeBetween(offset, candidates[0] ?? local, candidates[1] ?? local);
}

/** Local time of a moment, as if it were UTC. */
export function localOf(at: number, zone: string): number {
  return at + IANAZone.create(zone).offset(at) * minuteMs;
}

/** The first moment after `before` that has the offset of `after`. */
function changeBetween(offset: (at: number) => number, before: number, after: number): number {
  const target = offset(after);
  let low = before;
  let high = after;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === target) high = middle;
    else low = middle;
  }
  return high;
}
