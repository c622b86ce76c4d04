import type { Level } from "../../core/level.ts";
import type { SeriesDescription } from "../../core/reading.ts";
import { deviceThresholds } from "./device.ts";
import type { Condition, Rule, Threshold } from "./rule.ts";
import { type LevelState, normal } from "./state.ts";
import type { TallyRule } from "./trace.ts";

/** A threshold with the number of its state: undefined where the series knows no such state. */
export interface BoundThreshold {
  readonly level: Level;
  readonly condition: Condition;
  readonly state: number | undefined;
  readonly forMs: number;
  readonly holdMs: number;
  /** What it counts; undefined where it does not. */
  readonly tally: TallyRule | undefined;
}

/** A rule as it applies to one series. */
export interface BoundRule {
  readonly thresholds: readonly BoundThreshold[];
  /** Every threshold normal. */
  readonly atRest: readonly LevelState[];
  readonly latch: boolean;
  /** How long a value speaks for the present: 3 intervals, at least 10 s. */
  readonly validMs: number;
  /** Its values are those of a counter. */
  readonly counter: boolean;
  readonly tallies: boolean;
  readonly rates: boolean;
}

/** Three intervals without a value and it is no longer known; never sooner than 10 s. */
export function validityMs(everyMs: number): number {
  return Math.max(3 * everyMs, 10_000);
}

type BoundTo = Pick<SeriesDescription, "everyMs" | "states" | "limits" | "meanings"> & Partial<Pick<SeriesDescription, "kind">>;

/** A rule as it was bound last, where that depends on interval and kind alone: a hundred thousand series share it. */
const shared = new WeakMap<Rule, { readonly everyMs: number; readonly kind: BoundTo["kind"]; readonly bound: BoundRule }>();

/** A rule for one series: names of states become their numbers, and what its device says becomes thresholds. */
export function bind(rule: Rule, series: BoundTo): BoundRule {
  const own = rule.device !== undefined || rule.thresholds.some(({ condition }) => condition.kind === "is" || condition.kind === "is_not");
  if (own) return boundAnew(rule, series);
  const { everyMs, kind } = series;
  const known = shared.get(rule);
  if (known?.everyMs === everyMs && known.kind === kind) return known.bound;
  const bound = boundAnew(rule, series);
  shared.set(rule, { everyMs, kind, bound });
  return bound;
}

function boundAnew(rule: Rule, series: BoundTo): BoundRule {
  const levels = rule.device === undefined ? rule.thresholds : deviceThresholds(series, rule.device);
  const thresholds = levels.map((threshold) => boundThreshold(threshold, series));
  return {
    thresholds,
    atRest: thresholds.map(() => normal),
    latch: rule.latch,
    validMs: validityMs(series.everyMs),
    counter: series.kind === "counter",
    tallies: thresholds.some(({ tally }) => tally !== undefined),
    rates: thresholds.some(({ condition }) => isRate(condition)),
  };
}

function boundThreshold({ level, condition, forMs, holdMs, count }: Threshold, series: BoundTo): BoundThreshold {
  const state = condition.kind === "is" || condition.kind === "is_not" ? stateNumber(condition.state, series.states ?? {}) : undefined;
  return { level, condition, state, forMs, holdMs, tally: condition.kind === "changes" ? condition : count };
}

/** True for a condition on how fast a value changes. */
export function isRate(condition: Condition): condition is Condition & { kind: "rate_above" | "rate_below" } {
  return condition.kind === "rate_above" || condition.kind === "rate_below";
}

function stateNumber(state: string | number, names: Readonly<Record<number, string>>): number | undefined {
  if (typeof state === "number") return state;
  const entries = Object.entries(names);
  const found = entries.find(([, name]) => name === state) ?? entries.find(([, name]) => name.toLowerCase() === state.toLowerCase());
  if (found !== undefined) return Number(found[0]);
  const number = Number(state);
  return state.trim() === "" || Number.isNaN(number) ? undefined : number;
}
