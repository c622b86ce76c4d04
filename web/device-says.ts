import type { ShownLevel } from "../core/asset-view.ts";
import type { ReadingView, ThresholdView } from "../core/reading-view.ts";

/** What the device, or its profile, holds of the state that it is in; undefined where it holds nothing of it. */
export function meaningOf({ value, meanings }: Pick<ReadingView, "value" | "meanings">): ShownLevel | undefined {
  return value === null ? undefined : meanings?.[value];
}

/** Limits of alarms, and those that only the device itself names: those have no alarm that clears. */
export function allLimits({ thresholds, limits = {} }: Pick<ReadingView, "thresholds" | "limits">): readonly ThresholdView[] {
  const { lowCritical, lowWarning, highWarning, highCritical } = limits;
  const named = [
    limit("warning", "below", lowWarning),
    limit("critical", "below", lowCritical),
    limit("warning", "above", highWarning),
    limit("critical", "above", highCritical),
  ].flat();
  const known = new Set(thresholds.map(keyOf));
  return [...thresholds, ...named.filter((one) => !known.has(keyOf(one)))];
}

function limit(level: "warning" | "critical", condition: "above" | "below", value: number | undefined): readonly ThresholdView[] {
  return value === undefined ? [] : [{ alarm: "named by the device", level, condition, value, clear: null }];
}

function keyOf({ level, condition, value }: ThresholdView): string {
  return `${level} ${condition} ${value}`;
}
