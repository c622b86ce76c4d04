import { formatDuration } from "../../config/values.ts";
import type { Condition } from "./rule.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Raises of one alarm that are remembered. */
const maxRaises = 500;
/** An alarm that is raised so often in a minute chatters (EEMUA 191, ISA-18.2). */
const chatterPerMinute = 3;

interface Raise {
  readonly time: number;
  /** How far the value had come back inside the limits since the raise before; NaN for the first, and where there is no limit. */
  readonly depth: number;
  /** How long the process had been normal. */
  readonly gapMs: number;
}

/** What of a habit outlives a restart: its newest raises as [time, depth, gapMs], and what is seen since the last one. */
export interface KeptHabit {
  /** Position of the threshold that was raised last. */
  readonly threshold: number;
  readonly depth: number;
  readonly ended: number;
  readonly raises: readonly (readonly [time: number, depth: number, gapMs: number])[];
}

/** Raises that outlive a restart: they are written with each one of them. */
const keptRaises = 200;

const none: readonly Raise[] = [];

/** How often one alarm comes and goes, and what would calm it. Made when it is first raised: an alarm at rest costs nothing. */
export class Habit {
  #raises: readonly Raise[] = none;
  #depth = Number.NEGATIVE_INFINITY;
  #ended = Number.NaN;
  #condition: Condition | undefined;

  /** As it was kept; `condition`: what was raised last, undefined where the rule has no such level any more. */
  static recalled({ raises, depth, ended }: KeptHabit, condition: Condition | undefined): Habit {
    const habit = new Habit();
    habit.#raises = raises.map(([time, deep, gapMs]) => ({ time, depth: deep, gapMs }));
    habit.#depth = Number.isNaN(depth) ? Number.NEGATIVE_INFINITY : depth;
    habit.#ended = ended;
    habit.#condition = condition;
    return habit;
  }

  /** What a restart must not lose; undefined for an alarm that was raised once only. */
  kept(threshold: number): KeptHabit | undefined {
    if (this.#raises.length < 2) return undefined;
    const raises = this.#raises.slice(-keptRaises).map(({ time, depth, gapMs }) => [time, depth, gapMs] as const);
    return { threshold, depth: this.#depth, ended: this.#ended, raises };
  }

  /** A value that was judged (for a condition on rates: the rate). */
  saw(value: number): void {
    if (this.#condition === undefined) return;
    const inside = insideBy(this.#condition, value);
    if (inside > this.#depth) this.#depth = inside;
  }

  raised(time: number, condition: Condition): void {
    const known = this.#raises.length > 0 && Number.isFinite(this.#depth);
    const raise = { time, depth: known ? this.#depth : Number.NaN, gapMs: time - this.#ended };
    // Copied: most alarms are raised once in a long time, and an array that was pushed to has room for many.
    this.#raises = this.#raises.length === 0 ? [raise] : [...this.#raises.slice(1 - maxRaises), raise];
    this.#condition = condition;
    this.#depth = Number.NEGATIVE_INFINITY;
  }

  ended(time: number): void {
    this.#ended = time;
  }

  lastMinute(now: number): number {
    return countSince(this.#raises, now - minuteMs);
  }

  lastDay(now: number): number {
    return countSince(this.#raises, now - dayMs);
  }

  chattering(now: number): boolean {
    return this.lastMinute(now) >= chatterPerMinute;
  }

  /** `a dead band of 1.5 (clear: 68.5) would have saved 41 of 44`; null where it never chattered. Remedies in the order of EEMUA 191. */
  advice(now: number): string | null {
    const raises = this.#raises.filter(({ time }) => time > now - dayMs);
    if (!hasChattered(raises)) return null;
    return deadBandAdvice(raises, this.#condition) ?? offDelayAdvice(raises);
  }
}

function hasChattered(raises: readonly Raise[]): boolean {
  return raises.some(({ time }, i) => (raises[i + chatterPerMinute - 1]?.time ?? Number.POSITIVE_INFINITY) - time < minuteMs);
}

function countSince(raises: readonly Raise[], since: number): number {
  let count = 0;
  for (let i = raises.length - 1; i >= 0 && (raises[i]?.time ?? since) > since; i--) count++;
  return count;
}

/** How far a value is inside the limits; NaN where a condition has none. */
function insideBy(condition: Condition, value: number): number {
  switch (condition.kind) {
    case "above":
    case "rate_above":
      return condition.limit - value;
    case "below":
    case "rate_below":
      return value - condition.limit;
    case "outside":
      return Math.min(value - condition.low, condition.high - value);
    default:
      return Number.NaN;
  }
}

/** A remedy has to save at least half of what there was. */
const worthwhile = 0.5;
/** A band wider than this share of its limit hides real changes. */
const widestBand = 0.25;

function deadBandAdvice(raises: readonly Raise[], condition: Condition | undefined): string | null {
  const depths = raises.map(({ depth }) => depth).filter((depth) => !Number.isNaN(depth));
  if (condition === undefined || depths.length === 0) return null;
  const deepest = mostOf(depths);
  // It comes back to the very limit and no further: no band that people would choose follows from that.
  if (deepest <= 0) return null;
  const band = nextRound(deepest);
  const saved = depths.filter((depth) => depth < band).length;
  const clear = clearOf(condition, band);
  if (clear === undefined || saved < worthwhile * raises.length) return null;
  return `a dead band of ${plain(band)} (clear: ${clear}) would have saved ${saved} of ${raises.length}`;
}

/** What `clear` would be, or undefined where a band so wide makes no sense. */
function clearOf(condition: Condition, band: number): string | undefined {
  if (condition.kind === "outside") {
    const { low, high } = condition;
    return band < widestBand * (high - low) ? `[${plain(low + band)}, ${plain(high - band)}]` : undefined;
  }
  if (!("limit" in condition) || (condition.limit !== 0 && band > widestBand * Math.abs(condition.limit))) return undefined;
  return plain(condition.kind === "above" || condition.kind === "rate_above" ? condition.limit - band : condition.limit + band);
}

function offDelayAdvice(raises: readonly Raise[]): string | null {
  const gaps = raises.map(({ gapMs }) => gapMs).filter((gap) => gap >= 0);
  if (gaps.length === 0) return null;
  // Two readings of one moment have no gap: a second is the least that anybody sets.
  const hold = 1000 * Math.ceil(nextRound(Math.max(mostOf(gaps), 1) / 1000));
  const saved = gaps.filter((gap) => gap < hold).length;
  if (saved < worthwhile * raises.length) return null;
  return `an off-delay of ${formatDuration(hold)} (hold) would have saved ${saved} of ${raises.length}`;
}

/** The value that nine in ten do not exceed. */
function mostOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(0.9 * sorted.length) - 1] ?? 0;
}

/** The next number above (for one above 0) with two digits that people choose: 1.43 becomes 1.5. */
function nextRound(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  // Just below a step is at it: limits are no exact binary fractions.
  return (Math.floor(value / (5 * unit) + 1e-6) + 1) * 5 * unit;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}
