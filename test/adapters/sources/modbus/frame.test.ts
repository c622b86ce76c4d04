import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkBody,
  checkHeader,
  Deframer,
  FrameError,
  type UnitRead,
  withCrc,
  withHeader,
} from "../../../../adapters/sources/modbus/frame.ts";

const read: UnitRead = { unit: 7, table: "input", address: 0, count: 2 };
const body = Buffer.from([7, 4, 4, 1, 2, 3, 4]);

describe("Deframer", () => {
  it("gives the same frames however the stream is cut", () => {
    const stream = Buffer.concat([withHeader(1, body), withHeader(2, Buffer.from([7, 0x84, 2])), withHeader(3, body)]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 })), (cuts) => {
        const deframer = new Deframer();
        const seen: string[] = [];
        let from = 0;
        for (const to of [...new Set(cuts)].sort((a, b) => a - b).concat(stream.length)) {
          for (const frame of deframer.push(stream.subarray(from, to), (header) => checkHeader(header, read))) {
            seen.push(`${frame.header.transaction} ${frame.body.toString("hex")}`);
          }
          from = to;
        }
        expect(seen).toEqual(["1 07040401020304", "2 078402", "3 07040401020304"]);
      }),
    );
  });

  it("never lets a byte pass that no reply can have, whatever arrives", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (chunks) => {
        const deframer = new Deframer();
        try {
          for (const chunk of chunks) {
            for (const frame of deframer.push(Buffer.from(chunk), (header) => checkHeader(header, read))) checkBody(frame.body, read);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("withCrc", () => {
  // Modbus over Serial Line V1.02 and every tool's example: 01 03 00 00 00 0A has CRC C5 CD.
  it.each([
    ["01030000000a", "c5cd"],
    ["0204000a0001", "11fb"],
  ])("ends %s with %s", (frame, crc) => {
    expect(withCrc(Buffer.from(frame, "hex")).toString("hex")).toBe(frame + crc);
  });
});
