import { Q, type Quality } from "../../../core/quality.ts";
import { numberOf, unsignedOf, type Varbind } from "./decode.ts";
import { type CellPlan, convert, type FactorPlan, type RawPlan, type ValuePlan } from "./plan.ts";
import { isAbsent } from "./requests.ts";
import type { Row } from "./row.ts";
import { specialNumber } from "./special.ts";

/** A value read, in the base unit; NaN exactly when the quality is Bad. */
export interface Value {
  readonly value: number;
  readonly quality: Quality;
}

export const bad = (quality: Quality): Value => ({ value: Number.NaN, quality });

/** The device has no such value: it makes no series. */
export const none = bad(Q.BadNotFound);
/** The device says that the value is not available: it makes no series either. */
export const unavailable = bad(Q.BadNoData);
/** Largest power of ten that a device may scale by: yocto to yotta (RFC 3433), and some digits. */
const maxPower = 33;
const undecodable = bad(Q.BadDecodingError);
const implausible = bad(Q.BadOutOfRange);

/** Numbers beside a value, by slot of a row or place among scalars: NaN where there is none. */
export interface Numbers {
  number(slot: number): number;
  unsigned(slot: number): number;
}

/** A variable in the base unit. The range is not checked yet. */
export function readRaw(plan: RawPlan & Pick<CellPlan, "factors">, varbind: Varbind | undefined, beside: Numbers): Value {
  if (varbind === undefined || isAbsent(varbind) || varbind.type === 5) return none;
  const number = plan.unsigned ? unsignedOf(varbind) : numberOf(varbind);
  return inBaseUnit(plan, plan.special === undefined ? number : specialNumber(plan.special, varbind), beside);
}

/** A cell of a row in the base unit, with the cells that make its conversion; the range is not checked yet. */
export function readCell(cell: CellPlan, row: Row): Value {
  if (!row.holds(cell.slot)) return none;
  if (cell.special !== undefined) return inBaseUnit(cell, specialNumber(cell.special, row.value(cell.slot)), row);
  return inBaseUnit(cell, cell.unsigned ? row.unsigned(cell.slot) : row.number(cell.slot), row);
}

/** A raw number that is meant as a cell's: a limit of it. */
export function convertRaw(cell: CellPlan, raw: number, row: Row): Value {
  return inBaseUnit(cell, raw, row);
}

function inBaseUnit(plan: RawPlan & Pick<CellPlan, "factors">, raw: number, beside: Numbers): Value {
  if (plan.absent.size > 0 && plan.absent.has(raw)) return unavailable;
  if (plan.special !== undefined && Number.isNaN(raw)) return unavailable;
  const scaled = plan.factors === undefined ? raw : scale(plan.factors, raw, plan.unsigned, beside);
  if (scaled === undefined) return none;
  const value = convert(plan.conversion, scaled);
  return Number.isFinite(value) ? { value, quality: Q.Good } : undecodable;
}

/** Undefined where what the conversion needs is not there, or makes none. */
function scale(factors: FactorPlan, raw: number, unsigned: boolean, beside: Numbers): number | undefined {
  const { times, over, siScale, digits, exponent } = factors;
  const numberAt = (slot: number): number => (unsigned ? beside.unsigned(slot) : beside.number(slot));
  let factor = 1;
  if (times !== undefined) factor *= numberAt(times);
  if (over !== undefined) factor /= numberAt(over);
  if (!(factor > 0 && factor < Number.POSITIVE_INFINITY)) return undefined;
  let power = 0;
  if (siScale !== undefined) power += 3 * (beside.number(siScale) - 9);
  if (digits !== undefined) power -= beside.number(digits);
  if (exponent !== undefined) power += beside.number(exponent);
  if (!(Math.abs(power) <= maxPower)) return undefined;
  return power < 0 ? (raw * factor) / 10 ** -power : raw * factor * 10 ** power;
}

/** True where a value says nothing of the device but that there is none. */
export function isMissing(value: Pick<Value, "quality">): boolean {
  return value.quality === Q.BadNotFound || value.quality === Q.BadNoData;
}

/** Bad where the value cannot be. */
export function checkRange({ range }: ValuePlan, value: Value): Value {
  if (range === undefined || value.quality !== Q.Good) return value;
  return value.value >= range[0] && value.value <= range[1] ? value : implausible;
}
