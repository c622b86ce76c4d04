import { Q, type Quality } from "../../../core/quality.ts";
import { numberOf, unsignedOf, type Varbind } from "./decode.ts";
import { type CellPlan, convert, type RawPlan, type ValuePlan } from "./plan.ts";
import { isAbsent } from "./requests.ts";
import type { Row } from "./row.ts";

/** A value read, in the base unit; NaN exactly when the quality is Bad. */
export interface Value {
  readonly value: number;
  readonly quality: Quality;
}

export const bad = (quality: Quality): Value => ({ value: Number.NaN, quality });

/** The device has no such value: it makes no series. */
export const none = bad(Q.BadNotFound);
/** The device says that the value is not available: it makes no series either. */
export const unavailable = bad(Q.BadNotSupported);
const undecodable = bad(Q.BadDecodingError);
const implausible = bad(Q.BadOutOfRange);

/** A variable in the base unit. The range is not checked yet. */
export function readRaw(plan: RawPlan, varbind: Varbind | undefined): Value {
  if (varbind === undefined || isAbsent(varbind) || varbind.type === 5) return none;
  return inBaseUnit(plan, plan.unsigned ? unsignedOf(varbind) : numberOf(varbind), 1);
}

/** `factor` multiplies the raw number before it is converted. */
function inBaseUnit(plan: RawPlan, raw: number, factor: number): Value {
  if (plan.absent.has(raw)) return unavailable;
  const value = convert(plan.conversion, raw * factor);
  return Number.isFinite(value) ? { value, quality: Q.Good } : undecodable;
}

/** A cell of a row in the base unit, with the cells that multiply and divide it; the range is not checked yet. */
export function readCell(cell: CellPlan, row: Row): Value {
  let factor = 1;
  if (cell.times !== undefined) factor *= readNumber(cell, row, cell.times);
  if (cell.over !== undefined) factor /= readNumber(cell, row, cell.over);
  if (!(factor > 0 && factor < Number.POSITIVE_INFINITY) || !row.holds(cell.slot)) return none;
  return inBaseUnit(cell, readNumber(cell, row, cell.slot), factor);
}

function readNumber({ unsigned }: CellPlan, row: Row, slot: number): number {
  return unsigned ? row.unsigned(slot) : row.number(slot);
}

/** True where a value says nothing of the device but that there is none. */
export function isMissing(value: Pick<Value, "quality">): boolean {
  return value.quality === Q.BadNotFound || value.quality === Q.BadNotSupported;
}

/** Bad where the value cannot be. */
export function checkRange({ range }: ValuePlan, value: Value): Value {
  if (range === undefined || value.quality !== Q.Good) return value;
  return value.value >= range[0] && value.value <= range[1] ? value : implausible;
}
