import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDuckDbStore } from "../../adapters/stores/duckdb/store.ts";
import { createInfluxSink } from "../../adapters/stores/influx/sink.ts";
import { Feeder } from "../../collector/journal/sinks.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import type { IndexedSeries, Store } from "../../core/store.ts";
import { type Influxd, startInfluxd } from "../peers/influxd.ts";
import { until } from "../peers/process.ts";
import { columns, numbered, type Reading } from "./batches.ts";

const series: IndexedSeries[] = Array.from({ length: 5 }, (_, index) => ({
  ...numbered(index, { metric: "load_ratio", labels: { port: `p ${index},"x"` } }),
  index,
  agent: "hall-1",
}));
const start = Date.UTC(2026, 0, 1);
const perCommit = 1000;

let dir: string;
let influxd: Influxd;
let store: Store;
let feeder: Feeder;
let stored = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "mw-feed-"));
  influxd = await startInfluxd();
  await open();
});

afterAll(async () => {
  await feeder.stop();
  await store.close();
  await influxd.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function open(): Promise<void> {
  store = createDuckDbStore({ dir, log: silentLog });
  const { end } = await store.open();
  const sink = createInfluxSink({ url: influxd.url, database: "plant", log: silentLog });
  await store.keepCursors([sink.name]);
  const describe = (index: number): IndexedSeries => series[index] ?? (series[0] as IndexedSeries);
  feeder = new Feeder({
    sink,
    store,
    describe,
    end,
    deadLetters: join(dir, "dead"),
    clock: systemClock(),
    log: silentLog,
    random: Math.random,
  });
  feeder.start();
}

async function append(commits: number): Promise<void> {
  for (let k = 0; k < commits; k++) {
    const readings = Array.from({ length: perCommit }, (_, i): Reading => [(stored + i) % 5, start + stored + i, stored + i]);
    stored += perCommit;
    await store.append({ series: [], aliases: [], marks: [], readings: [columns(readings)] });
    feeder.grown(perCommit);
  }
}

const inEngine = async (): Promise<number> =>
  Number((await influxd.query('SELECT count(value) FROM "load_ratio"', "plant"))[0]?.["count"] ?? 0);

it("feeds InfluxDB every reading once, though engine and collector go away in mid-stream", async () => {
  await append(10);
  await until("some are written", 10_000, () => feeder.counts().written >= 5000);
  await influxd.kill();
  await append(10);
  await feeder.stop();
  await store.close();
  await open();
  await append(10);
  await influxd.restart();
  await until("it has caught up", 20_000, () => feeder.counts().behind === 0);
  expect(await inEngine()).toBe(stored);
  const [sum] = await influxd.query('SELECT sum(value) FROM "load_ratio"', "plant");
  expect(sum?.["sum"]).toBe((stored * (stored - 1)) / 2);
  expect(feeder.counts()).toMatchObject({ rejected: 0 });
  expect(await store.cursor(`influx:${new URL(influxd.url).host}/plant`)).toBe(stored);
});
