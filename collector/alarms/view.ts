import type { AlarmView, ThresholdView } from "../../core/api.ts";
import { levelName } from "../../core/level.ts";
import type { Watch } from "./engine.ts";
import type { Standing } from "./state.ts";

/** An alarm that is not normal, as the API shows it. A latched one is active: it stays until somebody resets it. */
export function alarmView(watch: Watch, standing: Standing, words: { text: string; services: readonly string[] }): AlarmView {
  const { rule, series, state } = watch;
  return {
    id: watch.id,
    alarm: rule.id,
    asset: series.asset,
    metric: series.metric,
    labels: series.labels,
    level: levelName(standing.level),
    state: standing.phase === "latched" ? "active" : standing.phase,
    since: standing.since,
    value: Number.isNaN(state.value) ? null : state.value,
    unit: series.unit,
    text: words.text,
    runbook: rule.runbook ?? null,
    services: words.services,
  };
}

/** The limits of an alarm, in the series' base unit (a rate: a second). An `outside` one has two: above and below. */
export function thresholdViews(watch: Watch): readonly ThresholdView[] {
  return watch.bound.thresholds.flatMap((threshold) => {
    const common = { alarm: watch.rule.id, level: levelName(threshold.level) };
    return limitsOf(threshold).map((limit) => ({ ...common, ...limit }));
  });
}

type Limit = Pick<ThresholdView, "condition" | "value" | "clear">;

function limitsOf({ condition, state }: Watch["bound"]["thresholds"][number]): readonly Limit[] {
  switch (condition.kind) {
    case "above":
    case "below":
    case "rate_above":
    case "rate_below":
      return [{ condition: condition.kind, value: condition.limit, clear: condition.clear ?? null }];
    case "outside":
      return [
        { condition: "above", value: condition.high, clear: condition.clearHigh === condition.high ? null : condition.clearHigh },
        { condition: "below", value: condition.low, clear: condition.clearLow === condition.low ? null : condition.clearLow },
      ];
    case "changes":
      return [{ condition: "changes", value: condition.times, clear: null }];
    case "stale":
      return [{ condition: "stale", value: condition.afterMs / 1000, clear: null }];
    case "is":
    case "is_not":
      return [{ condition: condition.kind, value: typeof condition.state === "number" ? (state ?? null) : null, clear: null }];
  }
}
