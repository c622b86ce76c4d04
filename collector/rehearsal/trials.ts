import { formatDuration } from "../../config/values.ts";
import { bind } from "../alarms/bound.ts";
import type { Condition, Rule, Threshold } from "../alarms/rule.ts";
import type { Played } from "./play.ts";

/** One setting that an alarm might have. */
export interface Trial {
  readonly kind: "dead band" | "off-delay" | "on-delay";
  /** In the unit of the metric, or percent of the limit for a rule that goes by devices; ms for delays. */
  readonly size: number;
  /** `a dead band of 1.5`. */
  readonly text: string;
  readonly change: (rule: Rule) => Rule;
}

const delaysMs = [5_000, 10_000, 30_000, 60_000, 300_000, 900_000];
const percents = [0.5, 1, 2, 3, 5, 7, 10, 15, 20];

/** Settings that might calm what was played, by kind, the smallest first; none that it has already. */
export function trialsOf(played: readonly Played[]): readonly (readonly Trial[])[] {
  return [bandTrials(played), delayTrials(played, "off-delay"), delayTrials(played, "on-delay")];
}

function bandTrials(played: readonly Played[]): readonly Trial[] {
  const bands = played.flatMap(({ rule, track }) =>
    bind(rule, track.series).thresholds.flatMap(({ condition }) => bandOf(condition) ?? []),
  );
  if (bands.length === 0) return [];
  const [first] = played;
  if (first?.rule.device !== undefined) return shareTrials(first.rule.device.clearBy);
  const widest = Math.max(...bands.map((band) => band.widest)) || 0.5;
  const present = Math.max(...bands.map((band) => band.present));
  return roundNumbers(widest / 250, widest)
    .filter((size) => size > present)
    .map((size) => ({
      kind: "dead band",
      size,
      text: `a dead band of ${size}`,
      change: (rule) => withThresholds(rule, (threshold) => withBand(threshold, size)),
    }));
}

/** Of a rule that goes by devices the limits differ: a dead band is a share of each. */
function shareTrials(present: number | { readonly percent: number }): readonly Trial[] {
  if (typeof present === "number" && present > 0) return [];
  const least = typeof present === "number" ? 0 : present.percent;
  return percents
    .filter((percent) => percent > least)
    .map((percent) => ({
      kind: "dead band",
      size: percent,
      text: `a dead band of ${percent}% of the limit`,
      change: (rule) => (rule.device === undefined ? rule : { ...rule, device: { ...rule.device, clearBy: { percent } } }),
    }));
}

/** How wide the dead band of a condition is, and could be at most; undefined where it can have none. */
function bandOf(condition: Condition): { present: number; widest: number } | undefined {
  switch (condition.kind) {
    case "above":
    case "below":
    case "rate_above":
    case "rate_below":
      return {
        present: condition.clear === undefined ? 0 : Math.abs(condition.limit - condition.clear),
        widest: Math.abs(condition.limit) / 2,
      };
    case "outside": {
      const { low, high, clearLow, clearHigh } = condition;
      return { present: Math.max(clearLow - low, high - clearHigh), widest: (high - low) / 4 };
    }
    default:
      return undefined;
  }
}

function withBand(threshold: Threshold, size: number): Threshold {
  const { condition } = threshold;
  switch (condition.kind) {
    case "above":
    case "rate_above":
      return { ...threshold, condition: { ...condition, clear: condition.limit - size } };
    case "below":
    case "rate_below":
      return { ...threshold, condition: { ...condition, clear: condition.limit + size } };
    case "outside":
      return { ...threshold, condition: { ...condition, clearLow: condition.low + size, clearHigh: condition.high - size } };
    default:
      return threshold;
  }
}

function delayTrials(played: readonly Played[], kind: "off-delay" | "on-delay"): readonly Trial[] {
  const key = kind === "off-delay" ? "holdMs" : "forMs";
  const [first] = played;
  if (first === undefined) return [];
  const { thresholds, device } = first.rule;
  const present = Math.max(device?.[key] ?? 0, ...thresholds.map((threshold) => threshold[key]));
  const change = (ms: number) => (rule: Rule) => ({
    ...withThresholds(rule, (threshold) => ({ ...threshold, [key]: ms })),
    ...(rule.device === undefined ? {} : { device: { ...rule.device, [key]: ms } }),
  });
  return delaysMs
    .filter((ms) => ms > present)
    .map((ms) => ({ kind, size: ms, text: `an ${kind} of ${formatDuration(ms)}`, change: change(ms) }));
}

function withThresholds(rule: Rule, change: (threshold: Threshold) => Threshold): Rule {
  return { ...rule, thresholds: rule.thresholds.map(change) };
}

/** 1, 1.5, 2, 3, 5 and 7 of each power of ten between two numbers. */
function roundNumbers(from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power++) {
    for (const digits of [1, 1.5, 2, 3, 5, 7]) {
      const number = Number((digits * 10 ** power).toPrecision(6));
      if (number >= from && number <= to) found.push(number);
    }
  }
  return found;
}
