import { describe, expect, it } from "vitest";
import { conversionOf, rawOf, scaled, sizeOf } from "../../../../../adapters/sources/modbus/sunspec/number.ts";
import type { sunspecTypes } from "../../../../../config/sunspec.ts";

type Type = Parameters<typeof rawOf>[1];

/** SunSpec Device Information Model Specification, "Point types": registers, the value that is none, and a value. */
const types: Readonly<
  Record<(typeof sunspecTypes)[number] | "sunssf", readonly [registers: number, absent: string, some: string, value: number | bigint]>
> = {
  int16: [1, "8000", "fffe", -2],
  sunssf: [1, "8000", "fffd", -3],
  uint16: [1, "ffff", "8000", 0x8000],
  count: [1, "ffff", "0003", 3],
  acc16: [1, "0000", "ffff", 0xffff],
  enum16: [1, "ffff", "0007", 7],
  bitfield16: [1, "ffff", "0081", 0x81],
  int32: [2, "80000000", "fffffffe", -2],
  uint32: [2, "ffffffff", "80000000", 0x80000000],
  acc32: [2, "00000000", "ffffffff", 0xffffffff],
  enum32: [2, "ffffffff", "00000007", 7],
  bitfield32: [2, "ffffffff", "80000001", 0x80000001],
  int64: [4, "8000000000000000", "fffffffffffffffe", -2n],
  uint64: [4, "ffffffffffffffff", "8000000000000000", 0x8000000000000000n],
  acc64: [4, "0000000000000000", "ffffffffffffffff", 0xffffffffffffffffn],
  float32: [2, "7fc00000", "41480000", 12.5],
  float64: [4, "7ff8000000000000", "4029000000000000", 12.5],
};

describe("types of points", () => {
  it.each(Object.entries(types))("%s", (name, [registers, absent, some, value]) => {
    const type = name as Type;
    expect(sizeOf(type)).toBe(registers);
    expect(rawOf(Buffer.from(absent, "hex"), type)).toBeUndefined();
    expect(rawOf(Buffer.from(some, "hex"), type)).toBe(value);
  });

  it("any NaN is none", () => {
    expect(rawOf(Buffer.from("ffc12345", "hex"), "float32")).toBeUndefined();
  });
});

describe("scales", () => {
  it.each([
    [2200, -1, 0, 220],
    [945, 1, 0, 9450],
    [-9990, -2, -2, -0.999],
    [5500, -2, -2, 0.55],
    [3, -10, 0, 3e-10],
    [7, 10, 0, 7e10],
    [7n, 2, 0, 700],
    [1, 11, 0, Number.NaN],
    [1, -11, 0, Number.NaN],
  ])("%s with %d and %d of its unit is %d", (raw, exponent, tens, value) => {
    expect(scaled(raw, exponent, tens)).toBe(value);
  });

  it("a unit that nobody knows is told, and not taken for 1", () => {
    expect(() => conversionOf({ point: "W", unit: "furlong" })).toThrow("W: the schema let an unknown unit pass: furlong");
  });
});
