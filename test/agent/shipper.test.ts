import { cpSync, readdirSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { CollectorClient } from "../../agent/client.ts";
import { NowLane } from "../../agent/now.ts";
import { Shipper } from "../../agent/shipper.ts";
import type { Spool } from "../../agent/spool/spool.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";
import { LedgerServer } from "./collector.ts";
import { batchOf, open, registryOf, testFolder } from "./spool/readings.ts";

/** Real sockets, but waits that are a twentieth as long. */
function quickClock(): Clock {
  const clock = systemClock();
  return { ...clock, now: () => clock.now(), after: (ms, call) => clock.after(ms / 20, call) };
}

interface Shipping {
  readonly collector: LedgerServer;
  readonly spool: Spool;
  readonly shipper: Shipper;
  readonly fresh: () => number;
  /** Waits until everything is acknowledged. */
  done(): Promise<void>;
}

async function ship(
  place: {
    readonly dir?: string;
    readonly collector?: LedgerServer;
    readonly before?: (spool: Spool) => Promise<void>;
    readonly nowLane?: (spool: Spool, clock: Clock) => NowLane;
  } = {},
): Promise<Shipping> {
  const clock = quickClock();
  const collector = place.collector ?? (await new LedgerServer().start());
  const spool = await open(place.dir ?? testFolder(), { clock });
  await place.before?.(spool);
  const client = new CollectorClient({ collector: collector.url, clock, timeoutMs: 5_000 });
  let fresh = 0;
  const now = place.nowLane === undefined ? {} : { now: place.nowLane(spool, clock) };
  const random = (): number => 0.5;
  const shipper = new Shipper({ agent: "a", spool, client, clock, log: silentLog, random, fresh: () => fresh++, ...now });
  shipper.start();
  const done = (): Promise<void> => expect.poll(() => spool.stats().waiting).toBe(0);
  onTestFinished(async () => {
    await shipper.stop();
    client.close();
    await spool.close();
  });
  return { collector, spool, shipper, fresh: () => fresh, done };
}

async function append(spool: Spool, values: readonly number[]): Promise<void> {
  for (const value of values) await spool.append(batchOf(2, value));
}

const twice = (values: readonly number[]): { origin: string; value: number }[] =>
  values.flatMap((value) => [0, 1].map((n) => ({ origin: `holding:${n}`, value })));

describe("the shipper", () => {
  test("is heard of every 10 s while there is nothing to send, and still delivers what comes", async () => {
    const { collector, spool, done } = await ship();
    await expect.poll(() => collector.handshakes).toBeGreaterThanOrEqual(3);
    await append(spool, [1]);
    await done();
    expect(collector.stored).toEqual(twice([1]));
  });

  test("delivers in order, and says that the collector did not know the epoch", async () => {
    const { collector, spool, shipper, fresh, done } = await ship();
    await append(spool, [1, 2, 3]);
    await done();
    expect(collector.stored).toEqual(twice([1, 2, 3]));
    expect(fresh()).toBe(1);
    expect(shipper.status()).toMatchObject({ state: "shipping", acked: 3 });
    expect(Math.abs(shipper.status().offsetMs ?? Number.NaN)).toBeLessThan(1000);
  });

  test.each([
    ["an answer that is lost", ["lose"]],
    ["a connection that is reset", ["reset", "reset"]],
    ["a server that hangs", ["hang"]],
    ["503 and 500", [{ status: 503 }, { status: 500 }]],
    ["429 with Retry-After", [{ status: 429, headers: { "retry-after": "1" } }]],
    [
      "a page of somebody else",
      [{ status: 200, body: { hello: 1 } }, { status: 400, body: {} }, { status: 301 }, { status: 404, problem: true }],
    ],
    ["401", [{ status: 401, problem: true }]],
  ] as const)("outlasts %s: all stored once, none refused", async (_, faults) => {
    const collector = await new LedgerServer().start();
    collector.faults = [...faults];
    const { spool, shipper, done } = await ship({ collector });
    await append(spool, [1, 2, 3]);
    await done();
    expect(collector.stored).toEqual(twice([1, 2, 3]));
    expect(shipper.status().refusedBatches).toBe(0);
    expect(collector.lives.size).toBe(1);
  });

  test("waits as long as Retry-After says", async () => {
    const collector = await new LedgerServer().start();
    collector.faults = [{ status: 503, headers: { "retry-after": "8" } }];
    const { spool, done } = await ship({ collector });
    const start = performance.now();
    await append(spool, [1]);
    await done();
    // 8 s of a clock whose waits are a twentieth.
    expect(performance.now() - start).toBeGreaterThan(390);
  });

  test("a poison batch goes to quarantine, its gap is stored, the next one follows", async () => {
    const dir = testFolder();
    const { collector, spool, shipper, done } = await ship({ dir });
    collector.poison.add(2);
    await append(spool, [1, 2, 3]);
    await done();
    expect(collector.stored).toEqual(twice([1, 3]));
    expect(collector.gaps).toMatchObject([{ firstSeq: 2, lastSeq: 2, count: 2 }]);
    expect(shipper.status().refusedBatches).toBe(1);
    expect(readdirSync(`${dir}/quarantine`)).toHaveLength(1);
  });

  test("a restarted agent goes on in the middle of a segment and says first what its numbers mean", async () => {
    const dir = testFolder();
    const collector = await new LedgerServer().start();
    const first = await open(dir);
    await append(first, [1, 2, 3]);
    first.ack(2);
    const { epoch } = first;
    await first.close();
    const life = collector.life(epoch);
    life.mark = 2;
    const { done } = await ship({ dir, collector });
    await done();
    expect(collector.described).toEqual([[0, 1]]);
    expect(collector.stored).toEqual(twice([3]));
  });

  test("a collector that forgot what numbers mean is told again", async () => {
    const { collector, spool, done } = await ship();
    await append(spool, [1, 2]);
    await done();
    collector.life(spool.epoch).series.clear();
    await append(spool, [3]);
    await done();
    expect(collector.described).toEqual([[0, 1]]);
    expect(collector.stored).toEqual(twice([1, 2, 3]));
  });

  test("a collector restored from a backup gets again what is still there, and a gap for what is not", async () => {
    const { collector, spool, done } = await ship();
    await append(spool, [1, 2, 3]);
    await done();
    collector.life(spool.epoch).mark = 1;
    await append(spool, [4]);
    await done();
    await expect.poll(() => collector.life(spool.epoch).mark).toBe(4);
    expect(collector.stored).toEqual(twice([1, 2, 3, 2, 3, 4]));
  });

  test("holes in the spool are told as gaps, and the mark has no hole", async () => {
    const dir = testFolder();
    const collector = await new LedgerServer().start();
    const spool = await open(dir, { maxBytes: 8192 });
    for (let value = 1; value <= 200; value++) await spool.append(batchOf(2, value));
    await spool.close();
    collector.life(spool.epoch).mark = 0;
    const { done, spool: again } = await ship({ dir, collector });
    await done();
    expect(collector.gaps).toHaveLength(1);
    expect((collector.gaps[0]?.count ?? 0) + collector.stored.length).toBe(400);
    expect(collector.life(again.epoch).mark).toBe(200);
  });

  test("a cloned disk: the second life gets an epoch of its own and loses nothing", async () => {
    const collector = await new LedgerServer().start();
    const original = testFolder();
    const seed = await open(original);
    await append(seed, [1, 2]);
    await seed.close();
    const clone = testFolder();
    cpSync(original, clone, { recursive: true });
    const one = await ship({ dir: original, collector });
    await append(one.spool, [3, 4]);
    await one.done();
    // Before it has ever asked the collector, the clone has batches 3, 4 and 5 of its own.
    const two = await ship({ dir: clone, collector, before: (spool) => append(spool, [30, 40, 50]) });
    await two.done();
    expect(two.spool.epoch).not.toBe(one.spool.epoch);
    expect(collector.stored).toEqual(twice([1, 2, 3, 4, 30, 40, 50]));
  });

  test("a spool that is behind the collector begins a new epoch: its twin, if there is one, keeps the old", async () => {
    const collector = await new LedgerServer().start();
    const dir = testFolder();
    const empty = await open(dir);
    const { epoch } = empty;
    await empty.close();
    collector.life(epoch).mark = 41;
    const { spool, done } = await ship({ dir, collector });
    await expect.poll(() => spool.epoch).not.toBe(epoch);
    await spool.append(batchOf(2, 7));
    await done();
    expect(collector.stored).toEqual(twice([7]));
    expect(collector.life(epoch).mark).toBe(41);
  });

  test("no collector at all: stops at once when asked to", async () => {
    const collector = await new LedgerServer().start();
    collector.stop();
    const { spool, shipper } = await ship({ collector });
    await append(spool, [1]);
    await expect.poll(() => shipper.status().state).toBe("waiting");
    const start = performance.now();
    await shipper.stop();
    expect(performance.now() - start).toBeLessThan(500);
    expect(spool.stats().waiting).toBe(1);
  });
});

describe("a backlog", () => {
  const values = Array.from({ length: 200 }, (_, at) => at + 1);

  test("goes several batches a request, in order, each once, also when answers are lost on the way", async () => {
    const collector = await new LedgerServer().start();
    const dir = testFolder();
    const spool = await open(dir);
    await append(spool, values);
    await spool.close();
    collector.faults = [{ status: 503 }, "lose", "lose", { status: 200, body: { page: 1 } }];
    const { done, shipper } = await ship({ dir, collector });
    await done();
    expect(collector.stored).toEqual(twice(values));
    expect(Math.max(...collector.runs)).toBe(64);
    expect(collector.posts).toBeLessThan(20);
    expect(shipper.status().refusedBatches).toBe(0);
  });

  test("a poison batch in the middle costs itself only: it comes alone, the rest goes on together", async () => {
    const { collector, done } = await ship({
      before: async (spool) => {
        await append(spool, values);
      },
      collector: await poisoned(37),
    });
    await done();
    expect(collector.stored).toEqual(twice(values.filter((value) => value !== 37)));
    expect(collector.gaps).toMatchObject([{ firstSeq: 37, lastSeq: 37, count: 2 }]);
  });

  test("goes one by one to a collector that knows no other way", async () => {
    const collector = await new LedgerServer().start();
    collector.old = true;
    const { done } = await ship({ collector, before: (spool) => append(spool, values.slice(0, 20)) });
    await done();
    expect(collector.stored).toEqual(twice(values.slice(0, 20)));
    expect(collector.runs).toEqual([]);
  });

  test("does not keep the present waiting: the newest value is shown before the first old one is stored", async () => {
    const collector = await new LedgerServer().start();
    const dir = testFolder();
    const before = await open(dir);
    await append(before, values);
    await before.close();
    const { done } = await ship({ dir, collector, nowLane: present });
    await done();
    expect(collector.shown).toEqual([{ origin: "holding:0", value: 999, after: 0 }]);
    // Shown is not stored.
    expect(collector.stored).toEqual(twice(values));
  });
});

/** A collector that takes every batch but this one. */
async function poisoned(seq: number): Promise<LedgerServer> {
  const collector = await new LedgerServer().start();
  collector.poison.add(seq);
  return collector;
}

/** The newest value of the first series is 999. */
function present(spool: Spool, clock: Clock): NowLane {
  const registry = registryOf(1);
  const lane = new NowLane({ clock, spool, series: registry });
  lane.put(0, Date.now(), 999, Q.Good);
  return lane;
}
