import { type MaintenanceWindow, maintenanceWindows } from "../../config/maintenance.ts";
import type { AssetIndex } from "../../config/members.ts";
import type { Config } from "../../config/schema.ts";

/** Which assets are in maintenance, as time goes by. */
export class Upkeep {
  readonly #windows: readonly MaintenanceWindow[];
  /** By asset: why it is in maintenance now. */
  #why = new Map<number, string>();
  #next = Number.NEGATIVE_INFINITY;

  constructor(config: Pick<Config, "maintenance">, index: AssetIndex) {
    this.#windows = maintenanceWindows(config.maintenance, index);
  }

  why(asset: number): string | undefined {
    return this.#why.get(asset);
  }

  /** Lets time pass; returns the assets that entered or left maintenance. */
  tick(now: number): readonly number[] {
    if (now < this.#next) return [];
    const before = this.#why;
    this.#why = new Map();
    this.#next = Number.POSITIVE_INFINITY;
    for (const { why, assets, spanAtOrAfter } of this.#windows) {
      const span = spanAtOrAfter(now);
      if (span === undefined) continue;
      this.#next = Math.min(this.#next, now < span.from ? span.from : span.to);
      if (span.from <= now) for (const asset of assets) this.#why.set(asset, why);
    }
    return [...new Set([...before.keys(), ...this.#why.keys()])].filter((asset) => before.get(asset) !== this.#why.get(asset));
  }
}
