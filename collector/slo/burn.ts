import type { Span } from "../../config/calendar.ts";
import { type BurnRule, highestBurn, type Slo } from "../../config/slo.ts";
import type { Level } from "../../core/level.ts";
import { tally } from "./tally.ts";
import type { Timeline } from "./timeline.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** One rule of the usual pattern: this share of the budget, spent within the long window, is worth telling. */
interface BudgetRule {
  readonly share: number;
  readonly longMs: number;
  readonly shortMs: number;
  readonly level: BurnRule["level"];
}

/** The multi-window pattern of the SRE Workbook (ch. 5) with the windows that Sloth uses for 30 and for 7 days. */
const monthly: readonly BudgetRule[] = [
  { share: 0.02, longMs: hourMs, shortMs: 5 * minuteMs, level: "critical" },
  { share: 0.05, longMs: 6 * hourMs, shortMs: 30 * minuteMs, level: "critical" },
  { share: 0.1, longMs: dayMs, shortMs: 2 * hourMs, level: "warning" },
  { share: 0.1, longMs: 3 * dayMs, shortMs: 6 * hourMs, level: "warning" },
];
const weeklyShares = [0.08, 0.125, 0.2, 0.42] as const;

/** Times the even rate at which a share of the budget is spent within the long window. */
export function burnFactor(share: number, periodMs: number, longMs: number): number {
  return (share * periodMs) / longMs;
}

/**
 * The usual four rules for a period. 28 and 30 days have the same windows, 7 days larger shares, as Sloth has them; other
 * periods have the monthly windows scaled with the period, which keeps 14.4, 6, 3 and 1.
 */
export function usualRules(periodMs: number): readonly BurnRule[] {
  const days = periodMs / dayMs;
  const scale = days === 7 || days === 28 ? 1 : days / 30;
  return monthly.map(({ share, longMs, shortMs, level }, i) => {
    const long = longMs * scale;
    return {
      factor: burnFactor(days === 7 ? (weeklyShares[i] ?? share) : share, periodMs, long),
      longMs: long,
      shortMs: shortMs * scale,
      level,
    };
  });
}

/**
 * The rules of an SLO: its own, or the usual ones. Of the usual ones a rule that could never fire (a plant's 90 % allows no
 * factor of 10) gets its windows doubled until it can: the same share of the budget, seen over a longer time.
 */
export function rulesOf({ target, windowMs, burn }: Pick<Slo, "target" | "windowMs" | "burn">): readonly BurnRule[] {
  return burn ?? usualRules(windowMs).map((rule) => reachable(rule, target));
}

function reachable(rule: BurnRule, target: number): BurnRule {
  const { factor, longMs, shortMs, level } = rule;
  if (factor < highestBurn(target) * (1 - 1e-12)) return rule;
  return reachable({ factor: factor / 2, longMs: longMs * 2, shortMs: shortMs * 2, level }, target);
}

/** Two rules may not be told apart by factor alone: `14.4x over 1h`. */
export interface BurnRate {
  readonly rule: BurnRule;
  /** Times the even rate; what is known of it: unknown time counts as good. Null where too little time was scheduled. */
  readonly long: number | null;
  readonly short: number | null;
  readonly firing: boolean;
}

export interface BurnInput {
  readonly timeline: Timeline;
  /** Scheduled spans until now, at least as long as the longest window where there is that much. */
  readonly spans: readonly Span[];
  readonly slo: Slo;
  readonly level: Level;
}

/** Burn rates as they stand at the end of the spans. A rule fires while both of its windows are at its factor or above. */
export function burnRates({ timeline, spans, slo, level }: BurnInput): readonly BurnRate[] {
  const rate = (windowMs: number): number | null => {
    const window = lastOf(spans, windowMs);
    const { good, down, unknown } = tally(timeline, { from: 0, to: 0, spans: window, level });
    const counted = good + down + unknown;
    // A short window is never asked for more than it is long.
    return counted === 0 || counted < Math.min(slo.minScheduledMs, windowMs) ? null : down / counted / (1 - slo.target);
  };
  return rulesOf(slo).map((rule) => {
    const long = rate(rule.longMs);
    const short = rate(rule.shortMs);
    const firing = long !== null && short !== null && long > rule.factor && short > rule.factor;
    return { rule, long, short, firing };
  });
}

/** The last `ms` of scheduled time: it may reach back over nights and weekends. */
export function lastOf(spans: readonly Span[], ms: number): readonly Span[] {
  const found: Span[] = [];
  let left = ms;
  for (let i = spans.length - 1; i >= 0 && left > 0; i--) {
    const span = spans[i];
    if (span === undefined) break;
    const from = Math.max(span.from, span.to - left);
    found.unshift({ from, to: span.to });
    left -= span.to - from;
  }
  return found;
}
