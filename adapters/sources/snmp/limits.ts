import { isGood } from "../../../core/quality.ts";
import type { DeviceLimits } from "../../../core/reading.ts";
import type { MetricPlan } from "./plan.ts";
import type { Row } from "./row.ts";
import type { Threshold } from "./thresholds.ts";
import { convertRaw, readCell } from "./value.ts";

type Limits = { -readonly [limit in keyof DeviceLimits]: number };

/**
 * The limits that a row, or its thresholds, names for one of its values; undefined where none make sense. Devices say 0 of a
 * limit that nobody set: an upper one of 0 is none, and where a lower one is not below an upper one none of them is believed.
 */
export function limitsOf(plan: MetricPlan, row: Row, thresholds: readonly Threshold[]): DeviceLimits | undefined {
  const limits: Limits = {};
  for (const { limit, cell } of plan.limits) {
    const { value, quality } = readCell(cell, row);
    if (isGood(quality)) note(limits, { limit, value, raw: row.number(cell.slot) });
  }
  const [cell] = plan.cells;
  if (plan.limitRows && cell !== undefined)
    for (const { limit, raw } of thresholds) {
      const { value, quality } = convertRaw(cell, raw, row);
      if (isGood(quality)) note(limits, { limit, value, raw });
    }
  const low = Math.max(limits.lowCritical ?? Number.NEGATIVE_INFINITY, limits.lowWarning ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(limits.highCritical ?? Number.POSITIVE_INFINITY, limits.highWarning ?? Number.POSITIVE_INFINITY);
  return low < high && Object.keys(limits).length > 0 ? limits : undefined;
}

/** Of two limits of one kind the nearer counts. */
function note(limits: Limits, { limit, value, raw }: { limit: keyof DeviceLimits; value: number; raw: number }): void {
  const isUpper = limit === "highWarning" || limit === "highCritical";
  if (isUpper && raw === 0) return;
  const before = limits[limit] ?? value;
  limits[limit] = isUpper ? Math.min(before, value) : Math.max(before, value);
}
