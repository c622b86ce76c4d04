import { describe, expect, it, test } from "vitest";
import { readPreamble } from "../../../collector/batch-schema.ts";
import { TopologyBook } from "../../../collector/topology/book.ts";
import { ToldTopologies, topologyFacts } from "../../../collector/topology/told.ts";
import type { Topology } from "../../../core/topology.ts";
import { at, mac, neighbour, port, smallPlant, told } from "./facts.ts";

function preambleOf(topologies: ReadonlyMap<string, Topology>) {
  return { topologies: [...topologies].map(([asset, topology]) => ({ asset, topology })) };
}

function bookOf({ assets, topologies }: ReturnType<typeof smallPlant>): TopologyBook {
  const known = new ToldTopologies();
  known.take(preambleOf(topologies));
  return new TopologyBook(known, () => assets);
}

test("a cable that both ends tell of, by two protocols, is one link with each end's own port", () => {
  const { links } = bookOf(smallPlant()).topology();
  expect(links.map(({ ends, by }) => [...ends.map((end) => `${end.asset} ${end.port}`), ...by])).toEqual([
    ["acc-1 Gi0/24", "core-1 Gi1/0/1", "cdp", "lldp"],
    ["acc-1 Gi0/3", "server-1 eno1", "lldp"],
    ["acc-1 Gi0/7", "filler-31 ", "forwarding"],
  ]);
});

test("two cables between two switches stay two, by what each calls the other's port", () => {
  const assets = { "core-1": at("10.0.0.1"), "acc-1": at("10.0.0.2") };
  const sees = (own: string, remote: string, name: string) => neighbour(own, { remotePort: remote, system: name });
  const topologies = new Map([
    ["core-1", told({ system: "c", neighbours: [sees("GigabitEthernet1/0/1", "Gi0/1", "a"), sees("GigabitEthernet1/0/2", "Gi0/2", "a")] })],
    [
      "acc-1",
      told({ system: "a", neighbours: [sees("Gi0/2", "Gi1/0/2", "c"), sees("Gi0/1", "Gi1/0/1", "c"), sees("Gi0/9", "Gi1/0/9", "c")] }),
    ],
  ]);
  const known = new ToldTopologies();
  known.take(preambleOf(topologies));
  const { links } = new TopologyBook(known, () => assets).topology();
  expect(links.map(({ ends }) => ends.map((end) => end.port))).toEqual([
    ["Gi0/2", "GigabitEthernet1/0/2"],
    ["Gi0/1", "GigabitEthernet1/0/1"],
    ["Gi0/9", "Gi1/0/9"],
  ]);
});

test("one asset: its ports in the order of their numbers, who is there, and which of ours that is", () => {
  const neighbours = bookOf(smallPlant()).neighbours("acc-1");
  expect(neighbours?.ports.map((one) => [one.port, one.learnt, one.neighbours[0]?.asset ?? null, one.stations[0]])).toEqual([
    ["Gi0/3", 1, "server-1", { mac: mac(10), addresses: ["10.0.0.10"], asset: "server-1" }],
    ["Gi0/7", 1, null, { mac: mac(31), addresses: ["10.0.0.31"], asset: "filler-31" }],
    ["Gi0/24", 1, "core-1", { mac: mac(1), addresses: [], asset: "core-1" }],
  ]);
  expect(neighbours).toMatchObject({ asset: "acc-1", since: 1000, suggestion: null });
});

test("strangers, assets that nobody told of, and ids that config does not know", () => {
  const book = bookOf(smallPlant());
  const { assets, unknown } = book.topology();
  expect(unknown).toMatchObject([{ seen_by: { asset: "core-1", port: "Gi1/0/9" }, remote_port: "eth0", system: "camera-7" }]);
  expect(assets.find(({ id }) => id === "filler-31")).toEqual({ id: "filler-31", name: "filler-31", since: null });
  expect(book.neighbours("nobody")).toBeUndefined();
  expect(book.neighbours("constructor")).toBeUndefined();
});

test("what is new is seen at once, a new config too, and what was forgotten no more", () => {
  const { assets, topologies } = smallPlant();
  const known = new ToldTopologies();
  let config: Readonly<Record<string, ReturnType<typeof at>>> = assets;
  const book = new TopologyBook(known, () => config);
  expect(book.topology().links).toEqual([]);
  known.take(preambleOf(topologies));
  expect(book.topology().links).toHaveLength(3);
  config = { ...assets, "server-1": at("10.0.0.10", ["core-1"]) };
  expect(book.neighbours("server-1")?.suggestion).toBeNull();
  expect(known.forget((asset) => asset === "acc-1")).toEqual(["topology:acc-1"]);
  expect(book.neighbours("acc-1")).toMatchObject({ since: null, ports: [] });
  expect(known.forget((asset) => asset === "acc-1")).toEqual([]);
});

test("comes back from the store as it went, and what cannot be read there is left out", () => {
  const { assets, topologies } = smallPlant();
  const facts = new Map([...topologyFacts(preambleOf(topologies)), ["topology:x", "{"] as const, ["topology:y", '{"time":-1}'] as const]);
  const again = new ToldTopologies(facts);
  expect([...again.all().keys()]).toEqual([...topologies.keys()]);
  expect(new TopologyBook(again, () => assets).topology()).toEqual(bookOf({ assets, topologies }).topology());
});

describe("what an agent sends", () => {
  const good = { asset: "a", topology: told({ neighbours: [neighbour("p", { system: "s" })], ports: [port("p", mac(1))] }) };
  const bad = (topology: object): unknown => ({ topologies: [{ asset: "a", topology: { ...good.topology, ...topology } }] });

  it("is taken as it is, long texts of devices cut", () => {
    expect(readPreamble({ topologies: [good] }).topologies).toEqual([good]);
    const long = bad({ self: { system: "x".repeat(5000), macs: [] } });
    expect(readPreamble(long).topologies?.[0]?.topology.self.system).toHaveLength(1021);
  });

  it.each([
    ["an id that is none", { topologies: [{ ...good, asset: "../x" }] }],
    ["a MAC address that is none", bad({ self: { system: "", macs: ["<script>"] } })],
    ["an address that is none", bad({ stations: [{ mac: mac(1), address: "a b" }] })],
    ["a protocol that nobody speaks", bad({ neighbours: [{ ...neighbour("p"), protocol: "edp" }] })],
    ["too many neighbours", bad({ neighbours: Array.from({ length: 513 }, () => neighbour("p")) })],
    ["too many assets", { topologies: Array.from({ length: 101 }, () => good) }],
    ["no time", bad({ time: null })],
  ])("is refused with %s", (_what, preamble) => expect(() => readPreamble(preamble)).toThrow(/topologies/));
});
