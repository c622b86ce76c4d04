import { expect, test } from "vitest";
import { anonymise } from "../../../../adapters/sources/snmp/anonymise.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import { recordLine, valueText } from "../../../../adapters/sources/snmp/snmprec.ts";

const text = (oid: string, value: string): Varbind => ({ oid, type: 4, value: Buffer.from(value, "latin1") });

/** What a switch tells, and what a stranger may see of it. */
const table: readonly (readonly [what: string, varbind: Varbind, shown: string | undefined])[] = [
  ["its name", text("1.3.6.1.2.1.1.5.0", "core-sw-1.brno.acme.example"), "xxxx-xx-0.xxxx.xxxx.xxxxxxx"],
  ["its contact", text("1.3.6.1.2.1.1.4.0", "Eva <eva@acme.example>"), "Xxx <xxx@xxxx.xxxxxxx>"],
  ["its name within another text", text("1.3.6.1.2.1.1.1.0", "Cisco IOS 15.2 on core-sw-1"), "Cisco IOS 15.2 on xxxx-xx-0"],
  ["a serial number, and where it stands again", text("1.3.6.1.2.1.47.1.1.1.1.11.1", "FOC1234X0YZ"), "XXX0000X0XX"],
  ["", text("1.3.6.1.4.1.9.9.999.1.0", "sn FOC1234X0YZ;"), "sn XXX0000X0XX;"],
  ["a port's name", text("1.3.6.1.2.1.31.1.1.1.1.1", "Gi1/0/1"), "Gi1/0/1"],
  ["what people call the port", text("1.3.6.1.2.1.31.1.1.1.18.1", "to Filler 31"), "xx Xxxxxx 00"],
  ["an address in a text", text("1.3.6.1.4.1.9.9.999.2.0", "peer 10.1.2.3 up, 00:1b:21:aa:bb:cc"), "peer 192.0.2.1 up, 02:00:00:00:00:01"],
  ["the same address", { oid: "1.3.6.1.4.1.9.9.999.3.0", type: 64, value: "10.1.2.3" }, "192.0.2.1"],
  ["another", { oid: "1.3.6.1.4.1.9.9.999.4.0", type: 64, value: "10.1.2.4" }, "192.0.2.2"],
  ["no host's", { oid: "1.3.6.1.4.1.9.9.999.5.0", type: 64, value: "0.0.0.0" }, "0.0.0.0"],
  ["a MAC address", { oid: "1.3.6.1.2.1.2.2.1.6.1", type: 4, value: Buffer.from("001b21aabbcc", "hex") }, "02 00 00 00 00 01"],
  ["a temperature", { oid: "1.3.6.1.4.1.9.9.13.1.3.1.3.1", type: 66, value: 41 }, "41"],
  ["a route", { oid: "1.3.6.1.2.1.4.21.1.7.10.0.0.0", type: 64, value: "10.1.2.3" }, undefined],
  ["a user", text("1.3.6.1.6.3.15.1.2.2.1.3.1.2", "monitor"), undefined],
];

test("a recording keeps what a profile needs, and loses what tells whose it is", () => {
  const shown = new Map(anonymise(table.map(([, varbind]) => varbind)).map((varbind) => [varbind.oid, valueText(varbind)]));
  expect(table.map(([what, { oid }]) => [what, shown.get(oid)])).toEqual(table.map(([what, , expected]) => [what, expected]));
});

test("lines are those of snmpsim", () => {
  expect([
    recordLine(text("1.3.6.1.2.1.1.1.0", "plain | text")),
    recordLine(text("1.3.6.1.2.1.1.1.0", "two\nlines")),
    recordLine(text("1.3.6.1.2.1.1.1.0", " blank at its ends ")),
    recordLine({ oid: "1.3.6.1.2.1.1.3.0", type: 67, value: 4711 }),
    recordLine({ oid: "1.3.6.1.2.1.31.1.1.1.6.1", type: 70, value: Buffer.from("00ffffffffffffffff", "hex") }),
    recordLine({ oid: "1.3.6.1.2.1.1.2.0", type: 6, value: "1.3.6.1.4.1.9.1.1" }),
  ]).toEqual([
    "1.3.6.1.2.1.1.1.0|4|plain | text",
    "1.3.6.1.2.1.1.1.0|4x|74776f0a6c696e6573",
    "1.3.6.1.2.1.1.1.0|4x|20626c616e6b2061742069747320656e647320",
    "1.3.6.1.2.1.1.3.0|67|4711",
    "1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615",
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1",
  ]);
});
