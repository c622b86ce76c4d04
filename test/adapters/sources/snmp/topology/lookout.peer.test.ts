import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../../../peers/process.ts";
import { type RecordedDevice, serveRecording } from "../../../../peers/recorded-device.ts";
import { answering } from "../answering.ts";
import { int, octets, response, variable } from "../ber.ts";
import { startResponder } from "../responder.ts";
import { poll, type Subject, subject } from "../setup.ts";

let folder: string;
let device: RecordedDevice | undefined;
let it: Subject | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-lookout-"));
});
afterEach(async () => {
  await it?.stop();
  await device?.stop();
  [it, device] = [undefined, undefined];
  await rm(folder, { recursive: true, force: true });
});

async function start(lines: readonly string[], topology: unknown): Promise<Subject> {
  const file = join(folder, "device.snmprec");
  await writeFile(file, ["1.3.6.1.2.1.1.3.0|67|1000", "1.3.6.1.2.1.1.5.0|4|sw-1", ...lines].join("\n"));
  device = await serveRecording(file);
  it = subject({ port: device.port, profile: "system", timeout: "200ms", retries: 0, topology });
  return it;
}

async function pollUntilSeen(subject: Subject): Promise<void> {
  await until("it has looked around", 10_000, async () => (await poll(subject)) === undefined && subject.sink.topologies.length > 0);
}

/** More rows of a forwarding table than are read. */
function forwarding(rows: number): string[] {
  const index = (i: number): string => `2.0.0.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  return Array.from({ length: rows }, (_, i) => `1.3.6.1.2.1.17.4.3.1.2.${index(i)}|2|${1 + (i % 3)}`);
}

test("after a good round it looks around, over a session of its own", async () => {
  const subject = await start(["1.3.6.1.2.1.4.22.1.2.3.10.0.0.7|4x|02aa00000007", ...forwarding(20)], { every: "300ms" });
  await pollUntilSeen(subject);
  expect(subject.sink.topologies[0]).toMatchObject({
    self: { system: "sw-1", macs: [] },
    ports: [
      { port: "port 1", count: 7 },
      { port: "port 2", count: 7 },
      { port: "port 3", count: 6 },
    ],
    stations: [{ mac: "02:aa:00:00:00:07", address: "10.0.0.7" }],
    partial: [],
  });
});

test("a table beyond its bound is cut, and said to be", async () => {
  const subject = await start(forwarding(5000), { every: "300ms" });
  await pollUntilSeen(subject);
  const [found] = subject.sink.topologies;
  expect(found?.partial).toEqual(["forwarding"]);
  expect(found?.ports.reduce((sum, { count }) => sum + count, 0)).toBe(4096);
});

test("off, it never does", async () => {
  const quiet = await start(forwarding(20), "off");
  const loud = subject({ port: device?.port ?? 0, profile: "system", topology: { every: "300ms" } });
  await until("the other has looked around", 10_000, async () => {
    expect([await poll(quiet), await poll(loud)]).toEqual([undefined, undefined]);
    return loud.sink.topologies.length > 0;
  });
  await loud.stop();
  expect(quiet.sink.topologies).toEqual([]);
});

test("rounds go on while a device is silent about its tables, and the source ends with a look under way", async () => {
  const getBulk = 0xa5;
  const absent = Buffer.from([0x81, 0]);
  const responder = await startResponder(({ id, tag, oids }) => {
    if (tag === getBulk) return undefined;
    return response({ id, variables: oids.map((oid) => variable(oid, oid === "1.3.6.1.2.1.1.3.0" ? int(1000, 0x43) : absent)) });
  });
  const patient = subject({ port: responder.port, profile: "system", timeout: "30s", retries: 0, topology: { every: "10ms" } });
  const looks = (): number => responder.requests.filter(({ tag }) => tag === getBulk).length;
  await until("it looks around", 10_000, async () => (await poll(patient)) === undefined && looks() === 1);
  for (let round = 0; round < 5; round++) expect(await poll(patient)).toBeUndefined();
  await patient.stop();
  expect([looks(), patient.sink.topologies.length]).toEqual([1, 0]);
  await responder.stop();
});

/** A switch that keeps a forwarding table for each VLAN, behind `public@vlan`: port 5 is another interface in VLAN 20. */
async function catalyst(answers: (community: string) => boolean = () => true) {
  const state = (vlan: number): [string, () => Buffer] => [`1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.${vlan}`, () => int(1)];
  const bridge = (mac: string, ifIndex: number): [string, () => Buffer][] => [
    ["1.3.6.1.2.1.17.1.4.1.2.5", () => int(ifIndex)],
    [`1.3.6.1.2.1.17.4.3.1.2.${mac}`, () => int(5)],
    [`1.3.6.1.2.1.17.4.3.1.3.${mac}`, () => int(3)],
  ];
  const own = [1, 10, 20, 30, 1002].map(state);
  const names = [1, 2, 3].map((n): [string, () => Buffer] => [`1.3.6.1.2.1.31.1.1.1.1.${n}`, () => octets(`Gi0/${n}`)]);
  const views: Readonly<Record<string, (asked: Parameters<ReturnType<typeof answering>>[0]) => Buffer[]>> = {
    public: answering(new Map([["1.3.6.1.2.1.1.3.0", () => int(1000, 0x43)], ...names, ...own, ...bridge("2.0.0.0.0.1", 1)])),
    "public@10": answering(new Map(bridge("2.0.0.0.0.10", 2))),
    "public@20": answering(new Map(bridge("2.0.0.0.0.20", 3))),
    "public@30": answering(new Map()),
  };
  return startResponder((request) => {
    const { id, community } = request;
    const view = answers(community) ? views[community] : undefined;
    return view === undefined ? undefined : response({ id, community, variables: view(request) });
  });
}

test("the forwarding tables that a Cisco switch keeps for each VLAN are read behind community@vlan", async () => {
  const responder = await catalyst();
  it = subject({ port: responder.port, profile: "system", timeout: "300ms", retries: 0, topology: { every: "300ms" } });
  await pollUntilSeen(it);
  expect(it.sink.topologies[0]).toMatchObject({
    ports: [
      { port: "Gi0/1", macs: ["02:00:00:00:00:01"] },
      { port: "Gi0/2", macs: ["02:00:00:00:00:0a"] },
      { port: "Gi0/3", macs: ["02:00:00:00:00:14"] },
    ],
    partial: [],
  });
  expect(new Set(responder.requests.map(({ community }) => community))).toEqual(new Set(["public", "public@10", "public@20", "public@30"]));
  await responder.stop();
});

test("a switch that does not answer behind community@vlan: what VLAN 1 has, said to be a part", async () => {
  const responder = await catalyst((community) => community === "public");
  it = subject({ port: responder.port, profile: "system", timeout: "100ms", retries: 0, topology: { every: "300ms" } });
  await pollUntilSeen(it);
  expect(it.sink.topologies[0]).toMatchObject({ ports: [{ port: "Gi0/1", count: 1 }], partial: ["forwarding"] });
  await responder.stop();
});
