import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDuckDbStore } from "../../adapters/stores/duckdb/store.ts";
import { registerBacktest } from "../../cli/backtest.ts";
import { run } from "../../cli/program.ts";
import { startCollector } from "../../collector/collector.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../core/clock.ts";
import { ColumnBuilder } from "../../core/columns.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";
import { noisy } from "../collector/rehearsal/tracks.ts";
import { freePort } from "../peers/port.ts";
import { capturedIo } from "./captured-io.ts";

let folder: string;
let config: string;
let other: string;

const plant = (listen: string, clear: number): string => `
collector: { listen: "${listen}", store: { duckdb: { dir: ./store } } }
assets:
  filler-31: { labels: { type: filler } }
  sw: {}
alarms:
  hot: { on: { type: filler }, metric: temperature_celsius, warning: { above: 70, clear: ${clear} } }
  down: { asset: sw, metric: if_oper_status, critical: { is: down } }
services: { line: { needs: [asset filler-31] } }
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-backtest-"));
  config = join(folder, "plant.yaml");
  other = join(folder, "other.yaml");
  const listen = `127.0.0.1:${await freePort()}`;
  writeFileSync(config, plant(listen, 70));
  writeFileSync(other, plant(listen, 68));
  await fill(join(folder, "store"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** 44 times too hot, and a port that goes down twice, within the last hour. */
async function fill(dir: string): Promise<void> {
  const store = createDuckDbStore({ dir, log: silentLog });
  await store.open();
  const columns = new ColumnBuilder();
  const begin = Date.now() - 3_000_000;
  for (const [i, value] of noisy.entries()) columns.put(0, begin + i * 10_000, value, Q.Good);
  for (const [i, value] of [1, 2, 1, 2, Number.NaN, 1].entries())
    columns.put(1, begin + i * 30_000, value, Number.isNaN(value) ? Q.BadTimeout : Q.Good);
  const common = { labels: {}, unit: "", origin: "", everyMs: 10_000, agent: "a" };
  await store.append({
    series: [
      { ...common, index: 0, asset: "filler-31", metric: "temperature_celsius", kind: "gauge" },
      { ...common, index: 1, asset: "sw", metric: "if_oper_status", kind: "state", states: { 1: "up", 2: "down" } },
    ],
    aliases: [],
    marks: [],
    readings: [columns.view()],
  });
  await store.close();
}

async function millwright(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(["backtest", ...args], io, { backtest: () => Promise.resolve(registerBacktest) });
  return { code, out: io.out(), err: io.err() };
}

it("reads the store where no collector runs, and the collector where it does: with the same outcome", async () => {
  const { code, out, err } = await millwright("--config", config, "--since", "1h");
  expect([code, err]).toEqual([0, ""]);
  const [head, ...rest] = out.split("\n");
  expect(head).toMatch(/^270 readings from 20/);
  expect(rest.join("\n")).toBe(`
ALARM  COUNT  ACTIVE  LONGEST  CHATTERING  ASSETS     SERVICES
hot       44  22m     30s               0  filler-31  line
down       2  1m30s   1m                0  sw

SERVICE  ALARMS  ACTIVE
line         44  22m

hot: a dead band of 1.5 would have saved 43 of 44
hot: an off-delay of 30s would have saved 43 of 44
hot: an on-delay of 30s would have saved 44 of 44
`);
  const collector = await startCollector({ config: loadConfig(config), log: silentLog, clock: systemClock() });
  try {
    for (const more of [[], ["--url", collector.url]]) {
      expect((await millwright("--config", config, "--since", "1h", ...more)).out.split("\n").slice(1)).toEqual(rest);
    }
  } finally {
    await collector.stop();
  }
});

it("compares two configs side by side", async () => {
  const { out } = await millwright("--config", config, "--compare", other, "--alarm", "hot", "--store", join(folder, "store"));
  // The other alarm is still active at the end of the stretch, which moves on while the test runs.
  expect(out).toMatch(
    /^ALARM +COUNT +THEN +ACTIVE +THEN +LONGEST +THEN +CHATTERING +THEN\nhot +44 +1 +22m +50m(\d+s)? +30s +50m(\d+s)? +0 +0$/m,
  );
  expect(out).toMatch(/^SERVICE +ALARMS +THEN +ACTIVE +THEN\nline +44 +1 +22m +50m(\d+s)?$/m);
  const json = JSON.parse((await millwright("--config", config, "--compare", other, "--format", "json")).out);
  expect(json).toMatchObject({
    alarms: [{ alarm: "hot", count: 44 }, { alarm: "down" }],
    compared: { alarms: [{ count: 2 }, { count: 1 }] },
  });
  expect(json.alarms[0].episodes).toHaveLength(44);
});

it("an alarm that only one of the configs has, or that another asset's service feels, is compared with none", async () => {
  const text = plant("127.0.0.1:9", 70).replace("asset filler-31", "asset sw").replace("down:", "link-down:");
  const third = join(folder, "third.yaml");
  writeFileSync(third, text);
  const { out } = await millwright("--config", config, "--compare", third, "--since", "1h", "--store", join(folder, "store"));
  const rows = out.split("\n").map((line) => line.trim().split(/ +/).join(" "));
  expect(rows).toEqual(
    expect.arrayContaining([
      "hot 44 44 22m 22m 30s 30s 0 0",
      "down 2 0 1m30s 0s 1m 0s 0 0",
      "link-down 0 2 0s 1m30s 0s 1m 0 0",
      "line 44 2 22m 1m30s",
    ]),
  );
});

it("says what is wrong", async () => {
  expect(await millwright("--config", config, "--alarm", "hott")).toMatchObject({
    code: 2,
    err: 'there is no alarm "hott" (did you mean hot?)\n',
  });
  expect((await millwright("--config", config, "--since", "soon")).err).toContain('"soon" is not a duration');
  expect(await millwright("--config", config, "--store", join(folder, "none"))).toMatchObject({
    code: 1,
    err: expect.stringContaining("there is no store"),
  });
  const closed = `http://127.0.0.1:${await freePort()}`;
  expect(await millwright("--config", config, "--url", closed)).toMatchObject({ code: 1, err: expect.stringContaining("ECONNREFUSED") });
});
