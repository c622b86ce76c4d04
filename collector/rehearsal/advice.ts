import { type Played, play } from "./play.ts";
import { type Trial, trialsOf } from "./trials.ts";

/** A setting with which an alarm would have come less often. */
export interface Advice {
  readonly kind: Trial["kind"];
  readonly size: number;
  /** Alarms that would not have been. */
  readonly saved: number;
  readonly of: number;
  /** `a dead band of 1.5 would have saved 41 of 44`. */
  readonly text: string;
}

/** Fewer alarms than this are no reason for advice. */
const fewest = 3;

/**
 * What would have made an alarm (one rule, or what overrides make of it) come less often on these tracks: of each kind of setting the smallest that saves at least half
 * of them. Empty where it came less than three times.
 */
export function adviceFor(played: readonly Played[], span: { from: number; to: number }): readonly Advice[] {
  const countOf = (change: Trial["change"]): number =>
    played.reduce((sum, { rule, track }) => sum + play({ rule: change(rule), track }, span).length, 0);
  const of = countOf((rule) => rule);
  if (of < fewest) return [];
  return trialsOf(played).flatMap((trials) => {
    for (const { kind, size, text, change } of trials) {
      const saved = of - countOf(change);
      if (2 * saved >= of) return [{ kind, size, saved, of, text: `${text} would have saved ${saved} of ${of}` }];
    }
    return [];
  });
}
