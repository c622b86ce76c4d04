import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { decodeTopology, isEmptyTopology } from "../../../../../adapters/sources/snmp/topology/decode.ts";
import {
  addressOf,
  addressOfArcs,
  chassisId,
  macOf,
  macOfArcs,
  portId,
} from "../../../../../adapters/sources/snmp/topology/identifiers.ts";
import type { RawTables } from "../../../../../adapters/sources/snmp/topology/tables.ts";
import { topologySchema } from "../../../../../collector/topology/schema.ts";
import { topologyLimits, topologyTables } from "../../../../../core/topology.ts";
import { column, rawOf } from "./raw.ts";

const lldp = "1.0.8802.1.1.2.1";
const ifName = "1.3.6.1.2.1.31.1.1.1.1";
const ifDescr = "1.3.6.1.2.1.2.2.1.2";
const ifPhysAddress = "1.3.6.1.2.1.2.2.1.6";
const octets = (hex: string) => ({ type: 4, value: Buffer.from(hex, "hex") });
const words = (text: string) => ({ type: 4, value: Buffer.from(text, "latin1") });

describe("identifiers", () => {
  it.each([
    ["six bytes", octets("001b210a0b0c"), "00:1b:21:0a:0b:0c"],
    ["text with hyphens", words("20-4C-9E-6E-08-FE"), "20:4c:9e:6e:08:fe"],
    ["text with colons", words("20:4C:9E:6E:08:FE"), "20:4c:9e:6e:08:fe"],
    ["text with dots", words("204c.9e6e.08fe"), "20:4c:9e:6e:08:fe"],
    ["text without anything", words("204c9e6e08fe"), "20:4c:9e:6e:08:fe"],
    ["text with two kinds of marks", words("20-4C:9E-6E-08-FE"), undefined],
    ["nobody", octets("000000000000"), undefined],
    ["everybody", octets("ffffffffffff"), undefined],
    ["a group", octets("0180c200000e"), undefined],
    ["five bytes", octets("001b210a0b"), undefined],
    ["a number", { type: 2, value: 7 }, undefined],
    ["nothing", undefined, undefined],
  ])("MAC address: %s", (_what, cell, expected) => expect(macOf(cell)).toBe(expected));

  it.each([
    ["chassis MAC", chassisId(4, octets("001b210a0b0c")), "00:1b:21:0a:0b:0c"],
    ["chassis IPv4", chassisId(5, octets("010a000001")), "10.0.0.1"],
    ["chassis IPv6", chassisId(5, octets("02fe800000000000000000000000000001")), "fe80::1"],
    ["chassis of another family", chassisId(5, octets("030a000001")), "03:0a:00:00:01"],
    ["chassis name", chassisId(7, words("pls")), "pls"],
    ["chassis interface name", chassisId(6, words("eth0")), "eth0"],
    ["chassis MAC that is text", chassisId(4, words("not one")), "not one"],
    ["chassis of no subtype", chassisId(undefined, words("x")), "x"],
    ["port name", portId(5, words("Gi1/0/3")), "Gi1/0/3"],
    ["port MAC", portId(3, octets("800384074310")), "80:03:84:07:43:10"],
    ["port address", portId(4, octets("010a000001")), "10.0.0.1"],
    ["bytes that are no address", portId(4, octets("001b210a0b0c")), "00:1b:21:0a:0b:0c"],
    ["local port", portId(7, words("3")), "3"],
    ["no port", portId(7, undefined), ""],
    ["nobody's chassis", chassisId(4, octets("000000000000")), ""],
  ])("%s", (_what, found, expected) => expect(found).toBe(expected));

  it.each([
    ["IPv4", [4, 10, 0, 0, 1], "10.0.0.1"],
    ["IPv4 without its length", [10, 80, 0, 206], "10.80.0.206"],
    ["IPv6", [16, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 9], "fe80::200:0:0:9"],
    ["a group", [4, 224, 0, 0, 1], undefined],
    ["any", [4, 0, 0, 0, 0], undefined],
    ["not bytes", [4, 10, 0, 0, 256], undefined],
    ["nothing", [], undefined],
  ])("address in an index: %s", (_what, arcs, expected) => expect(addressOfArcs(arcs)).toBe(expected));
});

const neighbourOfJunos = [
  ...column(ifName, "4", { 520: "ge-0/0/3" }),
  ...column(`${lldp}.3.7.1.2`, "2", { 520: 7 }),
  ...column(`${lldp}.3.7.1.3`, "4", { 520: "520" }),
  ...column(`${lldp}.3.7.1.4`, "4", { 520: "ge-0/0/3" }),
  ...column(`${lldp}.4.1.1.4`, "2", { "52.520.1": 4 }),
  ...column(`${lldp}.4.1.1.5`, "4x", { "52.520.1": "001AC1409080" }),
  ...column(`${lldp}.4.1.1.6`, "2", { "52.520.1": 5 }),
  ...column(`${lldp}.4.1.1.7`, "4", { "52.520.1": "GigabitEthernet1/0/3" }),
  ...column(`${lldp}.4.1.1.8`, "4", { "52.520.1": "to hall 1" }),
  ...column(`${lldp}.4.1.1.9`, "4", { "52.520.1": "gsm-core-1" }),
  ...column(`${lldp}.4.1.1.10`, "4", { "52.520.1": "Switch 5500G-EI 24-Port" }),
  ...column(`${lldp}.4.1.1.12`, "4x", { "52.520.1": "28" }),
  ...column(`${lldp}.4.2.1.3`, "2", {
    "52.520.1.1.4.10.1.2.241": 2,
    "52.520.1.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.5": 2,
    "52.520.1.6.6.0.1": 2,
  }),
];

test("an LLDP neighbour, with its addresses", () => {
  expect(decodeTopology(rawOf(neighbourOfJunos)).neighbours).toEqual([
    {
      protocol: "lldp",
      port: "ge-0/0/3",
      chassis: "00:1a:c1:40:90:80",
      remotePort: "GigabitEthernet1/0/3",
      remoteText: "to hall 1",
      system: "gsm-core-1",
      platform: "Switch 5500G-EI 24-Port",
      addresses: ["10.1.2.241", "fe80::5"],
      roles: ["bridge", "router"],
    },
  ]);
});

test("a neighbour without local port (RouterOS numbers its rows alone) is told without one; one without any name is not told", () => {
  const routerOs = [
    ...column(`${lldp}.4.1.1.4`, "2", { 8: 4, 9: 4 }),
    ...column(`${lldp}.4.1.1.5`, "4x", { 8: "001AC1409080", 9: "000000000000" }),
  ];
  expect(decodeTopology(rawOf(routerOs)).neighbours).toMatchObject([{ port: "", chassis: "00:1a:c1:40:90:80" }]);
  expect(decodeTopology(rawOf(column(`${lldp}.4.1.1.4`, "2", { "0.1.1": 4 }))).neighbours).toEqual([]);
});

describe("a local port of LLDP is", () => {
  const interfaces = [
    ...column(ifName, "4", { 10: "Gi0/1", 11: "Gi0/2" }),
    ...column(ifDescr, "4", { 10: "GigabitEthernet0/1", 11: "GigabitEthernet0/2" }),
    ...column(ifPhysAddress, "4x", { 10: "001b210a0b01", 11: "001b210a0b02" }),
  ];
  const seen = [...column(`${lldp}.4.1.1.5`, "4", { "0.1.1": "x" })];
  const own = (subtype: number, id: readonly ["4" | "4x", string], text = ""): string[] => [
    ...column(`${lldp}.3.7.1.2`, "2", { 1: subtype }),
    ...column(`${lldp}.3.7.1.3`, id[0], { 1: id[1] }),
    ...column(`${lldp}.3.7.1.4`, "4", { 1: text }),
  ];
  it.each([
    ["an interface name", own(5, ["4", "Gi0/2"]), "Gi0/2"],
    ["an interface's description", own(5, ["4", "GigabitEthernet0/2"]), "Gi0/2"],
    ["an interface's MAC address", own(3, ["4x", "001b210a0b02"]), "Gi0/2"],
    ["only described", own(7, ["4", "port-002"], "GigabitEthernet0/2"), "Gi0/2"],
    ["known to nobody else", own(7, ["4", "port-002"], "left of the door"), "left of the door"],
    ["nothing but an id", own(7, ["4", "port-002"]), "port-002"],
    ["nothing at all", own(7, ["4", ""]), "port 1"],
    ["in no table: its number may be an ifIndex", [], "port 1"],
  ])("%s", (_what, lines, expected) => {
    expect(decodeTopology(rawOf([...interfaces, ...seen, ...lines])).neighbours[0]?.port).toBe(expected);
  });
});

test("CDP neighbours: a name with its serial number, a MAC address for a name", () => {
  const cdp = "1.3.6.1.4.1.9.9.23.1.2.1.1";
  const lines = [
    ...column(ifName, "4", { 14: "gi14" }),
    ...column(`${cdp}.3`, "2", { "14.2": 1, "49.3": 1, "50.1": 1 }),
    ...column(`${cdp}.4`, "4x", { "14.2": "C0A8B11B", "49.3": "C0A8B1", "50.1": "00000000" }),
    ...column(`${cdp}.6`, "4", { "14.2": "204c9e6e08fe", "49.3": "core-1.plant.example(FOC1234X0AB)", "50.1": "" }),
    ...column(`${cdp}.7`, "4", { "14.2": "gi10", "49.3": "Ethernet1/3" }),
    ...column(`${cdp}.8`, "4", { "14.2": "Cisco SG300-10PP" }),
    ...column(`${cdp}.9`, "4x", { "14.2": "00000028", "49.3": "00000090" }),
  ];
  expect(decodeTopology(rawOf(lines)).neighbours).toMatchObject([
    {
      protocol: "cdp",
      port: "gi14",
      chassis: "20:4c:9e:6e:08:fe",
      system: "",
      addresses: ["192.168.177.27"],
      remotePort: "gi10",
      roles: ["switch", "igmp"],
    },
    { protocol: "cdp", port: "interface 49", chassis: "", system: "core-1.plant.example", addresses: [], roles: ["station", "telephone"] },
  ]);
});

test("forwarding tables: by the port's own name, what was learnt only, in several VLANs once, and trunks as a number", () => {
  const fdb = "1.3.6.1.2.1.17.4.3.1";
  const vlan = "1.3.6.1.2.1.17.7.1.2.2.1";
  const trunk = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`20.0.12.41.0.0.${i}`, 50]));
  const lines = [
    ...column(ifName, "4", { 108: "Gi0/8", 150: "Po1" }),
    ...column("1.3.6.1.2.1.17.1.4.1.2", "2", { 8: 108, 50: 150, 60: 999 }),
    ...column(`${fdb}.2`, "2", {
      "0.27.33.0.0.1": 8,
      "0.27.33.0.0.2": 8,
      "0.27.33.0.0.3": 0,
      "0.27.33.0.0.4": 60,
      "0.27.33.0.0": 8,
      "1.0.94.0.0.1": 8,
    }),
    ...column(`${fdb}.3`, "2", { "0.27.33.0.0.1": 3, "0.27.33.0.0.2": 4, "0.27.33.0.0.3": 3, "0.27.33.0.0.4": 3 }),
    ...column(`${vlan}.2`, "2", { ...trunk, "10.0.27.33.0.0.1": 8, "20.0.27.33.0.0.1": 8 }),
  ];
  expect(decodeTopology(rawOf(lines)).ports).toEqual([
    { port: "Gi0/8", count: 1, macs: ["00:1b:21:00:00:01"] },
    { port: "Po1", count: 9, macs: [] },
    { port: "port 60", count: 1, macs: ["00:1b:21:00:00:04"] },
  ]);
});

test("ARP, old and new, with the length of an address and without; what is invalid or a group's is left out", () => {
  const lines = [
    ...column("1.3.6.1.2.1.4.22.1.2", "4x", { "2.10.0.0.1": "001b21000001", "2.10.0.0.9": "001b21000009", "2.224.0.0.1": "01005e000001" }),
    ...column("1.3.6.1.2.1.4.22.1.4", "2", { "2.10.0.0.9": 2 }),
    ...column("1.3.6.1.2.1.4.35.1.4", "4x", {
      "2.1.4.10.0.0.1": "001b21000001",
      "10.1.10.0.0.2": "001b21000002",
      "2.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.5": "001b21000005",
    }),
  ];
  expect(decodeTopology(rawOf(lines)).stations).toEqual([
    { mac: "00:1b:21:00:00:01", address: "10.0.0.1" },
    { mac: "00:1b:21:00:00:02", address: "10.0.0.2" },
    { mac: "00:1b:21:00:00:05", address: "fe80::5" },
  ]);
});

test("what the device is called: sysName, and the MAC addresses of chassis, bridge and interfaces, each once", () => {
  const lines = [
    "1.3.6.1.2.1.1.5.0|4|core-1",
    "1.3.6.1.2.1.17.1.1.0|4x|001b21000001",
    `${lldp}.3.1.0|2|4`,
    `${lldp}.3.2.0|4x|001b21000002`,
    ...column(ifPhysAddress, "4x", { 1: "001b21000001", 2: "", 3: "000000000000", 4: "001b21000003" }),
  ];
  expect(decodeTopology(rawOf(lines)).self).toEqual({
    system: "core-1",
    macs: ["00:1b:21:00:00:01", "00:1b:21:00:00:02", "00:1b:21:00:00:03"],
  });
  expect(isEmptyTopology(decodeTopology(rawOf(lines)))).toBe(true);
});

const anyCell = fc.oneof(
  fc.integer().map((value) => ({ type: 2, value })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ type: 4, value: Buffer.from(bytes) })),
  fc.string({ maxLength: 600, unit: "binary" }).map((text) => ({ type: 4, value: Buffer.from(text) })),
  fc.constant({ type: 5, value: null }),
  fc.constantFrom("0.0", "1.3.6.1").map((value) => ({ type: 6, value })),
);
const anyIndex = fc
  .array(fc.oneof(fc.nat(3), fc.nat(255), fc.nat(0xffff_ffff)), { minLength: 1, maxLength: 22 })
  .map((arcs) => arcs.join("."));
const shapes: Readonly<Record<string, readonly string[]>> = {
  interfaces: ["name", "description", "mac"],
  lldpPorts: ["subtype", "id", "description"],
  lldpNeighbours: ["chassisSubtype", "chassis", "portSubtype", "port", "portText", "system", "systemText", "roles"],
  lldpAddresses: ["ifSubtype"],
  cdpNeighbours: ["addressType", "address", "device", "port", "platform", "roles"],
  bridgePorts: ["ifIndex"],
  forwarding: ["port", "status"],
  vlanForwarding: ["port", "status"],
  arp: ["mac", "type"],
  addresses: ["mac", "type"],
  scalars: ["system", "bridge", "chassisSubtype", "chassis"],
};
const anyRow = (names: readonly string[]) => fc.record(Object.fromEntries(names.map((name) => [name, anyCell])), { requiredKeys: [] });
const anyTables = fc
  .record(
    Object.fromEntries(
      Object.entries(shapes).map(([name, names]) => [
        name,
        name === "scalars" ? anyRow(names) : fc.array(fc.tuple(anyIndex, anyRow(names)), { maxLength: 12 }).map((rows) => new Map(rows)),
      ]),
    ),
  )
  .map((raw) => {
    const { forwarding, bridgePorts } = raw as unknown as RawTables;
    const bridges = [{ forwarding, bridgePorts }];
    return { ...raw, bridges, partial: [...topologyTables, ...topologyTables] } as unknown as RawTables;
  });

test("whatever the tables hold, the result is bounded, and what the collector takes", () => {
  const schema = topologySchema(z.string().max(topologyLimits.text));
  fc.assert(
    fc.property(anyTables, (raw) => {
      const found = { time: 1, ...decodeTopology(raw) };
      expect(schema.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
    }),
    { numRuns: 300 },
  );
});

test("tables at their bounds are kept within ours", () => {
  const arcs = (i: number): string => `0.27.33.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
  const number = (value: number) => ({ type: 2, value });
  const many = <T>(length: number, row: (i: number) => [string, T]): Map<string, T> => new Map(Array.from({ length }, (_, i) => row(i)));
  const raw = {
    ...rawOf([]),
    lldpNeighbours: many(5000, (i) => [`0.${i}.1`, { system: words(`${"x".repeat(500)}${i}`) }]),
    forwarding: many(5000, (i) => [arcs(i), { port: number(i + 1) }]),
    arp: many(5000, (i) => [`1.10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, { mac: octets("001b21000001") }]),
  };
  const found = decodeTopology(raw);
  expect([found.neighbours.length, found.ports.length, found.stations.length]).toEqual([512, 1024, 2048]);
  expect(found.neighbours.every(({ system }) => system.length === topologyLimits.text)).toBe(true);
});

test("MAC addresses and addresses of any bytes are well formed or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const mac = macOf({ type: 4, value: Buffer.from(bytes) });
      if (mac !== undefined) expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      const address = addressOf(bytes);
      if (address !== undefined) expect(address).toMatch(/^[0-9a-f.:]+$/);
      expect(macOfArcs([...bytes])).toBe(bytes.length === 6 ? mac : undefined);
    }),
  );
});
