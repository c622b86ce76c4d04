import type { Span } from "../../config/calendar.ts";
import type { Level } from "../../core/level.ts";
import { classOf } from "./state.ts";
import type { Timeline } from "./timeline.ts";

/** Where the time of a period went, ms. scheduled = good + down + planned + unknown; the rest of the period is outside. */
export interface Tally {
  readonly scheduled: number;
  readonly outside: number;
  readonly good: number;
  readonly down: number;
  /** Down, and would not be without maintenance. */
  readonly planned: number;
  readonly unknown: number;
}

/** What is counted: a period, the scheduled spans of it in order and apart, and the level from which on a service is down. */
export interface Counted {
  readonly from: number;
  readonly to: number;
  readonly spans: readonly Span[];
  readonly level: Level;
}

export function tally(timeline: Timeline, { from, to, spans, level }: Counted): Tally {
  const sums = { good: 0, down: 0, planned: 0, unknown: 0 };
  let scheduled = 0;
  for (const span of spans) {
    scheduled += span.to - span.from;
    timeline.walk(span.from, span.to, (start, end, code) => {
      sums[classOf(code, level)] += end - start;
    });
  }
  return { ...sums, scheduled, outside: Math.max(0, to - from) - scheduled };
}

/** A share that is not known for sure: not less than low, not more than high. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Share of scheduled time without planned work that was good; unknown time counts as bad in low and as good in high. Null where there was none. */
export function sliOf({ good, down, unknown }: Tally): Bounds | null {
  const counted = good + down + unknown;
  return counted === 0 ? null : { low: good / counted, high: (good + unknown) / counted };
}

/** Share of scheduled time of which we know how it was, 0..1; 1 where nothing was scheduled. */
export function coverageOf({ scheduled, unknown }: Tally): number {
  return scheduled === 0 ? 1 : (scheduled - unknown) / scheduled;
}

/** How much downtime a target allows, and what is left of it. */
export interface Budget {
  /** ms. */
  readonly total: number;
  readonly spent: Bounds;
  /** 1 untouched, 0 spent, negative overdrawn. Null where there is no budget. */
  readonly remaining: Bounds | null;
}

/** `scheduled` is that of the whole period, also where it is not over yet. */
export function budgetOf({ down, unknown, planned }: Tally, target: number, scheduled: number): Budget {
  const total = (1 - target) * Math.max(0, scheduled - planned);
  const spent = { low: down, high: down + unknown };
  return { total, spent, remaining: total === 0 ? null : { low: 1 - spent.high / total, high: 1 - spent.low / total } };
}

const hourMs = 3_600_000;

/** What unplanned downtime within scheduled time cost, to the cent. */
export function costOf({ down, unknown }: Tally, perHour: number): Bounds {
  const cents = (ms: number): number => Math.round((ms / hourMs) * perHour * 100) / 100;
  return { low: cents(down), high: cents(down + unknown) };
}
