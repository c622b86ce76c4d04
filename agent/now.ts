import type { Batch, NumberedSeries } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { ColumnBuilder } from "../core/columns.ts";
import type { Descriptions } from "../core/descriptions.ts";
import type { Quality } from "../core/quality.ts";
import { withRoom } from "../core/room.ts";
import type { SourceStatus } from "../core/source.ts";
import type { RunnerOut } from "./sink.ts";
import type { SpoolStats } from "./spool/spool.ts";

export interface NowOptions {
  readonly clock: Clock;
  readonly spool: { readonly inherited: number; stats(): Pick<SpoolStats, "lastSeq" | "acked"> };
  readonly series: Descriptions;
}

/** Values in one snapshot, and states of sources. */
const mostAtOnce = 1000;
/** A collector that has not taken what was accepted this long ago is behind. */
const behindMs = 2000;
/** Snapshots are this far apart. */
const everyMs = 2000;

interface Sample {
  readonly at: number;
  readonly seq: number;
}

/**
 * The newest value of every series and the state of every source: what the collector is shown beside the backlog while that
 * drains (docs/delivery.md §3.8). Nothing here is durable, and nothing needs to be: the spool has it all.
 */
export class NowLane implements RunnerOut {
  readonly #options: NowOptions;
  #time = new Float64Array(256);
  #value = new Float64Array(256);
  #quality = new Uint16Array(256);
  /** 1: not shown since it changed. */
  #fresh = new Uint8Array(256);
  #changed: number[] = [];
  /** The revision that was shown last, by number. */
  #described = new Uint32Array(256);
  readonly #statuses = new Map<string, SourceStatus>();
  readonly #news = new Set<string>();
  /** Newest seqs of earlier moments, the oldest first: at most one older than `behindMs`. */
  #samples: readonly Sample[] = [];
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(options: NowOptions) {
    this.#options = options;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    if (series >= this.#time.length) this.#grow(series + 1);
    if (time < (this.#time[series] ?? 0)) return;
    this.#time[series] = time;
    this.#value[series] = value;
    this.#quality[series] = quality;
    if (this.#fresh[series] === 1) return;
    this.#fresh[series] = 1;
    this.#changed.push(series);
  }

  status(status: SourceStatus): void {
    const key = `${status.asset}/${status.protocol}`;
    this.#statuses.set(key, status);
    this.#news.add(key);
  }

  /** Inventory waits for its batch. */
  inventory(): void {}

  /** As inventory. */
  topology(): void {}

  /** True when the collector is behind and has not been shown the present for a while. */
  due(): boolean {
    const { clock, spool } = this.#options;
    const { lastSeq, acked } = spool.stats();
    const now = clock.monotonic();
    const newest = this.#samples.at(-1);
    if (newest === undefined || now - newest.at >= behindMs / 2) this.#samples = [...this.#samples, { at: now, seq: lastSeq }];
    while ((this.#samples[1]?.at ?? now) <= now - behindMs) this.#samples = this.#samples.slice(1);
    const [before] = this.#samples;
    const waited = before !== undefined && before.at <= now - behindMs && acked < before.seq;
    if (!(waited || acked < spool.inherited) || now - this.#shownAt < everyMs) return false;
    this.#shownAt = now;
    return true;
  }

  /** What has changed since it was last taken, a part at a time; undefined once that is all. */
  take(): Batch | undefined {
    const numbers = this.#changed.splice(0, mostAtOnce);
    const keys = [...this.#news].slice(0, mostAtOnce);
    if (numbers.length === 0 && keys.length === 0) return undefined;
    const readings = new ColumnBuilder(Math.max(1, numbers.length));
    const series: NumberedSeries[] = [];
    for (const number of numbers) {
      this.#fresh[number] = 0;
      readings.put(number, this.#time[number] ?? 0, this.#value[number] ?? Number.NaN, this.#quality[number] ?? 0);
      const revision = this.#options.series.revision(number);
      if (this.#described[number] === revision) continue;
      const description = this.#options.series.describe(number);
      if (description === undefined) continue;
      this.#described[number] = revision;
      series.push(description);
    }
    for (const key of keys) this.#news.delete(key);
    const sources = keys.map((key) => this.#statuses.get(key)).filter((status) => status !== undefined);
    return { preamble: { series, sources }, readings: readings.view() };
  }

  /** The collector knows nothing of what was taken: all of it is told again. */
  again(): void {
    this.#described.fill(0);
    this.#changed = [];
    for (let series = 0; series < this.#time.length; series++) {
      this.#fresh[series] = this.#time[series] === 0 ? 0 : 1;
      if (this.#fresh[series] === 1) this.#changed.push(series);
    }
    for (const key of this.#statuses.keys()) this.#news.add(key);
  }

  #grow(size: number): void {
    this.#time = withRoom(this.#time, size);
    this.#value = withRoom(this.#value, size);
    this.#quality = withRoom(this.#quality, size);
    this.#fresh = withRoom(this.#fresh, size);
    this.#described = withRoom(this.#described, size);
  }
}

/** Hands everything to both. */
export function both(first: RunnerOut, second: RunnerOut): RunnerOut {
  return {
    put(series, time, value, quality) {
      first.put(series, time, value, quality);
      second.put(series, time, value, quality);
    },
    status(status) {
      first.status(status);
      second.status(status);
    },
    inventory(asset, facts) {
      first.inventory(asset, facts);
      second.inventory(asset, facts);
    },
    topology(asset, topology) {
      first.topology(asset, topology);
      second.topology(asset, topology);
    },
  };
}
