import type { DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import type { ReadingColumns } from "../../../core/columns.ts";
import { isBad } from "../../../core/quality.ts";

/** The library, which only session.ts loads. */
export type Library = typeof import("@duckdb/node-api");

/** Rows of a DuckDB vector. */
export const vectorRows = 2048;

/** At most `vectorRows` readings from `from` on, as rows of the table `readings`; the first one gets this position. */
export function makeChunk(library: Library, slice: { columns: ReadingColumns; from: number; position: number }): DuckDBDataChunk {
  const { columns, from, position } = slice;
  const { BIGINT, INTEGER, DOUBLE, USMALLINT } = library;
  const types: readonly DuckDBType[] = [BIGINT, INTEGER, BIGINT, DOUBLE, USMALLINT];
  const n = Math.min(vectorRows, columns.length - from);
  const chunk = library.DuckDBDataChunk.create(types, n);
  const [positions, series, time, value, quality] = types.map((_, at) => chunk.getColumnVector(at));
  for (let i = 0; i < n; i++) {
    positions?.setItem(i, BigInt(position + i));
    series?.setItem(i, columns.series[from + i] ?? 0);
    time?.setItem(i, BigInt(columns.time[from + i] ?? 0));
    value?.setItem(i, columns.value[from + i] ?? Number.NaN);
    quality?.setItem(i, columns.quality[from + i] ?? 0);
  }
  for (const vector of [positions, series, time, value, quality]) vector?.flush();
  return chunk;
}

/** Rows of series (integer), time (double), value (double), quality (integer) as columns. */
export function readColumns(chunks: readonly DuckDBDataChunk[]): ReadingColumns {
  const n = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const columns = {
    length: n,
    series: new Uint32Array(n),
    time: new Float64Array(n),
    value: new Float64Array(n),
    quality: new Uint16Array(n),
  };
  let at = 0;
  for (const chunk of chunks) {
    const [series, time, value, quality] = [0, 1, 2, 3].map((column) => chunk.getColumnVector(column));
    for (let i = 0; i < chunk.rowCount; i++, at++) {
      columns.series[at] = Number(series?.getItem(i));
      columns.time[at] = Number(time?.getItem(i));
      columns.quality[at] = Number(quality?.getItem(i));
      columns.value[at] = isBad(columns.quality[at] ?? 0) ? Number.NaN : Number(value?.getItem(i));
    }
  }
  return columns;
}
