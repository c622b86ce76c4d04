import { isGood } from "../../../core/quality.ts";
import type { DeviceLimits } from "../../../core/reading.ts";
import type { LimitPlan } from "./plan.ts";
import type { Row } from "./row.ts";
import { readCell } from "./value.ts";

/**
 * The limits that a row names for one of its values; undefined where it names none that make sense. Devices say 0 of a limit
 * that nobody set: an upper one of 0 is none, and where a lower one is not below an upper one none of them is believed.
 */
export function limitsOf(plans: readonly LimitPlan[], row: Row): DeviceLimits | undefined {
  const limits: { -readonly [limit in keyof DeviceLimits]: number } = {};
  for (const { limit, cell } of plans) {
    const { value, quality } = readCell(cell, row);
    if (isGood(quality) && !(isUpper(limit) && row.number(cell.slot) === 0)) limits[limit] = value;
  }
  const low = Math.max(limits.lowCritical ?? Number.NEGATIVE_INFINITY, limits.lowWarning ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(limits.highCritical ?? Number.POSITIVE_INFINITY, limits.highWarning ?? Number.POSITIVE_INFINITY);
  return low < high && Object.keys(limits).length > 0 ? limits : undefined;
}

const isUpper = (limit: keyof DeviceLimits): boolean => limit === "highWarning" || limit === "highCritical";

export function sameLimits(a: DeviceLimits | undefined, b: DeviceLimits | undefined): boolean {
  return (
    a?.lowCritical === b?.lowCritical &&
    a?.lowWarning === b?.lowWarning &&
    a?.highWarning === b?.highWarning &&
    a?.highCritical === b?.highCritical
  );
}
