import type { AlarmView, ThresholdView } from "../../core/api.ts";
import { levelName } from "../../core/level.ts";
import type { Watch } from "./engine.ts";
import type { Condition } from "./rule.ts";
import type { Standing } from "./step.ts";

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

/** The limits of an alarm, in the series' base unit. */
export function thresholdViews(watch: Watch): readonly ThresholdView[] {
  return watch.bound.thresholds.map(({ level, condition, state }) => ({
    alarm: watch.rule.id,
    level: levelName(level),
    condition: condition.kind,
    value: limitOf(condition, state),
    clear: condition.kind === "above" || condition.kind === "below" ? (condition.clear ?? null) : null,
  }));
}

function limitOf(condition: Condition, state: number | undefined): number | null {
  if (condition.kind === "above" || condition.kind === "below") return condition.limit;
  if (condition.kind === "stale") return condition.afterMs / 1000;
  return typeof condition.state === "number" ? (state ?? null) : null;
}
