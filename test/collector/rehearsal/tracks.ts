import type { History } from "../../../collector/rehearsal/backtest.ts";
import type { Track } from "../../../collector/rehearsal/play.ts";
import { Q } from "../../../core/quality.ts";
import type { SeriesDescription } from "../../../core/reading.ts";

/** 2026-11-30T12:00:00Z */
export const start = Date.UTC(2026, 10, 30, 12);

/** Values at equal steps; NaN is a Bad reading, null none. */
export function track(values: readonly (number | null)[], how: Partial<SeriesDescription> & { everyMs?: number } = {}): Track {
  const series = {
    asset: "filler-31",
    metric: "temperature_celsius",
    labels: { sensor: "bearing" },
    unit: "Cel",
    kind: "gauge" as const,
    origin: "",
  };
  const everyMs = how.everyMs ?? 10_000;
  const points = values.flatMap((value, i) => (value === null ? [] : [{ time: start + i * everyMs, value }]));
  return {
    series: { ...series, everyMs, ...how },
    length: points.length,
    time: Float64Array.from(points, ({ time }) => time),
    value: Float64Array.from(points, ({ value }) => value),
    quality: Uint16Array.from(points, ({ value }) => (Number.isNaN(value) ? Q.BadNoCommunication : Q.Good)),
  };
}

export function historyOf(tracks: readonly Track[]): History {
  return {
    series: (asset) => Promise.resolve(tracks.flatMap(({ series }) => (series.asset === asset ? [series] : []))),
    tracks: ({ asset, metric }) => Promise.resolve(tracks.filter(({ series }) => series.asset === asset && series.metric === metric)),
  };
}

/** Rises and falls around 70: 44 times over it, by one and a half at most, for half a minute each. */
export const noisy = Array.from({ length: 264 }, (_, i) => (i % 6 < 3 ? 71 : 69));
