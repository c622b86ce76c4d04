import { existsSync } from "node:fs";
import type { History } from "../collector/rehearsal/backtest.ts";
import type { Track } from "../collector/rehearsal/play.ts";
import type { CollectorConfig } from "../config/schema.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Q, type QualityName } from "../core/quality.ts";
import type { SeriesDescription } from "../core/reading.ts";
import type { RangeView, ReadingView } from "../core/reading-view.ts";
import type { RangeSeries, Store, StoreState } from "../core/store.ts";
import { answerOf, refusal, type Where } from "./ask.ts";
import { Exit, exits } from "./exit.ts";

/** History that has to be closed. */
export interface OpenHistory extends History {
  close(): Promise<void>;
}

/** Shortest stretch that is asked for when longer ones hold too much, ms. */
const shortestMs = 60_000;

type Points = readonly (readonly (number | null)[])[];

/** Readings from a running collector's API. Rejects with Exit where it does not answer. */
export function collectorHistory(where: Where): OpenHistory {
  const read = async <View>(path: string, query: Record<string, string>): Promise<View | "nothing" | "too much"> => {
    const asked = { ...where, path, query, otherwise: "--store reads its store" };
    const response = await answerOf(asked);
    if (response.status === 404) return "nothing";
    // 400: more readings than one answer carries; the store says the same with a 500.
    if (response.status === 400 || response.status === 500) return "too much";
    if (!response.ok) throw refusal(asked, response.status, await response.text());
    return (await response.json()) as View;
  };
  return {
    async series(asset) {
      const latest = await read<{ readings: readonly ReadingView[] }>("/api/v1/readings/latest", { asset });
      return typeof latest === "string" ? [] : latest.readings.map(descriptionOf);
    },
    async tracks({ asset, metric, from, to }) {
      const latest = await read<{ readings: readonly ReadingView[] }>("/api/v1/readings/latest", { asset, metric });
      if (typeof latest === "string") return [];
      const tracks = new Map(latest.readings.map((one) => [labelKey(one.labels), new TrackBuilder(descriptionOf(one))]));
      await inStretches(from, to, async (start, end) => {
        const range = await read<RangeView>("/api/v1/readings/range", { asset, metric, from: `${start}`, to: `${end}` });
        if (range === "too much") return false;
        if (range === "nothing") return true;
        for (const { labels, points } of range.series) tracks.get(labelKey(labels))?.put(points.map(numbered));
        return true;
      });
      return [...tracks.values()].map((track) => track.track());
    },
    close: () => Promise.resolve(),
  };
}

/** Readings from the store of a collector that does not run. Rejects where it cannot be opened. */
export async function storeHistory(settings: CollectorConfig["store"], log: Log): Promise<OpenHistory> {
  // Opening makes a store where there is none.
  if (!existsSync(settings.duckdb.dir))
    throw new Exit(exits.problems, `${settings.duckdb.dir}: there is no store, and no collector answers`);
  const { createStore } = await import("../adapters/stores/list.ts");
  const store: Store = await createStore(settings, log);
  const state: StoreState = await store.open();
  return {
    series: (asset) => Promise.resolve(state.series.filter((series) => series.asset === asset)),
    async tracks({ asset, metric, from, to }) {
      const wanted = state.series.filter((series) => series.asset === asset && series.metric === metric);
      const tracks = new Map(wanted.map((series) => [series.index, new TrackBuilder(series)]));
      await inStretches(from, to, async (start, end) => {
        const found = await rangeOf(store, { series: [...tracks.keys()], from: start, to: end });
        for (const { series, points } of found ?? []) tracks.get(series)?.put(points);
        return found !== undefined;
      });
      return [...tracks.values()].map((track) => track.track());
    },
    close: () => store.close(),
  };
}

/** Undefined where the stretch holds too much. */
async function rangeOf(
  store: Store,
  query: { series: readonly number[]; from: number; to: number },
): Promise<readonly RangeSeries[] | undefined> {
  try {
    return await store.range(query);
  } catch (error) {
    if (query.to - query.from > shortestMs && messageOf(error).includes("ask with points")) return undefined;
    throw error;
  }
}

/** Reads a time in stretches: where one holds too much (`read` resolves false), half of it. */
async function inStretches(from: number, to: number, read: (from: number, to: number) => Promise<boolean>): Promise<void> {
  let width = to - from;
  for (let start = from; start < to; ) {
    const end = Math.min(to, start + width);
    if (await read(start, end)) start = end;
    else if (width <= shortestMs)
      throw new Exit(exits.problems, `more readings in a minute than one answer carries, at ${new Date(start).toISOString()}`);
    else width = Math.max(shortestMs, Math.ceil(width / 4));
  }
}

class TrackBuilder {
  readonly #series: SeriesDescription;
  readonly #points: Points[] = [];

  constructor(series: SeriesDescription) {
    this.#series = series;
  }

  put(points: Points): void {
    this.#points.push(points);
  }

  track(): Track {
    const length = this.#points.reduce((sum, points) => sum + points.length, 0);
    const track = {
      series: this.#series,
      length,
      time: new Float64Array(length),
      value: new Float64Array(length),
      quality: new Uint16Array(length),
    };
    let i = 0;
    for (const points of this.#points) {
      for (const [time, value, quality] of points) {
        track.time[i] = time ?? 0;
        track.value[i] = value ?? Number.NaN;
        track.quality[i] = quality ?? 0;
        i++;
      }
    }
    return track;
  }
}

function numbered(point: readonly (number | string | null)[]): readonly (number | null)[] {
  const [time, value, quality] = point;
  return [Number(time), typeof value === "number" ? value : null, Q[quality as QualityName] ?? (value === null ? Q.Bad : Q.Good)];
}

function labelKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function descriptionOf(reading: ReadingView): SeriesDescription {
  const { asset, metric, labels, unit, kind, origin, every_ms: everyMs, states, meanings, limits } = reading;
  return {
    ...{ asset, metric, labels, unit, kind, origin, everyMs },
    ...(states === undefined ? {} : { states }),
    ...(meanings === undefined ? {} : { meanings }),
    ...(limits === undefined ? {} : { limits }),
  };
}
