import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pduTag, readEnvelope } from "../../../../adapters/sources/snmp/envelope.ts";
import { int, octets, plainSecure, response, tlv, variable } from "./ber.ts";

const upTime = variable("1.3.6.1.2.1.1.3.0", int(4711, 0x43));

describe("readEnvelope", () => {
  it("reads v1 and v2c", () => {
    expect(readEnvelope(response({ version: 0, id: 77, variables: [] }))).toEqual({ version: 0, id: 77, flags: 0, pdu: pduTag.response });
    expect(readEnvelope(response({ version: 1, id: -5, variables: [upTime] }))).toEqual({
      version: 1,
      id: -5,
      flags: 0,
      pdu: pduTag.response,
    });
  });

  it("reads a v3 message in the clear, with its flags", () => {
    const bytes = plainSecure({ id: 99_999_999, flags: 4, tag: pduTag.report, variables: [upTime] });
    expect(readEnvelope(bytes)).toEqual({ version: 3, id: 99_999_999, flags: 4, pdu: pduTag.report });
  });

  it("reads an encrypted v3 message without what is in it", () => {
    const header = tlv(0x30, int(5), int(65507), octets(Uint8Array.of(3)), int(3));
    expect(readEnvelope(tlv(0x30, int(3), header, octets("security"), octets("cipher")))).toEqual({
      version: 3,
      id: 5,
      flags: 3,
      pdu: undefined,
    });
  });

  it("takes bytes after the message, and none that are missing", () => {
    const whole = response({ id: 1, variables: [upTime] });
    expect(readEnvelope(Buffer.concat([whole, Buffer.from("padding")]))?.id).toBe(1);
    for (let length = 0; length < whole.length; length++) expect(readEnvelope(whole.subarray(0, length))).toBeUndefined();
  });

  it("never throws, whatever arrives", () => {
    const whole = plainSecure({ id: 7, flags: 3, tag: pduTag.response, variables: [upTime] });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(whole.length - 1), fc.nat(255), (noise, at, byte) => {
        readEnvelope(noise);
        const bent = Buffer.from(whole);
        bent[at] = byte;
        readEnvelope(bent);
      }),
    );
  });
});
