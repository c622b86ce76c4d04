import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { suggestVia } from "../../../collector/topology/suggest.ts";
import type { Topology } from "../../../core/topology.ts";
import { at, mac, neighbour, plc, port, smallPlant, told } from "./facts.ts";

const switchPorts = [port("p1", mac(101)), port("p2", mac(102))];
const bridge = ["bridge"];

/** What is suggested, as `asset < switch:port`. */
function suggested(assets: Parameters<typeof suggestVia>[0]["assets"], topologies: Record<string, Topology>): string[] {
  const found = suggestVia({ assets, topologies: new Map(Object.entries(topologies)) });
  return found.map(({ asset, via, port: on }) => `${asset} < ${via.join()}:${on}`);
}

test("ends are suggested the switch that they hang on, and switches nothing", () => {
  expect(suggestVia(smallPlant())).toEqual([
    {
      asset: "filler-31",
      via: ["acc-1"],
      port: "Gi0/7",
      reason: "the MAC address of filler-31 is learnt on port Gi0/7 of acc-1 and on no other access port",
    },
    { asset: "server-1", via: ["acc-1"], port: "Gi0/3", reason: "LLDP shows server-1 on port Gi0/3 of acc-1, and on no other switch" },
  ]);
});

describe("one thing differs", () => {
  const sw = (more: Parameters<typeof told>[0] = {}): Topology => told({ system: "sw", macs: [mac(1)], ports: switchPorts, ...more });
  const host = told({ system: "host", macs: [mac(7)] });
  const seen = neighbour("p3", { chassis: mac(7), system: "host" });
  const learnt = port("p3", mac(7));
  const assets = { host: at("10.0.0.7"), sw: at("10.0.0.1") };
  const two = { ...assets, sw2: at("10.0.0.2") };
  const other = (more: Parameters<typeof told>[0] = {}): Topology => told({ system: "sw2", macs: [mac(2)], ports: switchPorts, ...more });
  const cases: readonly (readonly [what: string, assets: Parameters<typeof suggested>[0], Record<string, Topology>, string[]])[] = [
    ["a neighbour of one switch", assets, { sw: sw({ neighbours: [seen] }), host }, ["host < sw:p3"]],
    ["learnt on one access port", assets, { sw: sw({ ports: [...switchPorts, learnt] }), host }, ["host < sw:p3"]],
    ["it has a via already", { ...assets, host: at("10.0.0.7", ["other"]) }, { sw: sw({ neighbours: [seen] }), host }, []],
    ["the switch is reached through it", { ...assets, sw: at("10.0.0.1", [["host", "x"]]) }, { sw: sw({ neighbours: [seen] }), host }, []],
    [
      "the switch is reached through it in two steps",
      { ...assets, sw: at("10.0.0.1", ["mid"]), mid: at("10.0.0.9", ["host"]) },
      { sw: sw({ neighbours: [seen] }), host },
      [],
    ],
    ["it is read at the agent's own machine", { ...assets, host: at("127.0.0.1") }, { sw: sw({ neighbours: [seen] }), host }, []],
    ["on a trunk: four addresses", assets, { sw: sw({ ports: [...switchPorts, port("p3", mac(7), mac(8), mac(9), mac(10))] }), host }, []],
    ["on a trunk: only counted", assets, { sw: sw({ ports: [...switchPorts, { port: "p3", count: 900, macs: [] }] }), host }, []],
    [
      "on a port where a switch is",
      assets,
      { sw: sw({ ports: [...switchPorts, learnt], neighbours: [neighbour("p3", { system: "dumb", roles: bridge })] }), host },
      [],
    ],
    ["the table was cut", assets, { sw: sw({ ports: [...switchPorts, learnt], partial: ["forwarding"] }), host }, []],
    [
      "learnt on access ports of two switches",
      two,
      { sw: sw({ ports: [...switchPorts, learnt] }), sw2: other({ ports: [...switchPorts, learnt] }), host },
      [],
    ],
    ["learnt on two ports of one switch", assets, { sw: sw({ ports: [...switchPorts, learnt, port("p4", mac(7))] }), host }, []],
    [
      "learnt on one, and on another's trunk",
      two,
      { sw: sw({ ports: [...switchPorts, learnt] }), sw2: other({ ports: [...switchPorts, { port: "po1", count: 50, macs: [] }] }), host },
      ["host < sw:p3"],
    ],
    ["a neighbour of two switches", two, { sw: sw({ neighbours: [seen] }), sw2: other({ neighbours: [seen] }), host }, []],
    [
      "neighbour of one, learnt on another",
      two,
      { sw: sw({ neighbours: [seen] }), sw2: other({ ports: [...switchPorts, learnt] }), host },
      [],
    ],
    ["it forwards itself", assets, { sw: sw({ neighbours: [seen] }), host: told({ system: "host", ports: switchPorts }) }, []],
    ["it says that it forwards", assets, { sw: sw({ neighbours: [{ ...seen, roles: bridge }] }), host }, []],
    ["the other end is no switch", assets, { sw: told({ system: "sw", neighbours: [seen] }), host }, []],
    [
      "nothing is known of the switch but the end's word",
      assets,
      { host: told({ neighbours: [neighbour("e0", { system: "sw.x", addresses: ["10.0.0.1"], remotePort: "p3", roles: bridge })] }) },
      ["host < sw:p3"],
    ],
    [
      "the name is two assets'",
      { ...assets, twin: at("10.0.0.8") },
      { sw: sw({ neighbours: [neighbour("p3", { system: "host" })] }), host, twin: host },
      [],
    ],
    [
      "the name is its, the chassis another's",
      assets,
      { sw: sw({ neighbours: [neighbour("p3", { system: "host", chassis: mac(99) })] }), host },
      [],
    ],
    ["the marks disagree", two, { sw: sw({ neighbours: [neighbour("p3", { chassis: mac(7), addresses: ["10.0.0.2"] })] }), host }, []],
    [
      "the address by ARP, the place by the switch",
      { plc: plc("10.0.0.50"), sw: at("10.0.0.1") },
      { sw: sw({ ports: [...switchPorts, port("p5", mac(50))], stations: [{ mac: mac(50), address: "10.0.0.50" }] }) },
      ["plc < sw:p5"],
    ],
    [
      "ARP caches disagree",
      { plc: plc("10.0.0.50"), sw: at("10.0.0.1"), sw2: at("10.0.0.2") },
      {
        sw: sw({ ports: [...switchPorts, port("p5", mac(50))], stations: [{ mac: mac(50), address: "10.0.0.50" }] }),
        sw2: other({ stations: [{ mac: mac(51), address: "10.0.0.50" }] }),
      },
      [],
    ],
    [
      "one MAC address answers for two assets: a proxy",
      { plc: plc("10.0.0.50"), plc2: plc("10.0.0.51"), sw: at("10.0.0.1") },
      {
        sw: sw({
          ports: [...switchPorts, port("p5", mac(50))],
          stations: ["10.0.0.50", "10.0.0.51"].map((address) => ({ mac: mac(50), address })),
        }),
      },
      [],
    ],
  ];
  it.each(cases)("%s", (_what, known, topologies, expected) => expect(suggested(known, topologies)).toEqual(expected));
});

const ids = ["a", "b", "c", "d", "e", "constructor"] as const;
const name = fc.oneof(fc.constantFrom(...ids), fc.constantFrom("__proto__", "", "toString", '"><script>', "a\u0000b", "ü".repeat(255)));
const anyMac = fc.integer({ min: 1, max: 8 }).map(mac);
const anyPort = fc.constantFrom("p1", "p2", "__proto__", "", "Po1");
const anyNeighbour = fc.record({
  protocol: fc.constantFrom("lldp" as const, "cdp" as const),
  port: anyPort,
  chassis: fc.oneof(anyMac, name),
  remotePort: anyPort,
  remoteText: name,
  system: name,
  platform: name,
  addresses: fc.array(fc.constantFrom("10.0.0.1", "10.0.0.2", "::1", "fe80::1", "nonsense"), { maxLength: 2 }),
  roles: fc.subarray(["bridge", "station", "__proto__"]),
});
const anyTopology = fc.record({
  time: fc.nat(),
  self: fc.record({ system: name, macs: fc.array(anyMac, { maxLength: 2 }) }),
  neighbours: fc.array(anyNeighbour, { maxLength: 4 }),
  ports: fc.array(fc.record({ port: anyPort, count: fc.integer({ min: 1, max: 5 }), macs: fc.array(anyMac, { maxLength: 3 }) }), {
    maxLength: 4,
  }),
  stations: fc.array(fc.record({ mac: anyMac, address: fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3") }), { maxLength: 4 }),
  partial: fc.subarray(["forwarding" as const, "arp" as const]),
});
const anyAssets = fc
  .tuple(
    ...ids.map((_, i) =>
      fc.record({
        host: fc.constantFrom(`10.0.0.${i + 1}`, "10.0.0.1", "localhost"),
        via: fc.subarray([...ids.slice(0, i)], { maxLength: Math.min(i, 2) }),
      }),
    ),
  )
  .map((all) => Object.fromEntries(all.map(({ host, via }, i) => [ids[i] ?? "", at(host, via)])));

test("whatever devices say: never itself, never what has a via, never an unknown asset, and no cycle with config", () => {
  fc.assert(
    fc.property(anyAssets, fc.array(fc.tuple(fc.oneof(fc.constantFrom(...ids), fc.constant("stranger")), anyTopology)), (assets, all) => {
      const found = suggestVia({ assets, topologies: new Map(all) });
      const through = new Map(Object.entries(assets).map(([id, { via }]) => [id, via.flat()]));
      for (const { asset, via } of found) {
        expect(assets[asset]?.via).toEqual([]);
        expect(Object.keys(assets)).toContain(via[0]);
        expect(via[0]).not.toBe(asset);
        through.set(asset, [...via]);
      }
      expect(new Set(found.map(({ asset }) => asset)).size).toBe(found.length);
      expect(hasCycle(through)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

/** Takes away what is reached through nothing that is left; a cycle is what never goes. */
function hasCycle(through: ReadonlyMap<string, readonly string[]>): boolean {
  const left = new Map(through);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [id, via] of left) if (!via.some((one) => left.has(one))) left.delete(id);
  }
  return left.size > 0;
}
