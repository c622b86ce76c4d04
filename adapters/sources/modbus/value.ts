import { type ModbusMetric, type RegisterType, registersOf, typeOf } from "../../../config/modbus.ts";
import { Q, type Quality } from "../../../core/quality.ts";
import { type UnitConversion, unitOf } from "../../../core/unit.ts";
import { bitOf, decode, type RawValue } from "./decode.ts";

export interface Value {
  /** In the base unit; NaN exactly when quality is Bad. */
  readonly value: number;
  readonly quality: Quality;
}

/** What the values of a metric's span mean: two bytes per register as on the wire, one byte (0 or 1) per bit. */
export type ValueReader = (values: Uint8Array) => Value;

/** How a metric's bytes become its value: decoded, sentinels told apart, scaled, converted, checked against its range. */
export function valueReader(metric: ModbusMetric): ValueReader {
  const type = typeOf(metric);
  return type === "bit" ? readBit : registerReader(metric, type);
}

/** The metric's unit and how to get to its base unit. */
export function unitOfMetric(metric: ModbusMetric): UnitConversion {
  const unit = unitOf(metric.unit);
  if (unit === undefined) throw new Error(`${metric.metric}: the schema let an unknown unit pass: ${metric.unit}`);
  return unit;
}

/** What is wrong with raw values said to be absent that this type can never have. */
export function absentFaults(metric: ModbusMetric): string[] {
  const type = typeOf(metric);
  if (type === "bit") return [];
  return metric.absent.filter((absent) => !canBe(type, absent)).map((absent) => absentFault(type, absent));
}

/** Largest and smallest value of each integer type, for the check of what is said to be absent. */
function integerRange(type: RegisterType): readonly [number, number] | undefined {
  const match = /^(u?)int(8|16|32|64)/.exec(type);
  if (match === null) return undefined;
  const bits = Number(match[2]);
  return match[1] === "u" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function canBe(type: RegisterType, absent: number | string): boolean {
  if (typeof absent === "string") return absent.length === 2 + 4 * registersOf[type];
  const range = integerRange(type);
  if (range === undefined) return true;
  return Number.isSafeInteger(absent) && absent >= range[0] && absent <= range[1];
}

function absentFault(type: RegisterType, absent: number | string): string {
  const digits = 4 * registersOf[type];
  if (typeof absent === "string") return `${absent} is not ${digits} hexadecimal digits, which ${type} has`;
  return `${absent} can never be read exactly as ${type}; a bit pattern is a text of ${digits} digits such as "0x${"F".repeat(digits)}"`;
}

const bad = (quality: Quality): Value => ({ value: Number.NaN, quality });
const notSupported = bad(Q.BadNotSupported);
const noData = bad(Q.BadNoData);
const outOfRange = bad(Q.BadOutOfRange);

function readBit(values: Uint8Array): Value {
  return { value: values[0] === 0 ? 0 : 1, quality: Q.Good };
}

function registerReader(metric: ModbusMetric, type: RegisterType): ValueReader {
  const { order, bit } = metric;
  const absent = absentValues(metric.absent, type);
  const toBase = conversion(metric);
  const [low, high] = metric.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return (values) => {
    const raw = decode(values, type, order);
    if (absent.has(raw)) return notSupported;
    const value = toBase(bit === undefined ? Number(raw) : bitOf(raw, bit));
    if (Number.isNaN(value)) return noData;
    if (!Number.isFinite(value) || value < low || value > high) return outOfRange;
    return { value, quality: Q.Good };
  };
}

/** The raw values that mean "not available". Any NaN is any other: a device's own pattern of it does not survive reading. */
function absentValues(absent: ModbusMetric["absent"], type: RegisterType): ReadonlySet<RawValue> {
  const exact = (value: number): RawValue => (type.endsWith("int64") ? BigInt(value) : type === "float32" ? Math.fround(value) : value);
  return new Set(
    absent.map((value) => (typeof value === "number" ? exact(value) : decode(Buffer.from(value.slice(2), "hex"), type, "ABCD"))),
  );
}

function conversion(metric: ModbusMetric): (raw: number) => number {
  const unit = unitOfMetric(metric);
  const factor = metric.scale * unit.factor;
  const offset = metric.offset * unit.factor + unit.offset;
  // Times 0.1 is not one tenth in binary: 2200 would become 220.00000000000003. Divided by 10 it is 220.
  const divisor = Math.round(1 / factor);
  const isTenth = Math.abs(factor) < 1 && Math.abs(factor * divisor - 1) < 1e-14;
  if (isTenth) return (raw) => raw / divisor + offset;
  return (raw) => raw * factor + offset;
}
