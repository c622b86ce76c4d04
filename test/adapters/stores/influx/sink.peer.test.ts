import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInfluxSink } from "../../../../adapters/stores/influx/sink.ts";
import { Secret } from "../../../../config/secret.ts";
import { ColumnBuilder, type ReadingColumns } from "../../../../core/columns.ts";
import { silentLog } from "../../../../core/log.ts";
import { Q } from "../../../../core/quality.ts";
import type { Labels } from "../../../../core/reading.ts";
import { type Sink, SinkError } from "../../../../core/sink.ts";
import type { IndexedSeries } from "../../../../core/store.ts";
import { type Influxd, startInfluxd } from "../../../peers/influxd.ts";
import { freePort } from "../../../peers/port.ts";

const start = Date.UTC(2026, 0, 1);

function seriesOf(index: number, metric: string, labels: Labels = {}, asset = "filler-31"): IndexedSeries {
  return { index, agent: "hall-1", asset, metric, labels, unit: "Cel", kind: "gauge", origin: "holding:1", everyMs: 1000 };
}

type Row = readonly [series: number, time: number, value: number, quality?: number];

function columns(rows: readonly Row[]): ReadingColumns {
  const builder = new ColumnBuilder();
  for (const [series, time, value, quality = Q.Good] of rows) builder.put(series, time, value, quality);
  return builder.view();
}

function describeBy(series: readonly IndexedSeries[]): (index: number) => IndexedSeries {
  return (index) => {
    const found = series[index];
    if (found === undefined) throw new Error(`no series ${index}`);
    return found;
  };
}

const faultOf = (writing: Promise<void>): Promise<unknown> =>
  writing.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a running InfluxDB", () => {
  let influxd: Influxd;
  let database = 0;
  const sinks: Sink[] = [];
  const fresh = (): { sink: Sink; db: string } => {
    const db = `plant ${++database}`;
    const sink = createInfluxSink({ url: influxd.url, database: db, log: silentLog });
    sinks.push(sink);
    return { sink, db };
  };
  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(async () => {
    for (const sink of sinks) await sink.close();
    await influxd.stop();
  });

  it("gets every reading: value and quality, and quality alone where it is Bad", async () => {
    const { sink, db } = fresh();
    const series = describeBy([seriesOf(0, "temperature_celsius", { sensor: "bearing" }), seriesOf(1, "uptime_seconds")]);
    const rows: Row[] = [
      [0, start, 70.25],
      [0, start + 1, Number.NaN, Q.BadTimeout],
      [0, start + 2, -0.5, Q.UncertainLastUsableValue],
      [1, start, 1e21],
      [1, start + 1, 5e-324],
      [1, start + 2, Number.POSITIVE_INFINITY],
      [1, 0, 12],
    ];
    await sink.write(columns(rows), series);
    expect(await influxd.query("SELECT * FROM temperature_celsius", db)).toEqual([
      { time: start, asset: "filler-31", sensor: "bearing", value: 70.25, quality: 0 },
      { time: start + 1, asset: "filler-31", sensor: "bearing", value: null, quality: Q.BadTimeout },
      { time: start + 2, asset: "filler-31", sensor: "bearing", value: -0.5, quality: Q.UncertainLastUsableValue },
    ]);
    expect((await influxd.query("SELECT * FROM uptime_seconds", db)).map(({ time, value }) => [time, value])).toEqual([
      [0, 12],
      [start, 1e21],
      [start + 1, 5e-324],
      [start + 2, null],
    ]);
  });

  it("is left by two writes as by one, and keeps the last of two readings of one ms", async () => {
    const { sink, db } = fresh();
    const series = describeBy([seriesOf(0, "m")]);
    const batch = columns([
      [0, start, 1],
      [0, start, 2],
      [0, start + 1, 3],
    ]);
    await sink.write(batch, series);
    await sink.write(batch, series);
    expect((await influxd.query("SELECT value FROM m", db)).map(({ value }) => value)).toEqual([2, 3]);
  });

  it("takes more readings than go into one request", async () => {
    const { sink, db } = fresh();
    const rows = Array.from({ length: 12_001 }, (_, i): Row => [i % 3, start + Math.floor(i / 3), i]);
    await sink.write(columns(rows), describeBy([0, 1, 2].map((i) => seriesOf(i, "m", { row: `${i}` }))));
    expect(await influxd.query("SELECT count(value) FROM m", db)).toMatchObject([{ count: 12_001 }]);
  });

  it.each([
    ["a comma, a space, an equals sign", "a, b=c", "a, b=c"],
    ["quotes", `"it's"`, `"it's"`],
    ["a quote after a backslash", "C:\\'x\\'", "C:\\'x\\'"],
    ["a backslash before a comma", "a\\,b\\=c\\ d", "a\\,b\\=c\\ d"],
    ["a backslash at the end", "C:\\", "C:＼"],
    ["two of them", "\\\\host\\\\", "\\\\host\\＼"],
    ["a line break", "a\nm,asset=x value=1\r", "a␊m,asset=x value=1␍"],
    ["control characters", "\u0000\t\u001f", "␀␉␟"],
    ["Unicode", "čerpadlo 🏭 \u202e\u2028", "čerpadlo 🏭 \u202e\u2028"],
    ["half a pair", "\ud800!", "\ufffd!"],
    ["a hash", "# no comment", "# no comment"],
    ["4 kB", "x".repeat(4096), "x".repeat(4096)],
  ])("reads back a label with %s", async (_, label, expected) => {
    const { sink, db } = fresh();
    const series = describeBy([seriesOf(0, "m", { name: label, other: "kept" }, label)]);
    await sink.write(columns([[0, start, 1]]), series);
    expect(await influxd.query("SELECT * FROM m", db)).toEqual([
      { time: start, asset: expected, name: expected, other: "kept", value: 1, quality: 0 },
    ]);
    expect(await influxd.query("SHOW MEASUREMENTS", db)).toHaveLength(1);
  });

  it("keeps apart labels that are called as its own columns", async () => {
    const { sink, db } = fresh();
    const labels = { asset: "a", value: "v", quality: "q", time: "t", label_time: "lt" };
    await sink.write(columns([[0, start, 1]]), describeBy([seriesOf(0, "m", labels)]));
    const [row] = await influxd.query("SELECT * FROM m", db);
    expect(row).toEqual({
      time: start,
      value: 1,
      quality: 0,
      asset: "filler-31",
      label_asset: "a",
      label_value: "v",
      label_quality: "q",
      label_label_time: "t",
      label_time: "lt",
    });
  });

  it("rejects what it cannot take in the engine's words, and the rest of that batch is there", async () => {
    const { sink, db } = fresh();
    await influxd.query(`CREATE DATABASE "${db}"`);
    await fetch(`${influxd.url}/write?precision=ms&db=${encodeURIComponent(db)}`, {
      method: "POST",
      body: `text,asset=x value="RUN" ${start}`,
    });
    const series = describeBy([seriesOf(0, "m"), seriesOf(1, "text")]);
    const error = await faultOf(
      sink.write(
        columns([
          [0, start, 1],
          [1, start, 2],
          [0, start + 1, 3],
        ]),
        series,
      ),
    );
    expect(error).toBeInstanceOf(SinkError);
    expect(error).toMatchObject({ verdict: "rejected" });
    expect((error as SinkError).message).toContain(
      `${influxd.url} database ${db}: write 3 readings: 400 partial write: field type conflict`,
    );
    expect(await influxd.query("SELECT count(value) FROM m", db)).toMatchObject([{ count: 2 }]);
    // The sink is fit for the next batch at once.
    await sink.write(columns([[0, start + 2, 4]]), series);
  });

  it("creates the database again when it was dropped", async () => {
    const { sink, db } = fresh();
    const series = describeBy([seriesOf(0, "m")]);
    await sink.write(columns([[0, start, 1]]), series);
    await influxd.query(`DROP DATABASE "${db}"`);
    await sink.write(columns([[0, start + 1, 2]]), series);
    expect(await influxd.query("SELECT value FROM m", db)).toHaveLength(1);
  });
});

describe("an InfluxDB in trouble", () => {
  const series = describeBy([seriesOf(0, "m", { row: "0" }), seriesOf(1, "m", { row: "1" })]);

  it("is asked again while it is down, and after kill -9 in mid-stream has every reading once", async () => {
    const influxd = await startInfluxd();
    const sink = createInfluxSink({ url: influxd.url, database: "plant", log: silentLog });
    const total = 30_000;
    const slice = 500;
    const faults: unknown[] = [];
    let cursor = 0;
    let restarting: Promise<void> | undefined;
    const until = Date.now() + 40_000;
    while (cursor < total && Date.now() < until) {
      const rows = Array.from(
        { length: Math.min(slice, total - cursor) },
        (_, i): Row => [(cursor + i) % 2, start + cursor + i, cursor + i],
      );
      const writing = faultOf(sink.write(columns(rows), series));
      if (cursor === total / 2 && restarting === undefined) restarting = influxd.kill().then(() => influxd.restart());
      const fault = await writing;
      if (fault === undefined) cursor += rows.length;
      else {
        faults.push(fault);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await restarting;
    expect(cursor).toBe(total);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatchObject({ verdict: "retry" });
    expect(await influxd.query("SELECT count(value), sum(value) FROM m", "plant")).toMatchObject([
      { count: total, sum: (total * (total - 1)) / 2 },
    ]);
    await sink.close();
    await influxd.stop();
  });

  it("says where nobody listens", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const sink = createInfluxSink({ url, database: "plant", log: silentLog });
    const error = await faultOf(sink.write(columns([[0, start, 1]]), series));
    expect(error).toMatchObject({ verdict: "retry", message: expect.stringContaining("ECONNREFUSED") });
    // No host is put aside: the next call asks the network again.
    expect(await faultOf(sink.write(columns([[0, start, 1]]), series))).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
    await sink.close();
  });

  it("takes a wrong password for a reason to come again, and the right one when the secret has changed", async () => {
    const influxd = await startInfluxd({ admin: ["mw", "right"] });
    process.env["MILLWRIGHT_TEST_INFLUX_PASSWORD"] = "wrong";
    const password = new Secret("env:MILLWRIGHT_TEST_INFLUX_PASSWORD", ".");
    const sink = createInfluxSink({ url: influxd.url, database: "plant", user: "mw", password, log: silentLog });
    const error = await faultOf(sink.write(columns([[0, start, 1]]), series));
    expect(error).toMatchObject({ verdict: "retry", message: expect.stringContaining("401 authorization failed") });
    process.env["MILLWRIGHT_TEST_INFLUX_PASSWORD"] = "right";
    await sink.write(columns([[0, start, 1]]), series);
    expect(await influxd.query("SELECT count(value) FROM m", "plant")).toMatchObject([{ count: 1 }]);
    await sink.close();
    await influxd.stop();
  });

  it.each([
    [503, { "retry-after": "7" }, "retry", undefined],
    [429, { "retry-after": "7" }, "retry", 7000],
    [413, {}, "rejected", undefined],
    [405, {}, "retry", undefined],
  ])("that answers %i", async (status, headers, verdict, retryAfterMs) => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      request.resume().on("end", () => response.writeHead(status, headers).end("no"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const sink = createInfluxSink({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/influx/`,
      database: "plant",
      log: silentLog,
    });
    const error = await faultOf(sink.write(columns([[0, start, 1]]), series));
    expect(error).toMatchObject({ verdict, retryAfterMs });
    // node-influx's root:root stays at home.
    expect(seen).toEqual([undefined]);
    await sink.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
