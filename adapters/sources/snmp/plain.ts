import { type Conversion, convert, type MetricPlan } from "./plan.ts";
import type { Row } from "./row.ts";

/** A metric that mostly is its first cell's number and nothing else: most cells of most tables are read so. */
export interface PlainMetric {
  readonly slot: number;
  readonly unsigned: boolean;
  readonly conversion: Conversion;
  readonly low: number;
  readonly high: number;
}

/** Undefined where a reading of this metric depends on more. */
export function plainMetric({ cells, where, limits, limitRows, range }: MetricPlan): PlainMetric | undefined {
  const [cell] = cells;
  if (cell === undefined || where.length > 0 || limits.length > 0 || limitRows) return undefined;
  if (cell.fixed !== undefined || cell.special !== undefined || cell.factors !== undefined || cell.absent.size > 0) return undefined;
  const [low, high] = range ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
  return { slot: cell.slot, unsigned: cell.unsigned, conversion: cell.conversion, low, high };
}

/** The reading in the base unit; NaN where there is more to say of the cell than its number. */
export function plainNumber({ slot, unsigned, conversion, low, high }: PlainMetric, row: Row): number {
  const value = convert(conversion, unsigned ? row.unsigned(slot) : row.number(slot));
  return value >= low && value <= high ? value : Number.NaN;
}
