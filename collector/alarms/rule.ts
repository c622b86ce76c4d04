import type { AlarmConfig, Threshold as ThresholdConfig } from "../../config/alarms.ts";
import type { AssetIndex } from "../../config/members.ts";
import type { Need } from "../../config/services.ts";
import { type Level, levelOf } from "../../core/level.ts";
import type { SeriesDescription } from "../../core/reading.ts";

/** What a value must do for a level to be reached. A `stale` one is about time, the others about values. */
export type Condition =
  /** Reached above `limit`, or at it where `inclusive`; left at or below `clear`. */
  | { readonly kind: "above"; readonly limit: number; readonly inclusive: boolean; readonly clear: number | undefined }
  | { readonly kind: "below"; readonly limit: number; readonly inclusive: boolean; readonly clear: number | undefined }
  /** Name or number of a state. */
  | { readonly kind: "is"; readonly state: string | number }
  | { readonly kind: "is_not"; readonly state: string | number }
  | { readonly kind: "stale"; readonly afterMs: number };

/** One level of a rule. */
export interface Threshold {
  readonly level: Level;
  readonly condition: Condition;
  readonly forMs: number;
  readonly holdMs: number;
}

/** An alarm of config, or the condition of a service's metric need, ready to be bound to series. */
export interface Rule {
  readonly id: string;
  readonly metric: string;
  readonly where: Readonly<Record<string, string>>;
  /** Ascending by level, at least one. */
  readonly thresholds: readonly Threshold[];
  readonly latch: boolean;
  readonly text: string | undefined;
  readonly runbook: string | undefined;
  /** `asset`: counts for the level of its asset. A number: the metric leaf of the service graph that it feeds instead. */
  readonly feeds: "asset" | number;
}

/** Rules by the asset (position in config) whose series they may fit. */
export type RuleBook = ReadonlyMap<number, readonly Rule[]>;

const levels = ["warning", "major", "critical"] as const;

/** An alarm of config as a rule. */
export function ruleOf(id: string, config: AlarmConfig): Rule {
  const thresholds = levels.flatMap((name) => {
    const level = config[name];
    return level === undefined ? [] : [{ level: levelOf(name), condition: conditionOf(level), forMs: level.for, holdMs: level.hold }];
  });
  const { metric, where, latch, text, runbook } = config;
  return { id, metric, where, thresholds, latch, text, runbook, feeds: "asset" };
}

function conditionOf(level: ThresholdConfig): Condition {
  if (level.above !== undefined) return { kind: "above", limit: level.above, inclusive: false, clear: level.clear };
  if (level.below !== undefined) return { kind: "below", limit: level.below, inclusive: false, clear: level.clear };
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
    metric: need.metric,
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
    const rule = ruleOf(id, alarm);
    for (const asset of index.select(alarm.on ?? { labels: { id: alarm.asset ?? "" } })) put(asset, rule);
  }
  for (const { asset, rule } of needs) put(asset, rule);
  return book;
}

/** True when the rule is about this series of its asset. */
export function fits(rule: Rule, series: Pick<SeriesDescription, "metric" | "labels">): boolean {
  return rule.metric === series.metric && Object.entries(rule.where).every(([name, value]) => series.labels[name] === value);
}
