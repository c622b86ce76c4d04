import { type AlarmConfig, levelsFor, metricsOf, type SuppressWhen, type Threshold as ThresholdConfig } from "../../config/alarms.ts";
import { type DeviceRule, deviceRule } from "../../config/from-device.ts";
import type { AssetIndex } from "../../config/members.ts";
import type { Need } from "../../config/services.ts";
import { levelKeys } from "../../config/thresholds.ts";
import { type Level, levelOf } from "../../core/level.ts";
import type { SeriesDescription } from "../../core/reading.ts";
import { judgesItself } from "./device.ts";

/** What a value must do for a level to be reached. A `stale` one is about time, the others about values. */
export type Condition =
  /** Reached above `limit`, or at it where `inclusive`; left at or below `clear`. */
  | { readonly kind: "above"; readonly limit: number; readonly inclusive: boolean; readonly clear: number | undefined }
  | { readonly kind: "below"; readonly limit: number; readonly inclusive: boolean; readonly clear: number | undefined }
  /** Reached below `low` or above `high`; left once within the dead band's two limits. */
  | { readonly kind: "outside"; readonly low: number; readonly high: number; readonly clearLow: number; readonly clearHigh: number }
  /** About the change a second over at least `overMs` (0: since the reading before), resets of a counter taken out. */
  | { readonly kind: "rate_above" | "rate_below"; readonly limit: number; readonly clear: number | undefined; readonly overMs: number }
  /** Reached while the value changed at least `times` within `withinMs`. */
  | { readonly kind: "changes"; readonly times: number; readonly withinMs: number }
  /** Name or number of a state. */
  | { readonly kind: "is"; readonly state: string | number }
  | { readonly kind: "is_not"; readonly state: string | number }
  /** The state is one of `states` or one that is worse; in one of the `silent` ones the device says nothing. */
  | { readonly kind: "means"; readonly states: readonly number[]; readonly worse: readonly number[]; readonly silent: readonly number[] }
  | { readonly kind: "stale"; readonly afterMs: number };

/** One level of a rule. */
export interface Threshold {
  readonly level: Level;
  readonly condition: Condition;
  readonly forMs: number;
  readonly holdMs: number;
  /** The condition has to come true so often within this time before the level is reached. */
  readonly count?: { readonly times: number; readonly withinMs: number } | undefined;
}

/** An alarm of config, or the condition of a service's metric need, ready to be bound to series. */
export interface Rule {
  readonly id: string;
  /** The metrics that it is about; of a rule with `device` all, where none is named. */
  readonly metrics: readonly string[];
  readonly where: Readonly<Record<string, string>>;
  /** Ascending by level. None where there are only values to watch, or where `device` says that series have their own. */
  readonly thresholds: readonly Threshold[];
  /** Each series is judged by its own limits and meanings of states. */
  readonly device?: DeviceRule | undefined;
  readonly latch: boolean;
  readonly text: string | undefined;
  readonly runbook: string | undefined;
  /**
   * `asset`: counts for the level of its asset. A number: the metric leaf of the service graph that it feeds instead. `suppression`:
   * it is no alarm that people see, other alarms are suppressed by it.
   */
  readonly feeds: "asset" | "suppression" | number;
  /** Suppressed by design while any of these holds. */
  readonly suppressWhen?: readonly SuppressWhen[];
  /** Alarms that tell which of them was first; those of one asset without it. */
  readonly group?: string | undefined;
}

/** Rules by the asset (position in config) whose series they may fit. */
export type RuleBook = ReadonlyMap<number, readonly Rule[]>;

/** An alarm of config as a rule, as it applies to one asset. */
export function ruleOf(id: string, config: AlarmConfig, asset = ""): Rule {
  const levels = levelsFor(config, asset);
  const thresholds = levelKeys.flatMap((name) => {
    const level = levels[name];
    return level === undefined ? [] : [thresholdOf(name, level)];
  });
  const { where, latch, text, runbook, suppress_when: suppressWhen, group } = config;
  const device = config.from_device === undefined ? undefined : deviceRule(config.from_device);
  const metrics = metricsOf(config);
  return { id, metrics, where, thresholds, device, latch, text, runbook, feeds: "asset", suppressWhen, group };
}

function thresholdOf(name: (typeof levelKeys)[number], config: ThresholdConfig): Threshold {
  const { count, within = 0 } = config;
  return {
    level: levelOf(name),
    condition: conditionOf(config),
    forMs: config.for,
    holdMs: config.hold,
    ...(count === undefined ? {} : { count: { times: count, withinMs: within } }),
  };
}

function conditionOf(level: ThresholdConfig): Condition {
  const clear = typeof level.clear === "number" ? level.clear : undefined;
  const overMs = level.over ?? 0;
  if (level.above !== undefined) return { kind: "above", limit: level.above, inclusive: false, clear };
  if (level.below !== undefined) return { kind: "below", limit: level.below, inclusive: false, clear };
  if (level.outside !== undefined) {
    const [low, high] = level.outside;
    const [clearLow, clearHigh] = typeof level.clear === "object" ? level.clear : level.outside;
    return { kind: "outside", low, high, clearLow, clearHigh };
  }
  if (level.rate_above !== undefined) return { kind: "rate_above", limit: level.rate_above, clear, overMs };
  if (level.rate_below !== undefined) return { kind: "rate_below", limit: level.rate_below, clear, overMs };
  if (level.changes !== undefined) return { kind: "changes", times: level.changes, withinMs: level.within ?? 0 };
  if (level.is !== undefined) return { kind: "is", state: level.is };
  if (level.is_not !== undefined) return { kind: "is_not", state: level.is_not };
  return { kind: "stale", afterMs: level.stale ?? 0 };
}

export type MetricNeed = Need & { readonly kind: "metric" };

/** What must hold, as text: `compressor pressure_pascals >= 600000`. Equal texts are one rule, whichever services ask. */
export function metricNeedText(need: MetricNeed): string {
  const where = Object.entries(need.where).map(([name, value]) => `${name}=${value}`);
  return `${need.asset} ${need.metric}${where.length === 0 ? "" : `{${where.join(",")}}`} ${need.comparison} ${need.value}`;
}

/** A metric need as a rule that is active while the need is not met; it feeds leaf `leaf` of the graph. */
export function needRule(need: MetricNeed, leaf: number): Rule {
  const rising = need.comparison === ">=" || need.comparison === ">";
  const condition: Condition = {
    kind: rising ? "below" : "above",
    limit: need.value,
    inclusive: need.comparison === ">" || need.comparison === "<",
    clear: need.clear,
  };
  return {
    id: metricNeedText(need),
    metrics: [need.metric],
    where: need.where,
    thresholds: [{ level: levelOf(need.worst), condition, forMs: need.forMs, holdMs: 0 }],
    latch: false,
    text: undefined,
    runbook: undefined,
    feeds: leaf,
  };
}

/** Every rule by the assets that it is about. */
export function ruleBook(
  alarms: Readonly<Record<string, AlarmConfig>>,
  needs: readonly { readonly asset: number; readonly rule: Rule }[],
  index: AssetIndex,
): RuleBook {
  const book = new Map<number, Rule[]>();
  const put = (asset: number, rule: Rule): void => {
    const rules = book.get(asset);
    if (rules === undefined) book.set(asset, [rule]);
    else rules.push(rule);
  };
  for (const [id, alarm] of Object.entries(alarms)) {
    const common = ruleOf(id, alarm);
    for (const asset of index.select(alarm.on ?? { labels: { id: alarm.asset ?? "" } })) {
      const name = index.idOf(asset);
      const rule = alarm.override[name] === undefined ? common : ruleOf(id, alarm, name);
      if (rule.thresholds.length > 0 || rule.device !== undefined) put(asset, rule);
    }
    for (const { asset, rule } of suppressors(id, alarm, index)) put(asset, rule);
  }
  for (const { asset, rule } of needs) put(asset, rule);
  return book;
}

/** The metrics that suppress an alarm, as rules on the assets that they are of. */
function suppressors(id: string, alarm: AlarmConfig, index: AssetIndex): readonly { asset: number; rule: Rule }[] {
  return alarm.suppress_when.flatMap((when, i) => {
    if (!("metric" in when)) return [];
    const { metric, where } = when;
    const thresholds = [thresholdOf("critical", when.while)];
    const common = { latch: false, text: undefined, runbook: undefined, feeds: "suppression" as const };
    const rule: Rule = { id: suppressorId(id, i), metrics: [metric], where, thresholds, ...common };
    const selected = when.asset === undefined ? (alarm.on ?? { labels: { id: alarm.asset ?? "" } }) : { labels: { id: when.asset } };
    return index.select(selected).map((asset) => ({ asset, rule }));
  });
}

/** Of the n-th entry of an alarm's `suppress_when`. No alarm of a config has such an id. */
export function suppressorId(alarm: string, n: number): string {
  return `${alarm} suppressed by ${n}`;
}

/** True when the rule is about this series of its asset. */
export function fits({ metrics, where, device }: FittingRule, series: FittedSeries): boolean {
  if (metrics.length > 0 && !metrics.includes(series.metric)) return false;
  return Object.entries(where).every(([name, value]) => series.labels[name] === value) && (device === undefined || judgesItself(series));
}

type FittingRule = Pick<Rule, "metrics" | "where" | "device">;
type FittedSeries = Pick<SeriesDescription, "metric" | "labels" | "limits" | "meanings">;
