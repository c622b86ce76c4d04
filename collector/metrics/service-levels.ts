import type { BoundsView, BurnView, SloView } from "../../core/service-level.ts";
import type { CollectorView } from "../view.ts";
import type { Family, Sample } from "./family.ts";

/** Service levels of services that have an SLO, over the SLO's window. */
export function serviceLevelFamilies(view: CollectorView): Family[] {
  const slos = view.services().flatMap(({ id, slo }) => (slo === undefined ? [] : [{ id, slo }]));
  const gauge = (name: string, help: string, samplesOf: (id: string, slo: SloView) => readonly Sample[]): Family => ({
    name,
    type: "gauge",
    help,
    samples: slos.flatMap(({ id, slo }) => samplesOf(id, slo)),
  });
  const one = (id: string, value: number): readonly Sample[] => [{ labels: { business_service: id }, value }];
  return [
    gauge(
      "millwright_service_sli_ratio",
      "Share of scheduled time that a business service was good; unknown time counts as bad in bound low, as good in bound high.",
      (id, { sli }) => bounds(id, sli),
    ),
    gauge("millwright_service_sli_coverage_ratio", "Share of scheduled time of which it is known how it was.", (id, { coverage }) =>
      one(id, coverage),
    ),
    gauge("millwright_service_slo_target_ratio", "Share of scheduled time that a business service is meant to be good.", (id, { target }) =>
      one(id, target),
    ),
    gauge(
      "millwright_service_error_budget_remaining_ratio",
      "What is left of the downtime that the target allows: 1 all, 0 nothing, negative overdrawn; unknown time is spent in bound low.",
      (id, { budget }) => bounds(id, budget.remaining_ratio),
    ),
    gauge(
      "millwright_service_burn_rate_ratio",
      "Times the even rate at which the error budget is spent over the last scheduled time of this length.",
      (id, { burn }) => rates(id, burn),
    ),
    gauge("millwright_service_burn_alarm_state", "1 while this burn-rate alarm fires.", (id, { burn }) =>
      burn.map(({ name, level, firing }) => ({ labels: { business_service: id, burn: name, level }, value: firing ? 1 : 0 })),
    ),
  ];
}

function bounds(id: string, found: BoundsView | null): readonly Sample[] {
  if (found === null) return [];
  return (["low", "high"] as const).map((bound) => ({ labels: { business_service: id, bound }, value: found[bound] }));
}

/** Each window once: two rules may share one. */
function rates(id: string, burn: readonly BurnView[]): readonly Sample[] {
  const windows = new Map(
    burn.flatMap(({ long_seconds, long_rate, short_seconds, short_rate }) => [
      [long_seconds, long_rate] as const,
      [short_seconds, short_rate] as const,
    ]),
  );
  return [...windows].flatMap(([seconds, rate]) =>
    rate === null ? [] : [{ labels: { business_service: id, window_seconds: String(seconds) }, value: rate }],
  );
}
