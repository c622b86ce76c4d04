import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitOf, decode } from "../../../../adapters/sources/modbus/decode.ts";
import { type ByteOrder, byteOrders, type RegisterType, registersOf, registerTypes } from "../../../../config/modbus.ts";

const data = new URL("../../../../../shared/data/modbus/", import.meta.url);
const hex = (text: string): Buffer => Buffer.from(text, "hex");

describe("decode", () => {
  it.each<[string, RegisterType, ByteOrder, number | bigint]>([
    ["0001", "uint16", "ABCD", 1],
    ["0001", "uint16", "CDAB", 1],
    ["0100", "uint16", "BADC", 1],
    ["0100", "uint16", "DCBA", 1],
    ["ffff", "int16", "ABCD", -1],
    ["80000000", "int32", "ABCD", -2147483648],
    ["00008000", "int32", "CDAB", -2147483648],
    ["ffffffff", "uint32", "DCBA", 4294967295],
    ["ffffffffffffffff", "uint64", "ABCD", 18446744073709551615n],
    ["ffffffffffffffff", "int64", "CDAB", -1n],
    // 2^53 + 1: the first integer that a double cannot hold.
    ["0020000000000001", "uint64", "ABCD", 9007199254740993n],
    ["0001000000000020", "uint64", "CDAB", 9007199254740993n],
    ["41c80000", "float32", "ABCD", 25],
    ["0000c841", "float32", "DCBA", 25],
    ["7bff", "float16", "ABCD", 65504],
    ["0001", "float16", "ABCD", 2 ** -24],
    ["fc00", "float16", "ABCD", Number.NEGATIVE_INFINITY],
    ["80ff", "int8h", "ABCD", -128],
    ["80ff", "int8l", "ABCD", -1],
    ["80ff", "uint8l", "BADC", 128],
  ])("reads %s as %s %s", (wire, type, order, expected) => {
    expect(decode(hex(wire), type, order)).toBe(expected);
  });

  it("reads NaN of every float", () => {
    expect(decode(hex("ffc00000"), "float32", "ABCD")).toBeNaN();
    expect(decode(hex("7ff8000000000000"), "float64", "ABCD")).toBeNaN();
    expect(decode(hex("7e00"), "float16", "ABCD")).toBeNaN();
  });

  it("finds one bit of any width", () => {
    expect(bitOf(0x180d, 3)).toBe(1);
    expect(bitOf(0x180d, 14)).toBe(0);
    expect(bitOf(-1, 31)).toBe(1);
    expect(bitOf(1n << 63n, 63)).toBe(1);
  });

  it("reads back what any device writes, in any type and order", () => {
    const cases = fc.record({
      type: fc.constantFrom(...registerTypes),
      order: fc.constantFrom(...byteOrders),
      seed: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    });
    fc.assert(
      fc.property(cases, ({ type, order, seed }) => {
        const straight = Buffer.from(seed.subarray(0, 2 * registersOf[type]));
        expect(decode(written(straight, order), type, order)).toEqual(decode(straight, type, "ABCD"));
      }),
      { numRuns: 300 },
    );
  });
});

/** A device's way of writing an order, by its letters: groups of the value's bytes as the manual spells them. */
function written(straight: Buffer, order: ByteOrder): Buffer {
  const registers = Array.from({ length: straight.length / 2 }, (_, index) => straight.subarray(2 * index, 2 * index + 2));
  const swapped = order === "BADC" || order === "DCBA" ? registers.map((register) => Buffer.from(register).reverse()) : registers;
  return Buffer.concat(order === "CDAB" || order === "DCBA" ? swapped.reverse() : swapped);
}

interface TypeVector {
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

const telegrafTypes: Readonly<Record<string, readonly RegisterType[]>> = {
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

const telegrafOrders: Readonly<Record<string, ByteOrder>> = {
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

function typeOf(vector: TypeVector): RegisterType | undefined {
  const candidates = telegrafTypes[vector.dataTypeIn ?? vector.dataType ?? ""] ?? [];
  return candidates.find((type) => registersOf[type] === vector.wire_hex.length / 4);
}

const vectorsFile = new URL("telegraf/modbus-type-vectors.json", data);

// Test data from elsewhere is not part of the product; where it is absent this says so in the run's output.
describe.skipIf(!existsSync(vectorsFile))("Telegraf's type vectors (needs ../shared/data)", () => {
  const vectors: TypeVector[] = existsSync(vectorsFile) ? JSON.parse(readFileSync(vectorsFile, "utf8")) : [];
  // Coils are function codes 1 and 2, which this source does not ask; text is inventory, not a reading.
  const outside = (vector: TypeVector): boolean => vector.source_test.includes("Coil") || vector.expected_type === "string";
  // A negative number cast to uint64 in Go becomes 2^64 - n: no plant has that many.
  const wrapped = (vector: TypeVector): boolean => vector.note?.includes("wrap-around") === true;
  const ours = vectors.filter((vector) => !outside(vector) && !wrapped(vector));

  it("are all here but coils, texts and the six of Go's wrap-around", () => {
    expect([vectors.length, vectors.filter(wrapped).length, vectors.filter(outside).length, ours.length]).toEqual([211, 6, 20, 185]);
    expect(ours.filter((vector) => typeOf(vector) === undefined)).toEqual([]);
  });

  it.each(ours.map((vector) => [`${vector.source_test} ${vector.name}`, vector] as const))("%s", (_, vector) => {
    const type = typeOf(vector);
    const order = telegrafOrders[vector.byteOrder];
    if (type === undefined || order === undefined) throw new Error(`no type or order for ${JSON.stringify(vector)}`);
    const raw = decode(hex(vector.wire_hex), type, order);
    const value = vector.bit === undefined ? Number(raw) : bitOf(raw, vector.bit);
    const scaled = value * (vector.scale ?? 1);
    // Telegraf cuts the fraction off where its output type is an integer; a reading keeps it.
    const shown = /int/.test(vector.expected_type) ? Math.trunc(scaled) : scaled;
    const expected = Number(vector.expected);
    expect(Math.abs(shown - expected)).toBeLessThanOrEqual(Math.abs(expected) * (vector.expected_type === "float32" ? 6e-8 : 1e-15));
    // A scale, be it 1, takes Telegraf through a double.
    if (/int/.test(vector.expected_type) && vector.scale === undefined && vector.bit === undefined) {
      expect(BigInt(raw)).toBe(BigInt(vector.expected));
    }
  });
});

const orderFile = new URL("byteorder/fieldserver-float-order-vectors.json", data);

describe.skipIf(!existsSync(orderFile))("FieldServer's float orders (needs ../shared/data)", () => {
  const { value, vectors } = existsSync(orderFile) ? JSON.parse(readFileSync(orderFile, "utf8")) : { value: 0, vectors: [] };
  it.each<{ registers: string[]; order: ByteOrder }>(vectors)("$order $registers", ({ registers, order }) => {
    expect(decode(hex(registers.join("")), "float32", order)).toBe(value);
  });
});
