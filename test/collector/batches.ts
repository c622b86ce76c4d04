import { deflateRawSync } from "node:zlib";
import { type BatchPreamble, encodeBatch, type NumberedSeries } from "../../core/batch.ts";
import { ColumnBuilder, type ReadingColumns } from "../../core/columns.ts";
import { Q } from "../../core/quality.ts";

export const epoch = "6f9619ff-8b86-4d01-b42d-00c04fc964ff";

export type Reading = readonly [series: number, time: number, value: number, quality?: number];

export function columns(readings: readonly Reading[]): ReadingColumns {
  const builder = new ColumnBuilder(Math.max(1, readings.length));
  for (const [series, time, value, quality] of readings) builder.put(series, time, value, quality ?? Q.Good);
  return builder.view();
}

export function rows(from: ReadingColumns): Reading[] {
  return Array.from({ length: from.length }, (_, i) => [
    from.series[i] ?? -1,
    from.time[i] ?? -1,
    from.value[i] ?? Number.NaN,
    from.quality[i] ?? -1,
  ]);
}

export function numbered(number: number, more: Partial<NumberedSeries> = {}): NumberedSeries {
  return {
    number,
    asset: "filler-31",
    metric: `m${number}`,
    labels: {},
    unit: "Cel",
    kind: "gauge",
    origin: `holding:${number}`,
    everyMs: 2000,
    ...more,
  };
}

export function bodyOf(preamble: BatchPreamble, readings: readonly Reading[]): Buffer {
  return deflateRawSync(encodeBatch({ preamble, readings: columns(readings) }));
}
