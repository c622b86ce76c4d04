import { formatDuration } from "../../config/values.ts";
import type { Rule, Threshold } from "../alarms/rule.ts";
import { type Played, play } from "./play.ts";

/** One setting that an alarm might have. */
interface Trial {
  readonly kind: "dead band" | "off-delay" | "on-delay";
  /** In the unit of the metric, or ms. */
  readonly size: number;
  readonly change: (rule: Rule) => Rule;
}

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
const delaysMs = [5_000, 10_000, 30_000, 60_000, 300_000, 900_000];

/**
 * What would have made an alarm (one rule, or what overrides make of it) come less often on these tracks: of each kind of setting the smallest that saves at least half
 * of them. Empty where it came less than three times.
 */
export function adviceFor(played: readonly Played[], span: { from: number; to: number }): readonly Advice[] {
  const countOf = (change: Trial["change"]): number =>
    played.reduce((sum, { rule, track }) => sum + play({ rule: change(rule), track }, span).length, 0);
  const of = countOf((rule) => rule);
  const rule = played[0]?.rule;
  if (of < fewest || rule === undefined) return [];
  return [bandTrials(rule), delayTrials(rule, "off-delay"), delayTrials(rule, "on-delay")].flatMap((trials) => {
    for (const { kind, size, change } of trials) {
      const saved = of - countOf(change);
      if (2 * saved >= of) return [{ kind, size, saved, of, text: adviceText(kind, size, saved, of) }];
    }
    return [];
  });
}

function adviceText(kind: Trial["kind"], size: number, saved: number, of: number): string {
  const what = kind === "dead band" ? `a dead band of ${size}` : `an ${kind} of ${formatDuration(size)}`;
  return `${what} would have saved ${saved} of ${of}`;
}

/** Dead bands wider than the present one, the narrowest first: round numbers from 0.2 % to half of the limit. */
function bandTrials(rule: Rule): readonly Trial[] {
  const limits = rule.thresholds.flatMap(({ condition }) =>
    condition.kind === "above" || condition.kind === "below" ? [{ limit: condition.limit, band: bandOf(condition) }] : [],
  );
  if (limits.length === 0) return [];
  const size = Math.max(...limits.map(({ limit }) => Math.abs(limit))) || 1;
  const present = Math.max(...limits.map(({ band }) => band));
  return roundNumbers(size / 500, size / 2)
    .filter((band) => band > present)
    .map((band) => ({ kind: "dead band", size: band, change: (one) => withThresholds(one, (threshold) => withBand(threshold, band)) }));
}

function bandOf(condition: { limit: number; clear: number | undefined }): number {
  return condition.clear === undefined ? 0 : Math.abs(condition.limit - condition.clear);
}

function withBand(threshold: Threshold, band: number): Threshold {
  const { condition } = threshold;
  if (condition.kind !== "above" && condition.kind !== "below") return threshold;
  const clear = condition.kind === "above" ? condition.limit - band : condition.limit + band;
  return { ...threshold, condition: { ...condition, clear } };
}

function delayTrials(rule: Rule, kind: "off-delay" | "on-delay"): readonly Trial[] {
  const key = kind === "off-delay" ? "holdMs" : "forMs";
  const present = Math.max(...rule.thresholds.map((threshold) => threshold[key]));
  return delaysMs
    .filter((ms) => ms > present)
    .map((ms) => ({ kind, size: ms, change: (one) => withThresholds(one, (threshold) => ({ ...threshold, [key]: ms })) }));
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
