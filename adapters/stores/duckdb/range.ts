import type { RangeQuery, RangeSeries } from "../../../core/store.ts";
import type { Session } from "./session.ts";
import { StoreError } from "./store-error.ts";

/** Most raw readings that one answer may carry; beyond it, ask with `points`. */
const maxRawReadings = 500_000;

type Point = readonly (number | null)[];

/** Readings of some series between two times, raw or down-sampled. Series without any are in the answer, with no points. */
export async function readRange(session: Session, query: RangeQuery): Promise<readonly RangeSeries[]> {
  const series = [...new Set(query.series)].filter(Number.isSafeInteger);
  const bySeries = new Map<number, Point[]>(series.map((index) => [index, []]));
  const where = `series IN (${series.join(", ")}) AND time >= ${integer(query.from)} AND time < ${integer(query.to)}`;
  if (series.length > 0 && query.to > query.from) {
    const rows = query.points === undefined ? await raw(session, where) : await sampled(session, { ...query, where, points: query.points });
    for (const [index, point] of rows) bySeries.get(index)?.push(point);
  }
  return [...bySeries].map(([index, points]) => ({ series: index, points }));
}

async function raw(session: Session, where: string): Promise<readonly (readonly [number, Point])[]> {
  const columns = await session.columns(
    `SELECT series, time::DOUBLE, value, quality FROM readings WHERE ${where} ORDER BY series, time, pos LIMIT ${maxRawReadings + 1}`,
  );
  if (columns.length > maxRawReadings) throw new StoreError(`more than ${maxRawReadings} readings are in this range: ask with points`);
  return Array.from({ length: columns.length }, (_, i) => {
    const value = columns.value[i] ?? Number.NaN;
    return [columns.series[i] ?? 0, [columns.time[i] ?? 0, Number.isNaN(value) ? null : value, columns.quality[i] ?? 0]] as const;
  });
}

/** [time, min, max, mean] of equal stretches, stamped with their begin; a stretch with only Bad readings has nulls. */
async function sampled(
  session: Session,
  query: { from: number; to: number; points: number; where: string },
): Promise<readonly (readonly [number, Point])[]> {
  const from = integer(query.from);
  const width = Math.max(1, Math.ceil((integer(query.to) - from) / Math.max(1, Math.floor(query.points))));
  const usable = "FILTER (WHERE quality < 32768)";
  const rows = await session.rows(
    `SELECT series, (${from} + ((time - ${from}) // ${width}) * ${width})::DOUBLE AS start,
       min(value) ${usable}, max(value) ${usable}, avg(value) ${usable}
     FROM readings WHERE ${query.where} GROUP BY series, start ORDER BY series, start`,
  );
  return rows.map(([index, ...point]) => [Number(index), point.map((number) => (number === null ? null : Number(number)))] as const);
}

function integer(number: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, Math.ceil(number)));
}
