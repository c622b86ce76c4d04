import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkBody,
  checkHeader,
  Deframer,
  FrameError,
  type UnitRead,
  valuesOf,
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

describe("valuesOf", () => {
  it("gives a register its two bytes", () => {
    const bytes = Buffer.from("000102030405", "hex");
    expect(valuesOf({ ...read, address: 11 }, { ...read, address: 10, count: 3 }, bytes)).toEqual(Buffer.from("02030405", "hex"));
  });

  // Modbus Application Protocol V1.1b3 §6.1: coils 20 to 38 (addresses 19 to 37) are answered CD 6B 05.
  it("finds each bit as the specification's example has it", () => {
    const coils = { table: "coil", address: 19, count: 19 } as const;
    const bits = Array.from(
      { length: 19 },
      (_, at) => valuesOf({ table: "coil", address: 19 + at, count: 1 }, coils, Buffer.from("cd6b05", "hex"))[0],
    );
    expect(bits.join("")).toBe("1011001111010110101");
    expect(valuesOf({ table: "coil", address: 26, count: 3 }, coils, Buffer.from("cd6b05", "hex"))).toEqual(Uint8Array.of(1, 1, 1));
  });

  it("finds any bits of any reply", () => {
    const values = fc.array(fc.boolean(), { minLength: 1, maxLength: 2000 });
    fc.assert(
      fc.property(values, fc.nat(), (bits, seed) => {
        const reply = Buffer.alloc(Math.ceil(bits.length / 8));
        for (const [at, bit] of bits.entries()) if (bit) reply.writeUInt8(reply.readUInt8(at >> 3) | (1 << (at & 7)), at >> 3);
        const at = seed % bits.length;
        const span = { table: "discrete", address: 100 + at, count: Math.min(9, bits.length - at) } as const;
        const found = valuesOf(span, { table: "discrete", address: 100, count: bits.length }, reply);
        expect([...found]).toEqual(bits.slice(at, at + span.count).map(Number));
      }),
      { numRuns: 200 },
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
