import { expect, test } from "vitest";
import { Batcher } from "../../agent/batcher.ts";
import { type AssetEvent, type TrapCounts, trapOutcomes } from "../../core/asset-event.ts";
import type { Batch } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";
import type { SourceStatus } from "../../core/source.ts";
import type { Topology } from "../../core/topology.ts";
import { FakeClock } from "../fake-clock.ts";

const status: SourceStatus = { asset: "a", protocol: "snmp", target: "a:161", state: "up", reason: "", lastOk: 1 };

function batcherOf(append: (batch: Batch) => Promise<unknown> = () => Promise.resolve()): {
  batcher: Batcher;
  batches: Batch[];
  clock: FakeClock;
} {
  const batches: Batch[] = [];
  const clock = new FakeClock();
  const batcher = new Batcher({
    clock,
    log: silentLog,
    append: (batch) => {
      batches.push(batch);
      return append(batch);
    },
  });
  return { batcher, batches, clock };
}

test("a batch is formed half a second after its first reading", async () => {
  const { batcher, batches, clock } = batcherOf();
  batcher.put(0, 1, 1, Q.Good);
  await clock.advance(400);
  batcher.put(1, 2, 2, Q.Good);
  expect(batches).toHaveLength(0);
  await clock.advance(100);
  expect(batches.map((batch) => [...batch.readings.value])).toEqual([[1, 2]]);
  await clock.advance(5000);
  expect(batches).toHaveLength(1);
});

test("a batch is formed at a thousand readings, and is its own: later readings do not change it", async () => {
  const { batcher, batches } = batcherOf();
  for (let n = 0; n < 2500; n++) batcher.put(n, n + 1, n, Q.Good);
  await batcher.flush();
  expect(batches.map((batch) => batch.readings.length)).toEqual([1000, 1000, 500]);
  expect(batches[0]?.readings.value[999]).toBe(999);
});

test("states and inventory go along, the newest only, and are told again when the batch was dropped", async () => {
  let drop = 1;
  const { batcher, batches, clock } = batcherOf(() => (drop-- > 0 ? Promise.reject(new Error("full")) : Promise.resolve()));
  batcher.status({ ...status, state: "starting" });
  batcher.status(status);
  batcher.inventory("a", { firmware: "1" });
  await clock.advance(1000);
  await clock.advance(1000);
  batcher.put(0, 1, 1, Q.Good);
  await clock.advance(1000);
  expect(batches.map((batch) => batch.preamble)).toEqual([
    { sources: [status], inventory: [{ asset: "a", facts: { firmware: "1" } }] },
    { sources: [status], inventory: [{ asset: "a", facts: { firmware: "1" } }] },
  ]);
});

test("topologies go ten at a time, the newest of each asset, and again when the batch was dropped or the collector knows nothing", async () => {
  let drop = 1;
  const { batcher, batches } = batcherOf(() => (drop-- > 0 ? Promise.reject(new Error("full")) : Promise.resolve()));
  const told = (): string[][] =>
    batches.map(({ preamble }) => (preamble.topologies ?? []).map(({ asset, topology }) => `${asset}:${topology.time}`));
  batcher.topology("a0", topologyAt(1));
  for (let i = 0; i < 12; i++) batcher.topology(`a${i}`, topologyAt(2));
  await batcher.flush();
  await batcher.flush();
  const [first = [], ...rest] = told();
  expect(first).toHaveLength(10);
  expect(first[0]).toBe("a0:2");
  expect(new Set(rest.flat())).toEqual(new Set(Array.from({ length: 12 }, (_, i) => `a${i}:2`)));
  batches.length = 0;
  batcher.announce();
  await batcher.flush();
  expect(told().map((batch) => batch.length)).toEqual([10, 2]);
});

function topologyAt(time: number): Topology {
  return { time, self: { system: "", macs: [] }, neighbours: [], ports: [], stations: [], partial: [] };
}

test("a collector that knows nothing is told the inventory again", async () => {
  const { batcher, batches } = batcherOf();
  batcher.inventory("a", { firmware: "1" });
  batcher.inventory("a", { serial: "7" });
  await batcher.flush();
  batcher.announce();
  await batcher.flush();
  expect(batches.at(-1)?.preamble.inventory).toEqual([{ asset: "a", facts: { firmware: "1", serial: "7" } }]);
});

const event: AssetEvent = {
  asset: "a",
  time: 1,
  kind: "trap",
  name: "linkDown",
  level: "warning",
  text: "down",
  labels: {},
  origin: "1.3",
  values: {},
};

test("an event goes at once, in order, and is told to be durable only when it is", async () => {
  let written = (): void => {};
  const { batcher, batches, clock } = batcherOf(
    () =>
      new Promise<void>((resolve) => {
        written = resolve;
      }),
  );
  const durable: string[] = [];
  batcher.put(0, 1, 1, Q.Good);
  for (const text of ["1", "2"]) void batcher.event({ ...event, text }).then((taken) => durable.push(`${text} ${taken}`));
  await clock.advance(50);
  expect(batches.map(({ preamble }) => preamble.events?.map(({ text }) => text))).toEqual([["1", "2"]]);
  expect(durable).toEqual([]);
  written();
  await clock.advance(0);
  expect(durable).toEqual(["1 true", "2 true"]);
});

test("events of a batch that was dropped go with the next, before newer ones; too many are refused", async () => {
  const disk: { full: boolean } = { full: true };
  const { batcher, batches, clock } = batcherOf(() => (disk.full ? Promise.reject(new Error("full")) : Promise.resolve()));
  const first = batcher.event({ ...event, text: "1" });
  await clock.advance(50);
  disk.full = false;
  batches.length = 0;
  const second = batcher.event({ ...event, text: "2" });
  await clock.advance(50);
  expect(batches.map(({ preamble }) => preamble.events?.map(({ text }) => text))).toEqual([["1", "2"]]);
  expect(await Promise.all([first, second])).toEqual([true, true]);
  const many = Array.from({ length: 6000 }, () => batcher.event(event));
  expect(await many.at(-1)).toBe(false);
  await batcher.flush();
  expect((await Promise.all(many)).filter((taken) => taken)).toHaveLength(5000);
});

test("counts of the port for traps are told again to a collector that knows nothing", async () => {
  const { batcher, batches, clock } = batcherOf();
  const counts = Object.fromEntries(trapOutcomes.map((outcome, i) => [outcome, i])) as TrapCounts;
  batcher.traps(counts);
  await clock.advance(500);
  batcher.announce();
  await clock.advance(500);
  expect(batches.map(({ preamble }) => preamble)).toEqual([{ traps: counts }, { traps: counts }]);
});
