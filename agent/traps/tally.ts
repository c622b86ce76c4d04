import type { Clock } from "../../core/clock.ts";
import { Q, type Quality } from "../../core/quality.ts";
import type { Labels, SeriesDescription } from "../../core/reading.ts";

/** Counters of traps, as readings of the asset: thresholds and rates apply to them. */
export const trapsMetric = "snmp_traps_total";
export const droppedMetric = "snmp_traps_dropped_total";

/** How often a count is told though it stays the same, so that it does not go stale. */
const everyMs = 30_000;
/** A count that changes all the time is told this often. */
const settleMs = 500;
/** Kinds of traps, with their labels, that are told apart of one asset. */
const mostKinds = 200;
const overflow = { trap: "other" };

export interface TallyOut {
  register(description: SeriesDescription): number;
  put(series: number, time: number, value: number, quality: Quality): void;
}

interface Count {
  readonly asset: string;
  readonly series: number;
  value: number;
  dirty: boolean;
}

/** Counts traps by what they are. A count begins at 0 one interval before its first trap, so that the first is a rise. */
export class TrapTally {
  readonly #out: TallyOut;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Map<string, Count>>();
  #cancelSettle: (() => void) | undefined;
  #cancelRefresh: () => void;

  constructor(out: TallyOut, clock: Clock) {
    this.#out = out;
    this.#clock = clock;
    this.#cancelRefresh = this.#refreshLater();
  }

  add(counted: { readonly asset: string; readonly metric: string; readonly labels: Labels; readonly origin: string }): void {
    const count = this.#countOf(counted);
    count.value++;
    count.dirty = true;
    this.#cancelSettle ??= this.#clock.after(settleMs, () => this.#settle());
  }

  /** Assets that are gone are forgotten. */
  keep(assets: ReadonlySet<string>): void {
    for (const asset of this.#counts.keys()) if (!assets.has(asset)) this.#counts.delete(asset);
  }

  /** Tells what is not told yet, and nothing more. */
  end(): void {
    this.#cancelRefresh();
    this.#settle();
  }

  #countOf({ asset, metric, labels, origin }: { asset: string; metric: string; labels: Labels; origin: string }): Count {
    const kinds = this.#counts.get(asset) ?? new Map<string, Count>();
    this.#counts.set(asset, kinds);
    const key = `${metric} ${JSON.stringify(labels)}`;
    const known = kinds.get(key);
    if (known !== undefined) return known;
    if (kinds.size >= mostKinds && labels["trap"] !== overflow.trap) return this.#countOf({ asset, metric, labels: overflow, origin });
    const series = this.#out.register({ asset, metric, labels, unit: "1", kind: "counter", origin, everyMs });
    this.#out.put(series, this.#clock.now() - everyMs, 0, Q.Good);
    const fresh = { asset, series, value: 0, dirty: true };
    kinds.set(key, fresh);
    return fresh;
  }

  #settle(): void {
    this.#cancelSettle?.();
    this.#cancelSettle = undefined;
    this.#tell((count) => count.dirty);
  }

  #refreshLater(): () => void {
    return this.#clock.after(everyMs, () => {
      this.#tell(() => true);
      this.#cancelRefresh = this.#refreshLater();
    });
  }

  #tell(which: (count: Count) => boolean): void {
    const now = this.#clock.now();
    for (const kinds of this.#counts.values()) {
      for (const count of kinds.values()) {
        if (!which(count)) continue;
        count.dirty = false;
        this.#out.put(count.series, now, count.value, Q.Good);
      }
    }
  }
}
