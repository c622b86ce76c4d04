import type { ClearBy, DeviceRule } from "../../config/from-device.ts";
import { CRITICAL, type Level, levelOf, MAJOR, WARNING } from "../../core/level.ts";
import type { DeviceLimits, SeriesDescription } from "../../core/reading.ts";
import type { Condition, Threshold } from "./rule.ts";

type Described = Pick<SeriesDescription, "limits" | "meanings">;

/** True when a series says of itself when it is bad. */
export function judgesItself({ limits, meanings }: Described): boolean {
  return limitThresholds(limits, 0).length > 0 || meaningThresholds(meanings).length > 0;
}

/** The levels that a series has by its own limits and by what its states mean, ascending; none where it says nothing of it. */
export function deviceThresholds({ limits, meanings }: Described, rule: DeviceRule): readonly Threshold[] {
  const { forMs, holdMs, clearBy } = rule;
  const found = [...limitThresholds(limits, clearBy), ...meaningThresholds(meanings)];
  return found.map((one) => ({ ...one, forMs, holdMs })).sort((a, b) => a.level - b.level);
}

type Leveled = Pick<Threshold, "level" | "condition">;

function limitThresholds(limits: DeviceLimits | undefined, clearBy: ClearBy): readonly Leveled[] {
  if (limits === undefined) return [];
  const { lowWarning, highWarning, lowCritical, highCritical } = limits;
  return [
    ...leveled(WARNING, limitCondition(lowWarning, highWarning, clearBy)),
    ...leveled(CRITICAL, limitCondition(lowCritical, highCritical, clearBy)),
  ];
}

function leveled(level: Level, condition: Condition | undefined): readonly Leveled[] {
  return condition === undefined ? [] : [{ level, condition }];
}

/** Past the limit, not at it, as `above` and `below` in config. Limits that leave no room between them say nothing. */
function limitCondition(low: number | undefined, high: number | undefined, clearBy: ClearBy): Condition | undefined {
  if (low !== undefined && high !== undefined) {
    if (low > high) return undefined;
    // Wider than that, and the two dead bands would leave nothing in between at which the alarm ends.
    const widest = (high - low) / 4;
    const band = (limit: number): number => Math.min(bandOf(limit, clearBy), widest);
    return { kind: "outside", low, high, clearLow: low + band(low), clearHigh: high - band(high) };
  }
  if (high !== undefined) return { kind: "above", limit: high, inclusive: false, clear: high - bandOf(high, clearBy) };
  return low === undefined ? undefined : { kind: "below", limit: low, inclusive: false, clear: low + bandOf(low, clearBy) };
}

function bandOf(limit: number, clearBy: ClearBy): number {
  return typeof clearBy === "number" ? clearBy : (Math.abs(limit) * clearBy.percent) / 100;
}

function meaningThresholds(meanings: SeriesDescription["meanings"]): readonly Leveled[] {
  const all = Object.entries(meanings ?? {}).map(([state, meaning]) => ({ state: Number(state), meaning }));
  const silent = all.flatMap(({ state, meaning }) => (meaning === "unknown" ? [state] : []));
  return ([WARNING, MAJOR, CRITICAL] as const).flatMap((level) => {
    const bad = all.flatMap(({ state, meaning }) => (meaning === "unknown" ? [] : [{ state, level: levelOf(meaning) }]));
    const states = bad.flatMap((one) => (one.level === level ? [one.state] : []));
    if (states.length === 0) return [];
    const worse = bad.flatMap((one) => (one.level > level ? [one.state] : []));
    return [{ level, condition: { kind: "means" as const, states, worse, silent } }];
  });
}
