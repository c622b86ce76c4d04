import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextBuffer } from "../../../collector/metrics/buffer.ts";
import { Prefixes } from "../../../collector/metrics/prefixes.ts";

describe("lines", () => {
  const numbers = fc.oneof(
    fc.double(),
    fc.maxSafeInteger(),
    fc.integer(),
    fc.nat(12).map((power) => 10 ** power),
  );

  it("say what JavaScript says of any prefix and number, between any other text", () => {
    const line = fc.record({ prefix: fc.string({ unit: "grapheme" }), value: numbers, before: fc.string({ unit: "grapheme" }) });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const prefixes = new Prefixes();
        const out = new TextBuffer();
        for (const { prefix } of lines) prefixes.add(prefix);
        for (const [i, { value, before }] of lines.entries()) {
          out.put(before);
          out.line(prefixes, i, value);
        }
        const wanted = lines.map(({ prefix, value, before }) => `${before}${prefix}${value}\n`).join("");
        expect(out.bytes().toString()).toBe(Buffer.from(wanted).toString());
      }),
    );
  });

  it.each([
    0,
    -0,
    7,
    -7,
    999_999_999,
    1e9,
    1_000_000_001,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    2 ** 53,
    1e21,
    0.1,
    5e-324,
  ])("%d", (value) => {
    const prefixes = new Prefixes();
    prefixes.add("a ");
    const out = new TextBuffer();
    out.line(prefixes, 0, value);
    expect(out.bytes().toString()).toBe(`a ${value}\n`);
  });

  it("outgrow the buffer", () => {
    const prefixes = new Prefixes();
    prefixes.add(`${"x".repeat(1000)} `);
    const out = new TextBuffer();
    for (let i = 0; i < 1000; i++) out.line(prefixes, 0, i);
    expect(out.bytes().toString()).toBe(Array.from({ length: 1000 }, (_, i) => `${"x".repeat(1000)} ${i}\n`).join(""));
  });
});
