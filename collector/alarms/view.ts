import type { AlarmLoadView, AlarmView, ChatterView } from "../../core/alarm-view.ts";
import { levelName } from "../../core/level.ts";
import type { ThresholdView } from "../../core/reading-view.ts";
import type { AlarmEngine } from "./engine.ts";
import { isaState } from "./isa.ts";
import type { Condition } from "./rule.ts";
import { isLatched, type Watch } from "./watch.ts";

/** An alarm as the API shows it. A latched one is active: it stays until somebody resets it. */
export function alarmView(watch: Watch, words: { text: string; services: readonly string[] }, now: number): AlarmView {
  const { rule, series, state, standing } = watch;
  const name = series.states?.[state.value];
  return {
    id: watch.id,
    alarm: rule.id,
    asset: series.asset,
    metric: series.metric,
    labels: series.labels,
    level: levelName(standing?.level ?? 0),
    state: standing === undefined ? "normal" : standing.phase === "latched" ? "active" : standing.phase,
    since: standing === undefined ? state.time : standing.since,
    value: Number.isNaN(state.value) ? null : state.value,
    ...(name === undefined ? {} : { value_name: name }),
    unit: series.unit,
    text: words.text,
    runbook: rule.runbook ?? null,
    services: words.services,
    ...handlingView(watch, now),
  };
}

type HandlingView = Required<
  Pick<AlarmView, "isa" | "latched" | "acked" | "shelved" | "suppressed" | "out_of_service" | "announced" | "first_out" | "advice">
>;

/** The operator's side of an alarm. */
export function handlingView(watch: Watch, now: number): HandlingView {
  const { handling, habit } = watch;
  return {
    isa: isaState(handling, isLatched(watch)),
    latched: isLatched(watch),
    acked: handling.acked ?? null,
    shelved: handling.shelf ?? null,
    suppressed: handling.suppressed ?? null,
    out_of_service: handling.outOfService ?? null,
    announced: handling.announced,
    first_out: handling.first ?? false,
    advice: habit?.advice(now) ?? null,
  };
}

/** How many of the most frequent alarms are named. */
const mostNamed = 20;

/** How much alarms ask of people. */
export function loadView(engine: Pick<AlarmEngine, "all" | "load">, now: number): AlarmLoadView {
  const frequent: ChatterView[] = [];
  for (const watch of engine.all()) {
    const { habit, rule, series, id } = watch;
    const day = habit?.lastDay(now) ?? 0;
    if (habit === undefined || day < 2) continue;
    const { asset, metric } = series;
    const often = { last_minute: habit.lastMinute(now), last_day: day, chattering: habit.chattering(now), advice: habit.advice(now) };
    frequent.push({ id, alarm: rule.id, asset, metric, ...often });
  }
  frequent.sort((a, b) => b.last_day - a.last_day || (a.id < b.id ? -1 : 1));
  const { load } = engine;
  return {
    last_10_minutes: load.lastTenMinutes(now),
    flood: load.flood(now),
    announced_total: load.total,
    most_frequent: frequent.slice(0, mostNamed),
  };
}

/** The limits of an alarm, in the series' base unit (a rate: a second). An `outside` one has two: above and below. */
export function thresholdViews(watch: Watch): readonly ThresholdView[] {
  return watch.bound.thresholds.flatMap((threshold) => {
    const common = { alarm: watch.rule.id, level: levelName(threshold.level) };
    return limitsOf(threshold.condition, threshold.state).map((limit) => ({ ...common, ...limit }));
  });
}

type Limit = Pick<ThresholdView, "condition" | "value" | "clear">;

function limitsOf(condition: Condition, state: number | undefined): readonly Limit[] {
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
    case "means":
      return condition.states.map((number) => ({ condition: "is", value: number, clear: null }));
    case "changes":
      return [{ condition: "changes", value: condition.times, clear: null }];
    case "stale":
      return [{ condition: "stale", value: condition.afterMs / 1000, clear: null }];
    case "is":
    case "is_not":
      return [{ condition: condition.kind, value: typeof condition.state === "number" ? (state ?? null) : null, clear: null }];
  }
}
