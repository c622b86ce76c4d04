import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, BatchError, decodeBatch, encodeBatch } from "../../core/batch.ts";
import { ColumnBuilder } from "../../core/columns.ts";

const reading = fc.record({
  series: fc.nat(0xffff_ffff),
  // Near one another, as in a batch of half a second, or anywhere.
  time: fc.oneof(fc.integer({ min: 1_760_000_000_000, max: 1_760_000_000_500 }), fc.maxSafeInteger()),
  value: fc.double(),
  quality: fc.nat(0xffff),
});

function batchOf(readings: readonly { series: number; time: number; value: number; quality: number }[]): Batch {
  const columns = new ColumnBuilder(1);
  for (const { series, time, value, quality } of readings) columns.put(series, time, value, quality);
  return { preamble: { inventory: [{ asset: "a", facts: { model: "\u010desk\u00fd \u{1f3ed}" } }] }, readings: columns.view() };
}

describe("a batch", () => {
  it("is read as it was written, wherever its bytes lie", () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 20 }), fc.nat(7), (readings, offset) => {
        const batch = batchOf(readings);
        const bytes = encodeBatch(batch);
        const elsewhere = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
        expect(decodeBatch(elsewhere)).toEqual({ preamble: batch.preamble, readings: batch.readings });
      }),
    );
  });

  it("that is cut or too long is none", () => {
    const bytes = encodeBatch(batchOf([{ series: 1, time: 1_760_000_000_000, value: 1, quality: 0 }]));
    for (let length = 0; length < bytes.length; length++) expect(() => decodeBatch(bytes.subarray(0, length))).toThrow(BatchError);
    expect(() => decodeBatch(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(BatchError);
  });

  it("whose preamble says that it is longer than all is none, also where 32 bits do not hold the sum", () => {
    const bytes = Buffer.alloc(34);
    bytes.writeUInt8(1, 0);
    bytes.writeUInt32LE(0xffff_fff0, 4);
    bytes.writeUInt32LE(1, 8);
    bytes.write("{}        ", 24);
    expect(() => decodeBatch(bytes)).toThrow("a preamble of 4294967280 bytes in a batch of 34");
  });
});
