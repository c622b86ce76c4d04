import { qualityName } from "../core/quality.ts";
import type { RangeView, ReadingUpdate, ReadingView, ThresholdView } from "../core/reading-view.ts";
import type { IndexedSeries, RangeSeries } from "../core/store.ts";
import type { Latest } from "./latest.ts";

/** The newest value of a series, as events carry it. */
export function readingUpdate(series: IndexedSeries, latest: Latest): ReadingUpdate {
  const value = latest.value(series.index);
  return {
    asset: series.asset,
    metric: series.metric,
    labels: series.labels,
    value: Number.isNaN(value) ? null : value,
    time: latest.time(series.index),
    quality: qualityName(latest.quality(series.index)),
    state: series.states?.[value] ?? null,
  };
}

/** The newest value of a series, with all that a page shows of it. */
export function readingView(series: IndexedSeries, latest: Latest, thresholds: readonly ThresholdView[]): ReadingView {
  const { unit, origin, kind, everyMs, states, meanings, limits } = series;
  return {
    ...readingUpdate(series, latest),
    unit,
    origin,
    kind,
    every_ms: everyMs,
    thresholds,
    ...(states === undefined ? {} : { states }),
    ...(meanings === undefined ? {} : { meanings }),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** What the store answers, in the order that DESIGN §9 fixes: [time, value, quality], or [time, min, mean, max]. */
export function rangeView(found: readonly RangeSeries[], series: (index: number) => IndexedSeries, sampled: boolean): RangeView {
  return {
    series: found.map((one) => {
      const { asset, metric, labels, unit } = series(one.series);
      return { asset, metric, labels, unit, points: one.points.map(sampled ? sampledPoint : rawPoint) };
    }),
  };
}

type Point = readonly (number | null)[];

function sampledPoint([time = null, min = null, max = null, mean = null]: Point): (number | null)[] {
  return [time, min, mean, max];
}

function rawPoint([time = null, value = null, quality = null]: Point): (number | string | null)[] {
  return [time, value, qualityName(quality ?? 0)];
}
