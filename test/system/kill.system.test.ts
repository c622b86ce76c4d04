import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDuckDbStore } from "../../adapters/stores/duckdb/store.ts";
import { decodeBatch } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { type ModbusServer, serveModbus } from "../../demo/modbus-server.ts";
import type { Peer } from "../peers/process.ts";
import { until } from "../peers/process.ts";
import { createSite, type Site } from "./daemons.ts";

/** `npm run soak` asks for a hundred. */
const kills = Number(process.env["KILLS"] ?? 8);

/** Every request is answered with the next number: each reading in the world has a value of its own. */
let minted = 0;
let device: ModbusServer;
let site: Site;

beforeAll(async () => {
  const registers = (_: unknown, address: number): number => {
    if (address === 0) minted++;
    return address === 0 ? Math.floor(minted / 65_536) : minted % 65_536;
  };
  device = await serveModbus({ id: 1, registers });
  site = await createSite(`
assets:
  mint:
    labels: { type: mint }
    modbus:
      tcp: "127.0.0.1:${device.port}"
      unit: 1
      every: 20ms
      timeout: 1s
      metrics: [{ metric: minted_total, register: 0, type: uint32, kind: counter }]
`);
});
afterAll(async () => {
  await device.stop();
  site.remove();
});

it(
  "loses no accepted reading and doubles none, however often agent and collector are killed",
  async () => {
    const accepted = new Set<number>();
    let agent = await site.startAgent();
    let collector: Peer | undefined;
    const agentKills = kills;
    const collectorKills = Math.ceil(kills / 2);
    for (let round = 0; round < agentKills; round++) {
      // The collector is away for a part of every round, and dies at a moment of its own.
      collector ??= round % 3 === 1 ? undefined : await site.startCollector();
      await sleep(300 + Math.random() * 700);
      await agent.kill();
      for (const value of valuesInSpool()) accepted.add(value);
      if (collector !== undefined && round < collectorKills) {
        await sleep(Math.random() * 120);
        await collector.kill();
        collector = undefined;
      }
      agent = await site.startAgent();
    }
    collector ??= await site.startCollector();
    await until("the first readings are accepted", 10_000, () => minted > 0);
    await sleep(1500);
    await agent.stop();
    for (const value of valuesInSpool()) accepted.add(value);
    agent = await site.startAgent();
    const lastAccepted = Math.max(...accepted);
    await until(`reading ${lastAccepted} is stored`, 20_000, async () => (await storedLatest()) >= lastAccepted);
    await agent.stop();
    await collector.stop();

    const stored = await valuesInStore();
    const once = new Set(stored);
    const missing = [...accepted].filter((value) => !once.has(value));
    process.stdout.write(
      `${agentKills} kills of the agent, ${collectorKills} of the collector: ${minted} minted, ${accepted.size} seen accepted in the spool, ${stored.length} stored, ${stored.length - once.size} doubled, ${missing.length} missing\n`,
    );
    expect(accepted.size).toBeGreaterThan(100);
    expect(missing).toEqual([]);
    expect(stored.length - once.size).toBe(0);
    expect(Math.max(...stored)).toBeLessThanOrEqual(minted);
  },
  60_000 + kills * 5_000,
);

async function storedLatest(): Promise<number> {
  const answer = await fetch(`${site.url}/api/v1/readings/latest?asset=mint`);
  const { readings } = (await answer.json()) as { readings: { metric: string; value: number | null }[] };
  return readings.find((reading) => reading.metric === "minted_total")?.value ?? 0;
}

/** Every minted value whose record is whole in a segment on disk: read by docs/delivery.md §2 alone, not by the spool's code. */
function valuesInSpool(): number[] {
  const folder = join(site.folder, "spool");
  const found: number[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".seg")) continue;
    const bytes = readFileSync(join(folder, name));
    for (let at = 0; at + 28 <= bytes.length; ) {
      const end = at + 28 + bytes.readUInt32LE(at + 4);
      if (bytes.toString("latin1", at, at + 4) !== "MWR1" || end > bytes.length) break;
      found.push(...valuesIn(inflateRawSync(bytes.subarray(at + 28, end))));
      at = end;
    }
  }
  return found;
}

const numbers = new Map<number, string>();

function valuesIn(payload: Buffer): number[] {
  const { preamble, readings } = decodeBatch(payload);
  for (const one of (preamble as { series?: { number: number; metric: string }[] }).series ?? []) numbers.set(one.number, one.metric);
  const values: number[] = [];
  for (let i = 0; i < readings.length; i++) {
    const value = readings.value[i] ?? Number.NaN;
    if (numbers.get(readings.series[i] ?? -1) === "minted_total" && !Number.isNaN(value)) values.push(value);
  }
  return values;
}

async function valuesInStore(): Promise<number[]> {
  const store = createDuckDbStore({ dir: join(site.folder, "store"), log: silentLog });
  const { series } = await store.open();
  const mint = new Set(series.filter((one) => one.metric === "minted_total").map((one) => one.index));
  const values: number[] = [];
  for (let position = 0; ; ) {
    const { next, readings } = await store.journal(position, 10_000);
    for (let i = 0; i < readings.length; i++) {
      const value = readings.value[i] ?? Number.NaN;
      if (mint.has(readings.series[i] ?? -1) && !Number.isNaN(value)) values.push(value);
    }
    if (next === position) break;
    position = next;
  }
  await store.close();
  return values;
}
