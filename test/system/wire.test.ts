import { expect, test } from "vitest";
import { functionCodes, packets, pduTag } from "./wire.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

test("a write would be seen: Modbus", () => {
  expect(functionCodes(hex("0001 0000 0006 01 03 0000 0002 0002 0000 0006 01 06 0001 0003"))).toEqual([3, 6]);
  expect(() => functionCodes(hex("0001 0000 0006 01 03 0000"))).toThrow("no Modbus request");
});

test.each([
  ["a Set of version 2c", "3013 020101 0406 7075626c6963 a306 020101 020100", 0xa3],
  ["a Get of version 2c", "3013 020101 0406 7075626c6963 a006 020101 020100", 0xa0],
  ["a Set of version 3 in the clear", "3010 020103 3000 0400 3007 0400 0400 a301 00", 0xa3],
  ["version 3 encrypted", "300b 020103 3000 0400 0402 0000", undefined],
])("a write would be seen: SNMP, %s", (_, bytes, tag) => {
  expect(pduTag(hex(bytes))).toBe(tag);
});

test("a write would be seen: MQTT, also behind a long packet, not one that is cut off", () => {
  const long = Buffer.concat([hex("82 c801"), Buffer.alloc(200)]);
  expect(packets(Buffer.concat([long, hex("30 04 0001 6178"), hex("30 04 0001")])).map(({ type }) => type)).toEqual([8, 3]);
});
