import { aroundTheClock, monthOf, periodSpan, type Span } from "../../config/calendar.ts";
import { levelName } from "../../core/level.ts";
import type { AvailabilityReport, BoundsView, PeriodView, ShiftView } from "../../core/service-level.ts";
import { availabilityView, budgetView } from "./availability.ts";
import type { History } from "./history.ts";
import type { Objective } from "./objective.ts";
import { blamed, downCount, type IncidentsOf, incidentsAmong, type Outage, outagesOf } from "./outages.ts";
import { budgetOf, tally } from "./tally.ts";

/** Most outages that a report names of one service: the longest. */
const mostOutages = 50;

export interface ReportQuery {
  /** `month` (the one that runs), `last-month`, `2026-11`, `2026-11-02`, `2026-11-02..2026-11-08`. */
  readonly period: string;
  /** One service, or all. */
  readonly service?: string;
  readonly byShift: boolean;
  /** Zone of the days of services that have no calendar; UTC without it. */
  readonly zone?: string;
}

/** What a report is made from. */
export interface Measured extends Recorded {
  readonly objectives: Iterable<Objective>;
}

/** What is known of services. */
export interface Recorded {
  readonly history: History;
  readonly incidentsOf: IncidentsOf;
  readonly now: number;
}

/** The period as days or a month; undefined where it is none. */
export function namedPeriod(period: string, now: number, zone: string): string | undefined {
  if (period === "month") return monthOf(now, zone);
  if (period === "last-month") return monthOf(now, zone, 1);
  return periodSpan(period, zone) === undefined ? undefined : period;
}

/** Availability of services over a period of days. What has not been yet is not counted, but for the budget of the whole period. */
export function availabilityReport(query: ReportQuery, { objectives, ...recorded }: Measured): AvailabilityReport {
  const { now } = recorded;
  const standard = query.zone ?? "UTC";
  const period = namedPeriod(query.period, now, standard) ?? query.period;
  const services: PeriodView[] = [];
  let complete = true;
  for (const each of objectives) {
    const objective = each.calendar !== null ? each : { ...each, schedule: aroundTheClock(standard) };
    const whole = periodSpan(period, objective.schedule.zone);
    if (whole === undefined) continue;
    complete &&= whole.to <= now;
    const view = periodView(objective, whole, recorded);
    services.push({ ...view, ...(query.byShift ? { shifts: shiftViews(objective, view, recorded) } : {}) });
  }
  return { period, generated: now, complete, services };
}

/** One service over a stretch of time, as far as that is over. */
export function periodView(objective: Objective, whole: Span, { history, incidentsOf, now }: Recorded): PeriodView {
  const { id, name, owner, schedule, level, slo } = objective;
  const period = { from: whole.from, to: Math.max(whole.from, Math.min(whole.to, now)) };
  const timeline = history.timeline(id);
  const spans = schedule.spans(period.from, period.to);
  const sums = tally(timeline, { ...period, spans, level });
  const availability = availabilityView(sums, period, objective);
  const outages = outagesOf(timeline, spans, level);
  const planned = schedule.spans(whole.from, whole.to).reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    service: id,
    name,
    owner,
    zone: schedule.zone,
    level: levelName(level),
    target: slo === undefined ? null : slo.target,
    met: slo === undefined ? null : metOf(availability.sli, slo.target),
    budget: slo === undefined ? null : budgetView(budgetOf(sums, slo.target, planned)),
    ...availability,
    down_count: downCount(outages),
    outages: blamed(id, longest(outages), incidentsOf),
    outages_left_off: Math.max(0, outages.length - mostOutages),
    revised: history.revised(id, period.from, period.to),
  };
}

function metOf(sli: BoundsView | null, target: number): PeriodView["met"] {
  if (sli === null) return "unknown";
  if (sli.low >= target) return "yes";
  return sli.high < target ? "no" : "unknown";
}

function longest(outages: readonly Outage[]): readonly Outage[] {
  if (outages.length <= mostOutages) return outages;
  const kept = [...outages].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, mostOutages);
  return kept.sort((a, b) => a.from - b.from);
}

function shiftViews(objective: Objective, period: Span, { history, incidentsOf }: Recorded): readonly ShiftView[] {
  const { id, schedule, level } = objective;
  const timeline = history.timeline(id);
  return schedule.shifts(period.from, period.to).map(({ day, shift, from, to }) => {
    const spans = [{ from, to }];
    const sums = tally(timeline, { from, to, spans, level });
    const outages = outagesOf(timeline, spans, level);
    return {
      day,
      shift,
      ...availabilityView(sums, { from, to }, objective),
      down_count: downCount(outages),
      incidents: incidentsAmong(blamed(id, longest(outages), incidentsOf)),
    };
  });
}
