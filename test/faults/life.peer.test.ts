import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RunningCollector } from "../../collector/collector.ts";
import { until } from "../peers/process.ts";
import { Mint, readStore } from "./oracle.ts";
import { FaultyWay } from "./proxy.ts";
import { CollectorSite, longer } from "./site.ts";

const storedBy = (collector: RunningCollector): number => collector.view.counts().readings.get("stored") ?? 0;

test("a batch that the collector never takes goes to quarantine with a gap in its place; the rest is delivered", async () => {
  const site = await CollectorSite.create();
  const collector = await site.start();
  const spool = join(site.folder, "spool");
  const mint = await Mint.start({ dir: spool, collector: collector.url });
  await until("the first readings are stored", 10_000, () => storedBy(collector) > 0);
  process.kill(mint.pid, "SIGUSR2");
  await until("a batch is in quarantine", 10_000, () => readdirSync(spool).includes("quarantine"));
  const before = mint.accepted;
  await until("later batches are stored", 10_000, () => storedBy(collector) > before);
  await until("what was minted is accepted", 5000, () => mint.accepted > before + 300);
  const target = mint.accepted;
  await until("that too is stored", 10_000, () => storedBy(collector) + 300 >= target);
  const end = await mint.end();
  const [agent] = collector.view.agents();
  await site.stop();
  const found = await readStore(site.store);
  const waiting = mint.minted - found.values.length - end.spool.refusedReadings;
  process.stdout.write(
    `poison: ${mint.minted} polled = ${found.values.length} stored + ${end.spool.refusedReadings} in quarantine (${found.lostTotal} told as a gap) + ${waiting} still in the spool\n`,
  );
  expect(end.refusedBatches).toBe(1);
  expect(found.doubled).toBe(0);
  expect(found.lostTotal).toBe(end.spool.refusedReadings);
  expect(agent?.gaps).toMatchObject([{ count: end.spool.refusedReadings, reason: expect.stringContaining("is not a metric name") }]);
  expect(readdirSync(join(spool, "quarantine"))).toHaveLength(1);
});

test("a disk that is cloned, or restored from a backup: what both lives accepted is stored once each", async () => {
  const site = await CollectorSite.create();
  const collector = await site.start();
  const [original, clone] = [join(site.folder, "spool"), join(site.folder, "clone")];
  const seed = await Mint.start({ dir: original, collector: collector.url });
  await until("the first readings are stored", 10_000, () => storedBy(collector) > 300);
  await seed.peer.kill();
  cpSync(original, clone, { recursive: true });
  const one = await Mint.start({ dir: original, collector: collector.url, from: 1_000_000 });
  await until("the original goes on", 10_000, () => one.accepted > 500);
  const oneEnd = await one.end();
  const two = await Mint.start({ dir: clone, collector: collector.url, from: 2_000_000 });
  await until("the clone's readings are stored", 10_000, () => two.accepted > 500);
  const twoEnd = await two.end();
  for (const [dir, { spool }] of [
    [original, oneEnd],
    [clone, twoEnd],
  ] as const) {
    const rest = await Mint.start({ dir, collector: collector.url, from: dir === clone ? 9_000_000 : 19_000_000 });
    const epoch = (): string => readFileSync(join(dir, "EPOCH"), "utf8").trim();
    const stored = (): boolean => collector.view.agents().some((agent) => agent.epoch === epoch() && agent.seq >= spool.lastSeq);
    await until("the rest is stored", 10_000, stored);
    await rest.peer.kill();
  }
  await site.stop();
  const { values, doubled } = await readStore(site.store);
  const count = (from: number, to: number): number => values.filter((value) => value >= from && value < to).length;
  process.stdout.write(
    `clone: original accepted ${one.accepted}, stored ${count(1_000_000, 2_000_000)}; clone accepted ${two.accepted}, stored ${count(2_000_000, 9_000_000)}; ${doubled} doubled\n`,
  );
  expect(doubled).toBe(0);
  expect(count(0, 1_000_000)).toBeGreaterThanOrEqual(seed.accepted);
  expect(count(1_000_000, 2_000_000)).toBe(one.accepted);
  expect(count(2_000_000, 9_000_000)).toBe(two.accepted);
});

test("after an outage live values are there at once while the backlog drains in order, and history raises nothing", async () => {
  // Only what was minted in the outage is above the limit, and it is long over.
  const site = await CollectorSite.create(
    `alarms: { high: { asset: mint, metric: minted, where: { n: "0" }, critical: { above: 1000000, clear: 1000000 } } }\n`,
  );
  const spool = join(site.folder, "spool");
  const way = await new FaultyWay(() => site.port).start();
  const outage = await Mint.start({ dir: spool, collector: way.url, from: 2_000_000, perTick: 200 });
  await until("there is a backlog", 60_000, () => outage.accepted > 20_000 * longer);
  await outage.peer.kill();
  const collector = await site.start();
  const raised: string[] = [];
  collector.view.subscribe((event) => {
    if (event.type === "alarm") raised.push(event.alarm.alarm);
  });
  const begin = performance.now();
  const present = await Mint.start({ dir: spool, collector: way.url });
  const live = (): boolean => collector.view.readings().some(({ value }) => value !== null && value > 0 && value < 1_000_000);
  await until("a live value is shown", 20_000, live);
  const storedThen = storedBy(collector);
  const waited = performance.now() - begin;
  await until("the backlog is stored", 60_000, () => storedBy(collector) >= outage.accepted + 200);
  // The newest values were never overwritten by older ones.
  expect(live()).toBe(true);
  await sleep(100);
  await present.end();
  await site.stop();
  const found = await readStore(site.store);
  const backlog = found.values.filter((value) => value >= 2_000_000);
  process.stdout.write(
    `backlog of ${outage.accepted}: live value ${Math.round(waited)} ms after the agent's start, ${storedThen} of the backlog stored by then; ${backlog.length} stored in all, ${found.doubled} doubled, ${raised.length} alarms\n`,
  );
  expect(backlog).toEqual([...backlog].sort((a, b) => a - b));
  expect(backlog.length).toBeGreaterThanOrEqual(outage.accepted);
  expect(found.doubled).toBe(0);
  expect(raised).toEqual([]);
}, 300_000);
