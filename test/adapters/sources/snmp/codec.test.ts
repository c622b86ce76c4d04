import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BerReader, BerWriter, Malformed } from "../../../../adapters/sources/snmp/ber.ts";
import { readCommunityMessage, writeCommunityMessage } from "../../../../adapters/sources/snmp/community.ts";
import { numberOf, textOf, unsignedOf, type Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { pduTag } from "../../../../adapters/sources/snmp/envelope.ts";
import { compareOids, compareSpans, decodeOid, encodeOid, type Span } from "../../../../adapters/sources/snmp/oid.ts";
import { answerOf, response, tlv, variable } from "./ber.ts";

const span = (text: string): Span => {
  const bytes = encodeOid(text);
  return { bytes, start: 0, end: bytes.length };
};
const arc = fc.oneof(fc.nat(130), fc.nat(0xffff_ffff), fc.constantFrom(127, 128, 16_383, 16_384, 0xffff_ffff));
const oidText = fc.array(arc, { minLength: 1, maxLength: 20 }).map((arcs) => `1.3.${arcs.join(".")}`);

describe("OIDs as bytes", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(oidText, (text) => {
        expect(decodeOid(encodeOid(text), 0, encodeOid(text).length)).toBe(text);
      }),
    );
    for (const text of ["0.0", "1.39.1", "2.999.3", "2.4294967295"])
      expect(decodeOid(encodeOid(text), 0, encodeOid(text).length)).toBe(text);
  });

  it("are ordered as their arcs are", () => {
    fc.assert(
      fc.property(oidText, oidText, (a, b) => {
        expect(Math.sign(compareSpans(span(a), span(b)))).toBe(Math.sign(compareOids(a, b)));
        expect(compareSpans(span(a), span(a))).toBe(0);
      }),
    );
  });

  it.each(["", "1.x", "1.-2", "3.1", "1.3.4294967296"])("%s is refused", (text) => expect(() => encodeOid(text)).toThrow(RangeError));

  it.each([
    ["ends within an arc", "2b86"],
    ["has an arc of 40 bits", "2b8fffffffff7f7f7f".replace("7f7f7f", "ff7f")],
    ["is empty", ""],
  ])("bytes of which one %s are none", (_, hex) => expect(decodeOid(Buffer.from(hex, "hex"), 0, hex.length / 2)).toBeUndefined());
});

const value = fc.oneof<fc.Arbitrary<Pick<Varbind, "type" | "value">>[]>(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((number) => ({ type: 2, value: number })),
  fc.tuple(fc.constantFrom(65, 66, 67), fc.nat(0xffff_ffff)).map(([type, number]) => ({ type, value: number })),
  fc.tuple(fc.constantFrom(4, 68), fc.uint8Array({ maxLength: 300 })).map(([type, bytes]) => ({ type, value: Buffer.from(bytes) })),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => ({ type: 70, value: Buffer.from(bytes) })),
  oidText.map((text) => ({ type: 6, value: text })),
  fc.ipV4().map((address) => ({ type: 64, value: address })),
  fc.constantFrom(5, 128, 129, 130).map((type) => ({ type, value: null })),
);
const varbind = fc.tuple(oidText, value).map(([oid, of]): Varbind => ({ oid, ...of }));

describe("an answer", () => {
  it("holds what was put into it", () => {
    fc.assert(
      fc.property(fc.array(varbind, { maxLength: 20 }), (varbinds) => {
        expect(answerOf(varbinds).varbinds()).toEqual(varbinds);
      }),
    );
  });

  it("says the same without making variables", () => {
    fc.assert(
      fc.property(varbind, (one) => {
        const answer = answerOf([one]);
        expect(answer.values.number(answer.valueAt(0))).toBe(numberOf(one));
        expect(answer.values.unsigned(answer.valueAt(0))).toBe(unsignedOf(one));
        expect(answer.values.text(answer.valueAt(0))).toBe(textOf(one));
        expect(answer.isAbsent(0)).toBe(one.type >= 128);
      }),
    );
  });

  it.each([
    ["an unknown type", tlv(0x47, Buffer.from([1]))],
    ["an INTEGER of no bytes", tlv(0x02)],
    ["an INTEGER of 5 bytes that says more than 4", tlv(0x02, Buffer.from("0100000000", "hex"))],
    ["a Counter32 of 6 bytes", tlv(0x41, Buffer.from("010000000000", "hex"))],
    ["a Counter64 of 10 bytes", tlv(0x46, Buffer.alloc(10))],
    ["an address of no bytes", tlv(0x40)],
    ["an OID that ends within an arc", tlv(0x06, Buffer.from("2b86", "hex"))],
  ])("keeps the others beside %s", (_, spoilt) => {
    const bytes = response({ id: 1, variables: [variable("1.3.1", spoilt), variable("1.3.2", tlv(0x02, Buffer.from([7])))] });
    const { answer } = readCommunityMessage(bytes).pdu;
    expect(answer.varbinds().map((one) => [one.type, one.value])).toEqual([
      [0, null],
      [2, 7],
    ]);
    expect(answer.values.number(answer.valueAt(0))).toBe(Number.NaN);
  });

  it("reads numbers that agents write carelessly", () => {
    const read = (hex: string): number => {
      const { answer } = readCommunityMessage(response({ id: 1, variables: [variable("1.3.1", Buffer.from(hex, "hex"))] })).pdu;
      return answer.values.number(answer.valueAt(0));
    };
    expect(read("4104ffffffff")).toBe(0xffff_ffff);
    expect(read("410500ffffffff")).toBe(0xffff_ffff);
    expect(read("02050000000007")).toBe(7);
    expect(read("4609ffffffffffffffffff")).toBe(2 ** 64);
  });
});

describe("a request", () => {
  it("is read as it was written", () => {
    const writer = new BerWriter();
    fc.assert(
      fc.property(fc.array(oidText, { maxLength: 60 }), fc.nat(2 ** 31 - 1), fc.nat(100), (names, id, repetitions) => {
        const ask = { kind: pduTag.getBulk, id, names: names.map(span), repetitions };
        const bytes = writeCommunityMessage(writer, { version: 1, community: Buffer.from("public") }, ask);
        const { version, community, pdu } = readCommunityMessage(bytes);
        expect([version, Buffer.from(community).toString(), pdu.kind, pdu.id, pdu.status, pdu.index]).toEqual([
          1,
          "public",
          pduTag.getBulk,
          id,
          0,
          repetitions,
        ]);
        expect(pdu.answer.varbinds().map(({ oid, type }) => [oid, type])).toEqual(names.map((name) => [name, 5]));
      }),
    );
  });

  it("has integers in their shortest form", () => {
    const writer = new BerWriter();
    for (const [number, hex] of [
      [0, "020100"],
      [127, "02017f"],
      [128, "02020080"],
      [-128, "020180"],
      [-129, "0202ff7f"],
      [2 ** 31 - 1, "02047fffffff"],
    ] as const) {
      writer.clear();
      writer.int(number);
      expect(writer.take().toString("hex")).toBe(hex);
      expect(new BerReader(writer.take()).int()).toBe(number);
    }
  });
});

it("bytes of any kind are read or Malformed, and nothing else", () => {
  const whole = response({ id: 7, variables: [variable("1.3.6.1.2.1.1.3.0", tlv(0x43, Buffer.from([1, 2, 3])))] });
  const read = (bytes: Buffer): void => {
    try {
      const { answer } = readCommunityMessage(bytes).pdu;
      for (let i = 0; i < answer.count; i++) answer.values.text(answer.valueAt(i));
      answer.varbinds();
    } catch (error) {
      expect(error).toBeInstanceOf(Malformed);
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(whole.length - 1), fc.nat(255), (noise, at, byte) => {
      read(Buffer.from(noise));
      const bent = Buffer.from(whole);
      bent[at] = byte;
      read(bent);
      read(bent.subarray(0, at));
    }),
    { numRuns: 2000 },
  );
});
