import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textOf } from "../../../../adapters/sources/modbus/text.ts";
import { byteOrders, letterBytes } from "../../../../config/modbus.ts";
import { hasVectors, locationVectors } from "./telegraf.ts";

const plain = { order: "ABCD", letters: "both" } as const;
const latin = (text: string): Buffer => Buffer.from(text, "latin1");

describe("textOf", () => {
  it.each<[string, Buffer, string]>([
    ["as it is", latin("SDM630-M"), "SDM630-M"],
    ["with NULs behind it", latin("AB1234\0\0\0\0"), "AB1234"],
    ["with blanks around it", latin("  AB 12    "), "AB 12"],
    ["with blanks and then NULs behind it", latin("AB12  \0\0"), "AB12"],
    ["with NULs before it", latin("\0\0\0AB12\0"), "AB12"],
    ["with what an older text left behind its NUL", latin("AB\0OLDTEXT"), "AB"],
    ["with erased memory behind it", latin("AB12\xff\xff\xff\xff"), "AB12"],
    ["of NULs", latin("\0".repeat(16)), ""],
    ["of blanks", latin(" ".repeat(16)), ""],
    ["of erased memory", latin("\xff".repeat(16)), ""],
    ["in UTF-8", Buffer.from("Žďár 3 μ"), "Žďár 3 μ"],
    ["in Latin-1, which is no UTF-8", latin("K\xfchler"), "K\ufffdhler"],
    ["with a letter cut in two", Buffer.from("Bž").subarray(0, 2), "B\ufffd"],
    ["that moves a terminal's cursor", latin("\x1b[2Jx\r\ny\x7f\x9b"), "\ufffd[2Jx\ufffd\ufffdy\ufffd\ufffd"],
    ["that turns the direction of writing", Buffer.from("ab\u202etxt.exe"), "ab\ufffdtxt.exe"],
  ])("reads a text %s", (_, wire, text) => {
    expect(textOf(wire, plain)).toBe(text);
  });

  it("gives text without control characters, whatever the bytes", () => {
    const options = fc.record({ order: fc.constantFrom(...byteOrders), letters: fc.constantFrom(...letterBytes) });
    const registers = fc.array(fc.uint8Array({ minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 125 });
    fc.assert(
      fc.property(registers, options, (pairs, how) => {
        const text = textOf(Buffer.concat(pairs), how);
        expect(text).not.toMatch(/\p{Cc}|\p{Cs}/u);
        expect(text).toBe(text.trim());
      }),
      { numRuns: 300 },
    );
  });
});

describe.skipIf(!hasVectors)("Telegraf's string locations (needs ../shared/data)", () => {
  const letters = { "": "both", both: "both", lower: "low", upper: "high" } as const;

  it.each(locationVectors.map((vector) => [vector.name, vector] as const))("%s", (_, { wire_hex, byteOrder, location, expected }) => {
    expect(textOf(Buffer.from(wire_hex, "hex"), { order: byteOrder, letters: letters[location] })).toBe(expected);
  });

  it("are all here", () => {
    expect(locationVectors.length).toBe(8);
  });
});
