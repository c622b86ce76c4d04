import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningCollector, startCollector } from "../../collector/collector.ts";
import { ListenError } from "../../collector/listen.ts";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema.ts";
import type { CollectorEvent } from "../../core/api.ts";
import type { BatchPreamble } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";
import type { SourceStatus } from "../../core/source.ts";
import { FakeClock } from "../fake-clock.ts";
import { until } from "../peers/process.ts";
import { bodyOf, epoch, numbered, type Reading } from "./batches.ts";

let dir: string;
let clock: FakeClock;
let running: RunningCollector | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "mw-collector-"));
  clock = new FakeClock();
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(dir, { recursive: true, force: true });
});

function configOf(more: { listen?: string; limit?: number; insecure?: boolean } = {}): Config {
  const path = join(dir, "plant.yaml");
  writeFileSync(
    path,
    `collector: { listen: "${more.listen ?? "127.0.0.1:0"}", store: { duckdb: { dir: ./store, retain: 1d } }, insecure: ${more.insecure ?? false} }
assets:
  filler-31:
    name: Filler 31
    modbus: { tcp: "127.0.0.1:1502", unit: 31, metrics: [{ metric: temperature_celsius, register: 0, type: int16 }], every: 2s }
alarms:
  bearing-hot: { asset: filler-31, metric: temperature_celsius, critical: { above: ${more.limit ?? 85} } }
services:
  line-3: { name: Line 3, needs: [asset filler-31] }
`,
  );
  return loadConfig(path);
}

async function start(config = configOf()): Promise<RunningCollector> {
  running = await startCollector({ config, log: silentLog, clock, webRoot: dir });
  return running;
}

async function restart(): Promise<RunningCollector> {
  await running?.stop();
  return await start();
}

const up: SourceStatus = { asset: "filler-31", protocol: "modbus", target: "127.0.0.1:1502 unit 31", state: "up", reason: "", lastOk: 5 };
const temperature = numbered(0, { metric: "temperature_celsius", labels: { sensor: "bearing" } });
const hello: BatchPreamble = { series: [temperature], sources: [up], inventory: [{ asset: "filler-31", facts: { serial: "X\n1" } }] };

async function send(seq: number, readings: readonly Reading[], preamble: BatchPreamble = {}): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${running?.url}/api/v1/ingest`, {
    method: "POST",
    headers: {
      "content-type": "application/vnd.millwright.batch",
      "x-millwright-encoding": "deflate-raw",
      "x-millwright-agent": "hall-1",
      "x-millwright-epoch": epoch,
      "x-millwright-seq": `${seq}`,
      "x-millwright-count": `${readings.length}`,
      "x-millwright-sent-at": `${clock.now()}`,
      "x-millwright-version": "1",
      "x-millwright-spool-bytes": "4096",
    },
    body: new Uint8Array(bodyOf(preamble, readings)),
  });
  return { status: answer.status, body: await answer.json() };
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${running?.url}${path}`)).json()) as T;
}

const level = (collector: RunningCollector): string | undefined => collector.view.service("line-3")?.level;

describe("a running collector", () => {
  it("takes a batch over HTTP, and shows what it says", async () => {
    const { view } = await start();
    const now = clock.now();
    expect(
      await send(
        1,
        [
          [0, now - 1000, 60],
          [0, now, 86.5],
        ],
        hello,
      ),
    ).toEqual({ status: 200, body: { ack: 1, time: now } });
    expect(await get("/api/v1/readings/latest?asset=filler-31")).toMatchObject({
      readings: [{ asset: "filler-31", metric: "temperature_celsius", value: 86.5, time: now, quality: "Good", every_ms: 2000 }],
    });
    const range = `/api/v1/readings/range?asset=filler-31&metric=temperature_celsius&from=${now - 1000}&to=${now + 1}`;
    expect(await get(range)).toMatchObject({
      series: [
        {
          points: [
            [now - 1000, 60, "Good"],
            [now, 86.5, "Good"],
          ],
        },
      ],
    });
    expect(await get(`${range}&points=1`)).toMatchObject({ series: [{ points: [[now - 1000, 60, 73.25, 86.5]] }] });
    expect(await get("/api/v1/agents")).toMatchObject({
      agents: [{ name: "hall-1", last_seen: now, skew_ms: 0, seq: 1, assets: 1, spool_bytes: 4096, silent: false, gaps: [] }],
    });
    expect(view.assets()[0]).toMatchObject({ up: true, level: "critical", inventory: { serial: "X\n1" } });
    expect(view.service("line-3")?.level).toBe("critical");
    expect(view.alarms()).toMatchObject([{ alarm: "bearing-hot", value: 86.5, level: "critical" }]);
  });

  it("knows after a restart what it knew, and tells nobody that it is news", async () => {
    const collector = await start();
    await send(1, [[0, clock.now(), 86.5]], hello);
    const since = collector.view.service("line-3")?.since;
    await clock.advance(1000);
    const again = await restart();
    const events: CollectorEvent[] = [];
    again.view.subscribe((event) => events.push(event));
    expect(again.view.assets()[0]).toMatchObject({ up: true, level: "critical", inventory: { serial: "X\n1" } });
    expect(again.view.service("line-3")).toMatchObject({ level: "critical", since });
    expect(again.view.readings("filler-31")).toMatchObject([{ value: 86.5 }]);
    expect(again.view.agents()).toMatchObject([{ name: "hall-1", epoch, seq: 1 }]);
    await clock.advance(1000);
    expect(events).toEqual([]);
    expect(await send(1, [[0, clock.now(), 86.5]], hello)).toMatchObject({ body: { ack: 1, duplicate: true } });
  });

  it("tells changes as they come, and values once a second", async () => {
    const { view } = await start();
    const events: CollectorEvent[] = [];
    const unsubscribe = view.subscribe((event) => events.push(event));
    await send(1, [[0, clock.now(), 60]], hello);
    await send(2, [[0, clock.now() + 1, 90]]);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["asset", "service", "alarm"]));
    await clock.advance(1000);
    const values = events.filter((event) => event.type === "readings");
    expect(values).toMatchObject([{ readings: [{ asset: "filler-31", value: 90 }] }]);
    unsubscribe();
    await send(3, [[0, clock.now(), 60]]);
    await clock.advance(1000);
    expect(events.filter((event) => event.type === "readings")).toHaveLength(1);
  });

  it("counts what became of readings", async () => {
    const { view } = await start();
    const now = clock.now();
    await send(
      1,
      [
        [0, now, 60],
        [0, now + 700_000, 60],
        [0, now + 1, Number.NaN, Q.BadTimeout],
      ],
      hello,
    );
    await send(1, [[0, now, 60]]);
    await send(4, [], { gaps: [{ firstSeq: 2, lastSeq: 4, count: 17, reason: "spool full", time: now }] });
    expect((await send(5, [[0, now, 60]], { series: [numbered(9, { metric: "a b" })] })).status).toBe(400);
    expect(Object.fromEntries(view.counts().readings)).toEqual({
      stored: 2,
      duplicate: 1,
      refused_future: 1,
      refused_malformed: 1,
      lost: 17,
    });
    const gaps = [{ time: now, count: 17, reason: "spool full" }];
    expect(view.agents()[0]?.gaps).toEqual(gaps);
    const again = await restart();
    expect(again.view.agents()[0]).toMatchObject({ gaps, seq: 4 });
  });

  it("says that an agent is silent once it is", async () => {
    const { view } = await start();
    await send(1, [[0, clock.now(), 60]], hello);
    await clock.advance(29_000);
    expect(view.agents()[0]?.silent).toBe(false);
    await clock.advance(2000);
    expect(view.agents()[0]?.silent).toBe(true);
  });

  it("judges by a new config from one moment to the next, with what it knew", async () => {
    const collector = await start();
    const events: CollectorEvent[] = [];
    await send(1, [[0, clock.now(), 80]], hello);
    expect(level(collector)).toBe("ok");
    collector.view.subscribe((event) => events.push(event));
    await collector.reload(configOf({ limit: 70 }));
    expect(level(collector)).toBe("critical");
    expect(collector.view.assets()[0]).toMatchObject({ up: true });
    expect(events.map(({ type }) => type)).toContain("config");
    await send(2, [[0, clock.now() + 1, 60]]);
    expect(level(collector)).toBe("ok");
  });

  it("forgets readings past `retain`, by the hour", async () => {
    const { view } = await start();
    const begin = clock.now();
    await send(1, [[0, begin, 60]], hello);
    const stored = async () =>
      (await view.range({ asset: "filler-31", metric: "temperature_celsius", from: 0, to: 1e15 })).series[0]?.points.length;
    for (let hour = 0; hour < 24; hour++) await clock.advance(3_600_000);
    expect(await stored()).toBe(1);
    await clock.advance(3_600_000);
    await until("the reading is pruned", 5000, async () => (await stored()) === 0);
  });

  it.each([
    ["keeps what assets tell of themselves and of the network around them over a restart", 0, 7],
    ["forgets it of assets that config has no more, by the hour", 3_600_000, null],
  ])("%s", async (_what, waitMs, since) => {
    const config = configOf();
    await start(config);
    const topology = { time: 7, self: { system: "", macs: [] }, neighbours: [], ports: [], stations: [], partial: [] };
    const facts = { serial: "4711" };
    const ids = ["filler-31", "filler-32"];
    await send(1, [], { topologies: ids.map((asset) => ({ asset, topology })), inventory: ids.map((asset) => ({ asset, facts })) });
    await clock.advance(waitMs);
    await clock.advance(2000);
    await running?.stop();
    const asset = config.assets["filler-31"];
    if (asset === undefined) throw new Error("no filler-31");
    await start({ ...config, assets: { "filler-31": asset, "filler-32": asset } });
    const told = await Promise.all(ids.map((id) => get<{ since: number | null }>(`/api/v1/assets/${id}/neighbours`)));
    expect(told.map((one) => one.since)).toEqual([7, since]);
    const shown = await Promise.all(ids.map((id) => get<{ inventory: object }>(`/api/v1/assets/${id}`)));
    expect(shown.map(({ inventory }) => inventory)).toEqual([facts, since === null ? {} : facts]);
  });

  it("answers what is under way when it is told to stop, and stores it", async () => {
    const collector = await start();
    await send(1, [[0, clock.now(), 60]], hello);
    const sends = Promise.all(Array.from({ length: 5 }, (_, i) => send(2 + i, [[0, clock.now(), i]]).catch(() => undefined)));
    await collector.stop();
    const acknowledged = (await sends).filter((answer) => answer?.status === 200).length;
    running = undefined;
    const again = await start();
    const range = await again.view.range({ asset: "filler-31", metric: "temperature_celsius", from: 0, to: 1e15 });
    expect(range.series[0]?.points.length).toBeGreaterThanOrEqual(1 + acknowledged);
  });
});

describe("a collector does not start", () => {
  it("where others can reach it, unless that is said to be known", async () => {
    await expect(start(configOf({ listen: "0.0.0.0:0" }))).rejects.toThrow(
      /0\.0\.0\.0:0 can be reached from other machines.*insecure: true/,
    );
    const { url } = await start(configOf({ listen: "0.0.0.0:0", insecure: true }));
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  });

  it("on a taken port, which it names, and leaves the store to others", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => {
        const address = other.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const config = configOf({ listen: `127.0.0.1:${port}` });
    await expect(start(config)).rejects.toThrow(new ListenError(`collector.listen: 127.0.0.1:${port}: another process listens there`));
    await new Promise((resolve) => other.close(resolve));
    await start(config);
  });
});
