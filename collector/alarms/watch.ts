import type { IndexedSeries } from "../../core/store.ts";
import type { BoundRule } from "./bound.ts";
import type { Habit } from "./habit.ts";
import type { Handling } from "./isa.ts";
import type { Rule } from "./rule.ts";
import type { AlarmState, Standing } from "./state.ts";

/** One rule on one series: what ISA-18.2 calls an alarm, and a service's leaf. */
export interface Watch {
  /** `bearing-hot:filler-31:sensor=bearing`: the same over restarts. */
  readonly id: string;
  readonly rule: Rule;
  readonly series: IndexedSeries;
  /** Position of its asset in config. */
  readonly asset: number;
  readonly bound: BoundRule;
  readonly state: AlarmState;
  /** Undefined while normal. */
  readonly standing: Standing | undefined;
  /** What people did to it, and were told of it. */
  readonly handling: Handling;
  /** How often it comes and goes; undefined before it was first raised. */
  readonly habit: Habit | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `timer`: the deadline that stands in the heap for it; `raisedAs`: the threshold that was raised last; `listed`: see `WatchList`. */
export type LiveWatch = Mutable<Watch> & { timer: number; raisedAs: number; listed: number };

export function isLatched(watch: Pick<Watch, "standing">): boolean {
  return watch.standing?.phase === "latched";
}

export function watchId(rule: Rule, series: IndexedSeries): string {
  const labels = Object.entries(series.labels).map(([name, value]) => `${name}=${value}`);
  // Only a rule of devices may be about several metrics of an asset.
  const metric = rule.device === undefined ? [] : [series.metric];
  return [rule.id, series.asset, ...metric, ...labels.sort()].join(":");
}
