import { existsSync, readFileSync } from "node:fs";
import { type ByteOrder, isBitTable, type ModbusTable, type RegisterType, registersOf } from "../../../../config/modbus.ts";
import { registersAt, type UnitRegisters } from "../../../peers/modbus.ts";

/** Telegraf's own test vectors, as ../shared/data has them. */
export interface TypeVector {
  readonly source_test: string;
  readonly name: string;
  readonly byteOrder: string;
  readonly dataType?: string;
  readonly dataTypeIn?: string;
  readonly bit?: number;
  readonly scale?: number;
  readonly wire_hex: string;
  readonly expected: string;
  readonly expected_type: string;
  readonly note?: string;
}

const types: Readonly<Record<string, readonly RegisterType[]>> = {
  UINT8L: ["uint8l"],
  UINT8H: ["uint8h"],
  INT8L: ["int8l"],
  INT8H: ["int8h"],
  BIT: ["uint16"],
  UINT16: ["uint16"],
  INT16: ["int16"],
  UINT32: ["uint32"],
  INT32: ["int32"],
  UINT64: ["uint64"],
  INT64: ["int64"],
  FLOAT16: ["float16"],
  FLOAT32: ["float32"],
  FLOAT64: ["float64"],
  "FLOAT16-IEEE": ["float16"],
  "FLOAT32-IEEE": ["float32"],
  "FLOAT64-IEEE": ["float64"],
  // Telegraf's fixed-point types are integers of the width of their registers.
  FIXED: ["int16", "int32", "int64"],
  UFIXED: ["uint16", "uint32", "uint64"],
};

const orders: Readonly<Record<string, ByteOrder>> = {
  AB: "ABCD",
  BA: "DCBA",
  ABCD: "ABCD",
  DCBA: "DCBA",
  BADC: "BADC",
  CDAB: "CDAB",
  ABCDEFGH: "ABCD",
  HGFEDCBA: "DCBA",
  BADCFEHG: "BADC",
  GHEFCDAB: "CDAB",
};

const folder = new URL("../../../../../shared/data/modbus/telegraf/", import.meta.url);
const file = new URL("modbus-type-vectors.json", folder);

/** Test data from elsewhere is not part of the product: where it is absent, runs say so. */
export const hasVectors = existsSync(file);
export const allVectors: readonly TypeVector[] = hasVectors ? JSON.parse(readFileSync(file, "utf8")) : [];

/** A negative number cast to uint64 in Go becomes 2^64 - n: no plant has that many. */
export const isWrapped = (vector: TypeVector): boolean => vector.note?.includes("wrap-around") === true;
export const isCoil = (vector: TypeVector): boolean => vector.source_test.includes("Coil");
export const isText = (vector: TypeVector): boolean => vector.expected_type === "string";

export const vectors = allVectors.filter((vector) => !isWrapped(vector));

export function orderOf(vector: TypeVector): ByteOrder {
  const order = orders[vector.byteOrder];
  if (order === undefined) throw new Error(`no order for ${JSON.stringify(vector)}`);
  return order;
}

export function typeOfVector(vector: TypeVector): RegisterType {
  const candidates = types[vector.dataTypeIn ?? vector.dataType ?? ""] ?? [];
  const type = candidates.find((one) => registersOf[one] === vector.wire_hex.length / 4);
  if (type === undefined) throw new Error(`no type for ${JSON.stringify(vector)}`);
  return type;
}

/** A coil as the vectors have it: the byte of a reply (01), or what was written to turn it on (FF00). */
export const coilOf = (vector: TypeVector): number => (Number.parseInt(vector.wire_hex, 16) === 0 ? 0 : 1);

/** True where a reading is the value that Telegraf expects. */
export function isExpected({ expected, expected_type, scale = 1 }: TypeVector, value: number): boolean {
  if (expected_type === "bool") return value === (expected === "true" ? 1 : 0);
  // Telegraf cuts the fraction off where it scales into an integer, which it does in five; a reading keeps it.
  const shown = expected_type.includes("int") && !Number.isInteger(scale) ? Math.trunc(value) : value;
  const want = Number(expected);
  return Math.abs(shown - want) <= Math.abs(want) * (expected_type === "float32" ? 6e-8 : 1e-15);
}

export interface Placed {
  readonly vector: TypeVector;
  /** Name of the metric, or of the fact. */
  readonly name: string;
  readonly origin: string;
}

/** All vectors on one unit: what its registers and coils hold, and the config that reads them. */
export interface VectorDevice {
  readonly registers: UnitRegisters;
  readonly metrics: readonly object[];
  readonly inventory: readonly object[];
  readonly readings: readonly Placed[];
  readonly texts: readonly Placed[];
}

/** Each vector at an address of its own, by turns in either table of its kind; between two of them stands what nobody wants. */
export function vectorDevice(): VectorDevice {
  const tables = { coil: new Map<number, number>(), discrete: new Map<number, number>(), holding: new Map(), input: new Map() };
  const device = { metrics: [] as object[], inventory: [] as object[], readings: [] as Placed[], texts: [] as Placed[] };
  for (const [index, vector] of vectors.entries()) {
    const odd = index % 2 === 1;
    const table: ModbusTable = isCoil(vector) ? (odd ? "discrete" : "coil") : odd ? "input" : "holding";
    const name = `vector_${index}`;
    const values = isBitTable(table) ? [coilOf(vector)] : registersAt(0, vector.wire_hex).map(([, value]) => value);
    const register = tables[table].size;
    for (const value of values) tables[table].set(tables[table].size, value);
    tables[table].set(tables[table].size, isBitTable(table) ? 1 - (values[0] ?? 0) : 0xdead);
    const placed = { vector, name, origin: `${table}:${register}${vector.bit === undefined ? "" : `.${vector.bit}`}` };
    (isText(vector) ? device.texts : device.readings).push(placed);
    if (isText(vector)) device.inventory.push({ name, function: table, register, length: values.length, order: orderOf(vector) });
    else device.metrics.push({ metric: name, function: table, register, ...(isCoil(vector) ? {} : howToRead(vector)) });
  }
  return { registers: tables, ...device };
}

function howToRead(vector: TypeVector): object {
  const { bit, scale } = vector;
  return {
    type: typeOfVector(vector),
    order: orderOf(vector),
    ...(bit === undefined ? {} : { bit }),
    ...(scale === undefined ? {} : { scale }),
  };
}

export interface LocationVector {
  readonly name: string;
  readonly location: "" | "both" | "lower" | "upper";
  readonly byteOrder: ByteOrder;
  readonly wire_hex: string;
  readonly expected: string;
}

export const locationVectors: readonly LocationVector[] = hasVectors
  ? JSON.parse(readFileSync(new URL("modbus-string-location-vectors.json", folder), "utf8"))
  : [];
