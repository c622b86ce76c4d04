import { DateTime } from "luxon";
import type { AssetIndex } from "./members.ts";
import type { MaintenanceConfig } from "./schema.ts";

/** A maintenance window as moments: from inclusive, to exclusive, ms since epoch. */
export interface MaintenanceWindow {
  readonly from: number;
  readonly to: number;
  readonly why: string;
  /** Positions of the assets in the order of config. */
  readonly assets: readonly number[];
}

/**
 * The windows of a config in time. Local times are read in the window's zone; one that a DST change skips is read as the
 * moment after the gap, one that it repeats as the first of the two.
 */
export function maintenanceWindows(windows: readonly MaintenanceConfig[], index: AssetIndex): readonly MaintenanceWindow[] {
  return windows.map((window) => ({
    from: DateTime.fromISO(window.from, { zone: window.zone }).toMillis(),
    to: DateTime.fromISO(window.to, { zone: window.zone }).toMillis(),
    why: window.why,
    assets: index.select(window.assets ?? { labels: { id: window.asset ?? "" } }),
  }));
}
