import { type RegisterType, registersOf } from "../../../../config/modbus.ts";
import type { SunspecPoint, SunspecType } from "../../../../config/sunspec.ts";
import { type UnitConversion, unitOf } from "../../../../core/unit.ts";
import { decode, type RawValue } from "../decode.ts";

interface Form {
  readonly type: RegisterType;
  /** The raw value that says "not implemented"; of a float any NaN is one. */
  readonly absent: RawValue;
}

/** How types are read, and what says "not implemented" (SunSpec Device Information Model Specification, "Point types"). */
const forms: Readonly<Record<SunspecType | "sunssf", Form>> = {
  int16: { type: "int16", absent: -0x8000 },
  sunssf: { type: "int16", absent: -0x8000 },
  uint16: { type: "uint16", absent: 0xffff },
  count: { type: "uint16", absent: 0xffff },
  enum16: { type: "uint16", absent: 0xffff },
  bitfield16: { type: "uint16", absent: 0xffff },
  acc16: { type: "uint16", absent: 0 },
  int32: { type: "int32", absent: -0x80000000 },
  uint32: { type: "uint32", absent: 0xffffffff },
  enum32: { type: "uint32", absent: 0xffffffff },
  bitfield32: { type: "uint32", absent: 0xffffffff },
  acc32: { type: "uint32", absent: 0 },
  int64: { type: "int64", absent: -0x8000000000000000n },
  uint64: { type: "uint64", absent: 0xffffffffffffffffn },
  acc64: { type: "uint64", absent: 0n },
  float32: { type: "float32", absent: Number.NaN },
  float64: { type: "float64", absent: Number.NaN },
};

/** How many registers a type fills. */
export function sizeOf(type: SunspecType | "sunssf"): number {
  return registersOf[forms[type].type];
}

/** The raw value; undefined where the device says that it has none. */
export function rawOf(wire: Uint8Array, type: SunspecType | "sunssf"): RawValue | undefined {
  const form = forms[type];
  const raw = decode(wire, form.type, "ABCD");
  return raw === form.absent || Number.isNaN(raw) ? undefined : raw;
}

/** Exponents of ten that a scale register may hold. */
const mostExponent = 10;

/** `raw * 10 ** (exponent + tens)`, `tens` being those of its unit; NaN where no device can mean that exponent. */
export function scaled(raw: RawValue, exponent: number, tens: number): number {
  if (Math.abs(exponent) > mostExponent) return Number.NaN;
  const all = exponent + tens;
  // Divided by 10 it is 220, times 0.1 it is 220.00000000000003.
  return all < 0 ? Number(raw) / 10 ** -all : Number(raw) * 10 ** all;
}

/** A point's unit and how to get to its base unit. */
export function conversionOf({ point, unit }: Pick<SunspecPoint, "point" | "unit">): UnitConversion {
  const conversion = unitOf(unit);
  if (conversion === undefined) throw new Error(`${point}: the schema let an unknown unit pass: ${unit}`);
  return conversion;
}
