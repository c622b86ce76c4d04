import type { Span } from "../../config/calendar.ts";
import { formatDuration } from "../../config/values.ts";
import { levelName } from "../../core/level.ts";
import type { AvailabilityView, BoundsView, BudgetView, BurnView, SloView } from "../../core/service-level.ts";
import { type BurnRate, burnRates } from "./burn.ts";
import type { Objective } from "./objective.ts";
import { type Bounds, type Budget, budgetOf, costOf, coverageOf, sliOf, type Tally, tally } from "./tally.ts";
import type { Timeline } from "./timeline.ts";

const seconds = (ms: number): number => ms / 1000;
const both = ({ low, high }: Bounds): BoundsView => ({ low: seconds(low), high: seconds(high) });

/** A tally as the API shows it. */
export function availabilityView(sums: Tally, { from, to }: Span, { cost }: Pick<Objective, "cost">): AvailabilityView {
  return {
    from,
    to,
    scheduled_seconds: seconds(sums.scheduled),
    outside_seconds: seconds(sums.outside),
    good_seconds: seconds(sums.good),
    down_seconds: seconds(sums.down),
    planned_seconds: seconds(sums.planned),
    unknown_seconds: seconds(sums.unknown),
    sli: sliOf(sums),
    coverage: coverageOf(sums),
    cost: cost === undefined ? null : { ...costOf(sums, cost.amount), currency: cost.currency },
  };
}

export function budgetView({ total, spent, remaining }: Budget): BudgetView {
  return { seconds: seconds(total), spent_seconds: both(spent), remaining_ratio: remaining };
}

/** How a service stands against its SLO; undefined where it has none. `firingSince` says since when a rule fires, by its name. */
export function sloView(
  objective: Objective,
  timeline: Timeline,
  { now, firingSince }: { now: number; firingSince: (name: string) => number | null },
): SloView | undefined {
  const { slo, schedule, level } = objective;
  if (slo === undefined) return undefined;
  const period = { from: now - slo.windowMs, to: now };
  const spans = schedule.spans(period.from, period.to);
  const sums = tally(timeline, { ...period, spans, level });
  return {
    ...availabilityView(sums, period, objective),
    target: slo.target,
    level: levelName(level),
    window_seconds: seconds(slo.windowMs),
    budget: budgetView(budgetOf(sums, slo.target, sums.scheduled)),
    burn: burnRates({ timeline, spans, slo, level }).map((rate) => burnView(rate, firingSince)),
  };
}

function burnView(rate: BurnRate, firingSince: (name: string) => number | null): BurnView {
  const { rule, long, short, firing } = rate;
  const name = burnName(rule);
  return {
    name,
    level: rule.level,
    factor: rule.factor,
    long_seconds: seconds(rule.longMs),
    short_seconds: seconds(rule.shortMs),
    long_rate: long,
    short_rate: short,
    firing,
    since: firing ? firingSince(name) : null,
  };
}

/** `14.4x over 1h and 5m`. */
function burnName({ factor, longMs, shortMs }: BurnRate["rule"]): string {
  return `${Number(factor.toPrecision(4))}x over ${formatDuration(longMs)} and ${formatDuration(shortMs)}`;
}
