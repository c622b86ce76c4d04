import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RunningAgent, startAgent } from "../../agent/agent.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { serveModbus } from "../../demo/modbus-server.ts";
import { freePort } from "../peers/port.ts";
import { LedgerServer } from "./collector.ts";
import { testFolder } from "./spool/readings.ts";

interface Site {
  readonly folder: string;
  readonly collector: LedgerServer;
  write(assets: string): ReturnType<typeof loadConfig>;
  start(assets: string): Promise<RunningAgent>;
}

async function site(): Promise<Site> {
  const folder = testFolder();
  const collector = await new LedgerServer().start();
  mkdirSync(join(folder, "config"));
  const path = join(folder, "config", "site.yaml");
  const write = (assets: string): ReturnType<typeof loadConfig> => {
    writeFileSync(
      path,
      `agent: { name: hall-1, collector: "${collector.url}", spool: { dir: ../spool, max_size: 8MiB } }\nassets:\n${assets}`,
    );
    return loadConfig(path);
  };
  const start = async (assets: string): Promise<RunningAgent> =>
    startAgent({ config: write(assets), log: silentLog, clock: systemClock() });
  return { folder, collector, write, start };
}

const unit = (asset: string, port: number, register = 0): string =>
  `  ${asset}: { modbus: { tcp: "127.0.0.1:${port}", every: 100ms, timeout: 50ms, metrics: [{ metric: power_watts, register: ${register}, type: uint16, unit: kW }] } }\n`;

/** A Modbus unit whose only register counts its requests. */
async function countingUnit(): Promise<{ readonly port: number; readonly asked: () => number }> {
  let asked = 0;
  const server = await serveModbus({ id: 1, registers: () => ++asked % 60_000 });
  onTestFinished(() => server.stop());
  return { port: server.port, asked: () => asked };
}

const powers = (collector: LedgerServer): number[] =>
  collector.stored.filter((one) => one.origin.startsWith("holding:") && !Number.isNaN(one.value)).map((one) => one.value / 1000);

describe("an agent", () => {
  test("reads real devices into a collector, a dead one beside them", async () => {
    const { collector, start } = await site();
    const living = await countingUnit();
    const agent = await start(unit("press", living.port) + unit("dead", await freePort()));
    await expect.poll(() => powers(collector).length).toBeGreaterThan(10);
    const { sources, shipper } = agent.status();
    expect(sources.find((one) => one.asset === "press")).toMatchObject({ state: "up", protocol: "modbus" });
    expect(sources.find((one) => one.asset === "dead")).toMatchObject({ state: "down" });
    expect(shipper.state).toBe("shipping");
    await agent.stop();
    expect(agent.status().spool.waiting).toBe(0);
    const seen = powers(collector);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });

  test("an outage of the collector and a restart of the agent in it lose nothing", async () => {
    const { collector, start } = await site();
    const living = await countingUnit();
    collector.faults = Array.from({ length: 200 }, () => ({ status: 503 }));
    const first = await start(unit("press", living.port));
    await expect.poll(() => living.asked()).toBeGreaterThan(20);
    await first.stop();
    const before = living.asked();
    expect(powers(collector)).toEqual([]);
    collector.faults = [];
    const second = await start(unit("press", living.port));
    await expect.poll(() => Math.max(0, ...powers(collector))).toBeGreaterThan(before);
    await second.stop();
    const seen = powers(collector);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    // Each stop may have cut one answer off that was on its way.
    expect(seen.length).toBeGreaterThanOrEqual(living.asked() - 2);
  });

  test("a reload starts, stops and changes sources; what stays the same keeps its connection", async () => {
    const { collector, start, write } = await site();
    const stays = await countingUnit();
    const goes = await countingUnit();
    const comes = await countingUnit();
    const agent = await start(unit("stays", stays.port) + unit("goes", goes.port));
    await expect.poll(() => goes.asked()).toBeGreaterThan(3);
    await agent.reload(write(unit("stays", stays.port) + unit("comes", comes.port)));
    await expect.poll(() => comes.asked()).toBeGreaterThan(3);
    const left = goes.asked();
    expect(agent.status().sources.map((one) => one.asset)).toEqual(["stays", "comes"]);
    await expect.poll(() => powers(collector).length).toBeGreaterThan(10);
    expect(goes.asked()).toBe(left);
    await agent.stop();
  });
});
