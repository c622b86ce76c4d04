import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { countOf, numberOf, textOf, unsignedOf } from "../../../../adapters/sources/snmp/decode.ts";

const of = (type: number, value: Varbind["value"]): Varbind => ({ oid: "1.3.6.1", type, value });
const hex = (type: number, text: string): Varbind => of(type, Buffer.from(text, "hex"));

describe("numberOf", () => {
  it.each([
    ["INTEGER", of(2, -7), -7],
    ["Counter32", of(65, 4_294_967_295), 4_294_967_295],
    ["Gauge32", of(66, 0), 0],
    ["TimeTicks", of(67, 4711), 4711],
    ["Counter64 of no bytes", hex(70, ""), 0],
    ["Counter64 of one byte", hex(70, "ff"), 255],
    ["Counter64 of five", hex(70, "0100000000"), 2 ** 32],
    ["Counter64 at 2^53", hex(70, "20000000000000"), 2 ** 53],
    ["Counter64 above 2^53, rounded once", hex(70, "20000000000003"), 2 ** 53 + 4],
    ["Counter64 of eight", hex(70, "ffffffffffffffff"), 2 ** 64],
    ["Counter64 of nine, with a byte for the sign", hex(70, "00ffffffffffffff00"), Number(0xffffffffffffff00n)],
    ["text that is a number", of(4, Buffer.from(" 23.5 ")), 23.5],
    ["text with a trailing NUL", of(4, Buffer.from("42\0")), 42],
    ["Opaque float", hex(68, "9f780441b80000"), 23],
    ["Opaque double", hex(68, "9f79084037000000000000"), 23],
  ])("%s", (_, varbind, expected) => expect(numberOf(varbind)).toBe(expected));

  it.each([
    ["text", of(4, Buffer.from("up 3 days"))],
    ["text in hexadecimal", of(4, Buffer.from("0x10"))],
    ["no text", of(4, Buffer.alloc(0))],
    ["an OID", of(6, "1.3.6.1")],
    ["null", of(5, null)],
    ["a truncated Counter64", of(70, null)],
    ["Opaque of another kind", hex(68, "9f7a0441b80000")],
    ["a truncated Opaque float", hex(68, "9f780441b8")],
  ])("%s is no number", (_, varbind) => expect(numberOf(varbind)).toBeNaN());
});

it("unsignedOf undoes the overflow of an INTEGER", () => {
  expect(unsignedOf(of(2, -2_147_483_648))).toBe(2_147_483_648);
  expect(unsignedOf(of(2, -1))).toBe(4_294_967_295);
  expect(unsignedOf(of(2, 5))).toBe(5);
});

describe("countOf", () => {
  it("is exact at any width of the library's buffer", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(2), (value, zeros) => {
        const text = value.toString(16);
        const padded = `${"00".repeat(zeros)}${text.length % 2 === 0 ? text : `0${text}`}`;
        expect(countOf(hex(70, padded))).toEqual({ value, bits: 64 });
        expect(numberOf(hex(70, padded.slice(-18)))).toBe(Number(value));
      }),
    );
  });

  it("gives 32 bits to what is no Counter64, and nothing to what is no counter", () => {
    expect(countOf(of(65, 7))).toEqual({ value: 7n, bits: 32 });
    expect(countOf(of(2, -1))).toBeUndefined();
    expect(countOf(of(4, Buffer.from("7")))).toBeUndefined();
    expect(countOf(of(70, null))).toBeUndefined();
  });
});

describe("textOf", () => {
  it.each([
    ["plain", of(4, Buffer.from("GigabitEthernet1/0/1")), "GigabitEthernet1/0/1"],
    ["padded", of(4, Buffer.from("  Gi1\0\0")), "Gi1"],
    ["two lines", of(4, Buffer.from("Line 1\r\nLine 2")), "Line 1 Line 2"],
    ["UTF-8", of(4, Buffer.from("Halle 1 Süd")), "Halle 1 Süd"],
    ["a MAC address", hex(4, "0004969a10ff"), "00:04:96:9a:10:ff"],
    ["a number", of(2, 6), "6"],
    ["an OID", of(6, "1.3.6.1.4.1.9"), "1.3.6.1.4.1.9"],
    ["nothing", of(4, Buffer.alloc(0)), undefined],
    ["only blanks", of(4, Buffer.from("  \0")), undefined],
    ["null", of(5, null), undefined],
  ])("%s", (_, varbind, expected) => expect(textOf(varbind)).toBe(expected));

  it("is never longer than a label may be", () => {
    expect(textOf(of(4, Buffer.alloc(70_000, "x")))?.length).toBe(255);
    expect(textOf(of(4, Buffer.alloc(70_000, 0xff)))?.length).toBe(255);
  });
});
