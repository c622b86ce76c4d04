import { formatDuration } from "../../config/values.ts";
import { levelName } from "../../core/level.ts";
import type { IndexedSeries } from "../../core/store.ts";
import { formatQuantity, metricWords } from "../quantity.ts";
import { isRate } from "./bound.ts";
import type { Watch } from "./engine.ts";
import type { Condition } from "./rule.ts";

/** The asset that an alarm is about, as messages name it. */
export interface NamedAsset {
  readonly id: string;
  readonly name: string;
}

/** `Filler 31: bearing at 92 °C`: the rule's own text filled in, or a sentence of ours. The value is the newest known. */
export function alarmText(watch: Watch, asset: NamedAsset): string {
  const template = watch.rule.text;
  if (template === undefined) return `${asset.name}: ${ownText(watch)}`;
  return template.replace(/\{([a-zA-Z_][\w.]*)\}/g, (whole, key: string) => placeholder(key, watch, asset) ?? whole);
}

/** What can stand in a text: {asset.name}, {asset.id}, {value}, {level}, {metric}, {labels.NAME}. */
function placeholder(key: string, watch: Watch, asset: NamedAsset): string | undefined {
  if (key === "asset.name") return asset.name;
  if (key === "asset.id") return asset.id;
  if (key === "value") return valueText(watch.series, watch.state.value);
  if (key === "metric") return watch.series.metric;
  if (key === "level") return levelName(watch.standing?.level ?? 0);
  return key.startsWith("labels.") ? (watch.series.labels[key.slice("labels.".length)] ?? "") : undefined;
}

function ownText(watch: Watch): string {
  const { series, state } = watch;
  const what = subject(series);
  const condition = conditionOf(watch);
  if (condition?.kind === "stale") return `no ${what} for more than ${formatDuration(condition.afterMs)}`;
  if (condition?.kind === "changes") return `${what} changed ${condition.times} times or more within ${formatDuration(condition.withinMs)}`;
  if (condition !== undefined && isRate(condition)) return rateText(watch, what);
  if (Number.isNaN(state.value)) return `${what} out of limits when last heard`;
  return `${what} ${series.kind === "state" ? "is" : "at"} ${valueText(series, state.value)}`;
}

/** `Gi1/0/1 in errors rising by 12 a second`. How fast is not known over a restart. */
function rateText({ series, state, standing }: Watch, what: string): string {
  const rate = standing === undefined ? undefined : state.rates?.[standing.threshold]?.rate;
  if (rate === undefined || Number.isNaN(rate)) return `${what} changing out of limits when last heard`;
  return `${what} ${rate < 0 ? "falling" : "rising"} by ${formatQuantity(Math.abs(rate), series)} a second`;
}

/** `bearing temperature`, `Gi1/0/1 oper status`: labels first, they say which one. */
function subject(series: IndexedSeries): string {
  const words = metricWords(series.metric);
  const labels = Object.values(series.labels).filter((value) => !words.split(" ").includes(value));
  return [...labels, words].join(" ");
}

/** A value with its unit, or a state's name. */
export function valueText(series: Pick<IndexedSeries, "kind" | "states" | "unit" | "metric">, value: number): string {
  const state = series.kind === "state" ? series.states?.[value] : undefined;
  return state ?? formatQuantity(value, series);
}

/** `above 85 °C`: the limit that was passed; undefined where the text says it already. */
export function limitText(watch: Watch): string | undefined {
  const condition = conditionOf(watch);
  if (condition === undefined) return undefined;
  const { series } = watch;
  if (condition.kind === "above" || condition.kind === "below") return `${condition.kind} ${formatQuantity(condition.limit, series)}`;
  if (condition.kind === "outside") return `outside ${formatQuantity(condition.low, series)} to ${formatQuantity(condition.high, series)}`;
  if (condition.kind === "rate_above") return `limit ${formatQuantity(condition.limit, series)} a second`;
  if (condition.kind === "rate_below") return `expected ${formatQuantity(condition.limit, series)} a second or more`;
  if (condition.kind === "is_not") return `expected ${condition.state}`;
  return undefined;
}

function conditionOf(watch: Watch): Condition | undefined {
  return watch.standing === undefined ? undefined : watch.bound.thresholds[watch.standing.threshold]?.condition;
}
