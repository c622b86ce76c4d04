import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitOf, decode } from "../../../../adapters/sources/modbus/decode.ts";
import { valuesOf } from "../../../../adapters/sources/modbus/frame.ts";
import type { Span } from "../../../../adapters/sources/modbus/plan.ts";
import { textOf } from "../../../../adapters/sources/modbus/text.ts";
import { valueReader } from "../../../../adapters/sources/modbus/value.ts";
import { type ByteOrder, byteOrders, modbusMetric, type RegisterType, registersOf, registerTypes } from "../../../../config/modbus.ts";
import {
  allVectors,
  coilOf,
  hasVectors,
  isCoil,
  isExpected,
  isText,
  isWrapped,
  orderOf,
  type TypeVector,
  typeOfVector,
  vectors,
} from "./telegraf.ts";

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

// Test data from elsewhere is not part of the product; where it is absent this says so in the run's output.
describe.skipIf(!hasVectors)("Telegraf's type vectors (needs ../shared/data)", () => {
  it("are all here but the six of Go's wrap-around", () => {
    const numbers = vectors.filter((vector) => !isCoil(vector) && !isText(vector));
    expect([allVectors.length, vectors.length, numbers.length]).toEqual([211, 205, 185]);
    expect([allVectors.filter(isWrapped).length, vectors.filter(isCoil).length, vectors.filter(isText).length]).toEqual([6, 16, 4]);
  });

  it.each(vectors.map((vector) => [`${vector.source_test} ${vector.name}`, vector] as const))("%s", (_, vector) => {
    if (isText(vector)) expect(textOf(hex(vector.wire_hex), { order: orderOf(vector), letters: "both" })).toBe(vector.expected);
    else if (isCoil(vector)) expect(isExpected(vector, coilFrom(vector))).toBe(true);
    else checkNumber(vector);
  });
});

/** The coil's value out of a reply, as the third of its bits. */
function coilFrom(vector: TypeVector): number {
  const at = (address: number, count: number): Span => ({ table: "coil", address, count });
  const reply = Uint8Array.of(coilOf(vector) === 1 ? 0b100 : 0b011);
  return valueReader(modbusMetric.parse({ metric: "x", function: "coil", register: 2 }))(valuesOf(at(2, 1), at(0, 3), reply)).value;
}

function checkNumber(vector: TypeVector): void {
  const raw = decode(hex(vector.wire_hex), typeOfVector(vector), orderOf(vector));
  const value = vector.bit === undefined ? Number(raw) : bitOf(raw, vector.bit);
  expect(isExpected(vector, value * (vector.scale ?? 1)), `${value}, expected ${vector.expected}`).toBe(true);
  // A scale, be it 1, takes Telegraf through a double.
  if (vector.expected_type.includes("int") && vector.scale === undefined && vector.bit === undefined) {
    expect(BigInt(raw)).toBe(BigInt(vector.expected));
  }
}

const orderFile = new URL("byteorder/fieldserver-float-order-vectors.json", data);

describe.skipIf(!existsSync(orderFile))("FieldServer's float orders (needs ../shared/data)", () => {
  const { value, vectors } = existsSync(orderFile) ? JSON.parse(readFileSync(orderFile, "utf8")) : { value: 0, vectors: [] };
  it.each<{ registers: string[]; order: ByteOrder }>(vectors)("$order $registers", ({ registers, order }) => {
    expect(decode(hex(registers.join("")), "float32", order)).toBe(value);
  });
});
