import { describe, expect, it } from "vitest";
import { SeriesBook } from "../../../../adapters/sources/snmp/book.ts";
import { compileProfile } from "../../../../adapters/sources/snmp/compile.ts";
import type { Varbind } from "../../../../adapters/sources/snmp/decode.ts";
import type { Row } from "../../../../adapters/sources/snmp/row.ts";
import { TableReader } from "../../../../adapters/sources/snmp/table.ts";
import { snmpProfile } from "../../../../config/snmp.ts";
import { silentLog } from "../../../../core/log.ts";
import { Q, type Quality, qualityName } from "../../../../core/quality.ts";
import { FakeClock } from "../../../fake-clock.ts";
import { RecordingSink } from "../contract.ts";
import { rowOf } from "./ber.ts";

const rows = "1.3.6.1.2.1.2.2.1";
const name = "1.3.6.1.2.1.31.1.1.1.1";

/** A small ifTable: what the shipped profile does, with fewer columns. */
const interfaces = {
  rows,
  labels: { if_name: [name, 2, "index"] },
  distinguish: { if_index: "index" },
  discontinuity: 19,
  skip: [{ column: 3, in: [24] }],
  metrics: [
    { metric: "if_oper_status", column: 8, kind: "state", states: { 1: "up", 2: "down" } },
    { metric: "if_speed_bytes_per_second", column: 5, unit: "bit/s", absent: [4294967295], or: [{ column: 15, unit: "Mbit/s" }] },
    { metric: "if_in_octets_total", column: 6, kind: "counter", unit: "By", or: [{ column: 10, unit: "By" }] },
  ],
  rates: [{ metric: "if_utilisation_ratio", of: "if_in_octets_total", per: "if_speed_bytes_per_second" }],
};

type Cells = Readonly<Record<number | string, Varbind | number | string | bigint>>;

function setUp(table: object = interfaces) {
  const [plan] = compileProfile(snmpProfile.parse({ profile: "test", source: "test", table: [table] })).tables;
  if (plan === undefined) throw new Error("no table");
  const clock = new FakeClock();
  const sink = new RecordingSink();
  const context = { asset: "sw", everyMs: 30_000, sink, clock, log: silentLog };
  const reader = new TableReader(plan, context, new SeriesBook(context));
  /** Reads these rows, by index and column, `seconds` after the start. */
  const round = (
    seconds: number,
    table: Readonly<Record<string, Cells>>,
    { quality = Q.Good as Quality, restarts = 0 } = {},
  ): Record<string, string> => {
    sink.puts.length = 0;
    const list: Row[] = Object.entries(table).map(([index, cells], position) => {
      const found: (Varbind | undefined)[] = plan.columns.map((oid) => cells[oid] ?? cells[oid.slice(rows.length + 1)]).map(varbind);
      return rowOf(index, position, seconds * 1000, found);
    });
    reader.columns.alsoNeeded(list);
    // So few rows are put at once.
    void reader.apply(list, { quality, faults: [] }, { wallTime: (at) => at, restarts, startedAt: 0, until: 1 });
    return Object.fromEntries(
      sink.puts.map(({ series, value, quality: q }) => [keyOf(series), q === Q.Good ? `${value}` : qualityName(q)]),
    );
  };
  return { reader, sink, round, clock };
}

function keyOf(series: { metric: string; labels: Readonly<Record<string, string>> }): string {
  return `${series.metric} ${Object.values(series.labels).join(" ")}`.trim();
}

function varbind(value: Varbind | number | string | bigint | undefined): Varbind | undefined {
  if (value === undefined || typeof value === "object") return value;
  if (typeof value === "number") return { oid: "", type: 66, value };
  if (typeof value === "string") return { oid: "", type: 4, value: Buffer.from(value) };
  return { oid: "", type: 70, value: Buffer.from(value.toString(16).padStart(16, "0"), "hex") };
}

const gigabit = (octets: bigint, over: Cells = {}): Cells => ({ 2: "eth0", 5: 1_000_000_000, 6: octets, 8: 1, 19: 0, ...over });

describe("a table", () => {
  it.each(["constructor", "__proto__", "toString"])("a row that calls itself %s is called so", (hostile) => {
    const { round, sink } = setUp();
    round(0, { "1": { [name]: hostile, 8: 1 } });
    expect(sink.puts.map(({ series }) => series.labels)).toEqual([{ if_name: hostile }]);
  });

  it("puts each row under its name, with the instance's OID as origin", () => {
    const { round, sink } = setUp();
    expect(round(0, { 7: gigabit(1000n, { [name]: "Gi1" }) })).toEqual({
      "if_oper_status Gi1": "1",
      "if_speed_bytes_per_second Gi1": "125000000",
      "if_in_octets_total Gi1": "1000",
    });
    const [status, speed, octets, use] = sink.descriptions;
    expect(status).toMatchObject({ kind: "state", unit: "", states: { 1: "up", 2: "down" }, origin: `${rows}.8.7`, everyMs: 30_000 });
    expect(speed).toMatchObject({ kind: "gauge", unit: "By/s" });
    expect(octets).toMatchObject({ kind: "counter", unit: "By", origin: `${rows}.6.7` });
    expect(use).toMatchObject({ metric: "if_utilisation_ratio", kind: "gauge", unit: "1" });
  });

  it("falls back to other columns, and to other names", () => {
    const { round, sink, reader } = setUp();
    expect(round(0, { 3: { 5: 4_294_967_295, 15: 10_000, 10: 77, 8: 2 } })).toEqual({
      "if_oper_status 3": "2",
      "if_speed_bytes_per_second 3": "1250000000",
      "if_in_octets_total 3": "77",
    });
    expect(sink.descriptions.map(({ origin }) => origin)).toEqual([`${rows}.8.3`, `${rows}.15.3`, `${rows}.10.3`, `${rows}.10.3`]);
    expect(reader.columns.wanted().map(({ oid }) => oid)).toEqual(expect.arrayContaining([`${rows}.10`, `${rows}.15`]));
  });

  it("asks for other columns only once a row needs them", () => {
    const { reader } = setUp();
    expect(reader.columns.wanted().map(({ oid }) => oid)).not.toContain(`${rows}.10`);
  });

  it("tells rows of one name apart by their index, and only those", () => {
    const { round } = setUp();
    const puts = round(0, { 1: { 2: "Port", 8: 1 }, 2: { 2: "Port", 8: 2 }, 3: { 2: "Uplink", 8: 1 } });
    expect(puts).toEqual({ "if_oper_status Port 1": "1", "if_oper_status Port 2": "2", "if_oper_status Uplink": "1" });
  });

  it("follows a row whose index has moved", () => {
    const { round, sink } = setUp();
    round(0, { 7: gigabit(1000n) });
    const before = sink.descriptions.length;
    round(30, { 9: gigabit(2000n) });
    expect(sink.descriptions.length).toBe(before);
    expect(sink.descriptions.map(({ origin }) => origin)).toEqual([`${rows}.8.9`, `${rows}.5.9`, `${rows}.6.9`, `${rows}.6.9`]);
    expect(sink.latest("if_utilisation_ratio")).toBeUndefined();
  });

  it("skips rows by a cell, and rows that only another table has", () => {
    const { round } = setUp();
    expect(round(0, { 1: { 2: "lo", 3: 24, 8: 1 }, 2: { [name]: "ghost" } })).toEqual({});
  });
});

describe("a table that changes", () => {
  it("says once that a row is gone, and takes it up again", () => {
    const { round } = setUp();
    round(0, { 1: { 2: "a", 8: 1 }, 2: { 2: "b", 8: 1 } });
    expect(round(30, { 1: { 2: "a", 8: 1 } })).toEqual({ "if_oper_status a": "1", "if_oper_status b": "BadNoData" });
    expect(round(60, { 1: { 2: "a", 8: 1 } })).toEqual({ "if_oper_status a": "1" });
    expect(round(90, { 1: { 2: "a", 8: 1 }, 2: { 2: "b", 8: 2 } })).toMatchObject({ "if_oper_status b": "2" });
  });

  it("does not take a row for gone that was not reached", () => {
    const { round } = setUp();
    round(0, { 1: { 2: "a", 8: 1 }, 2: { 2: "b", 8: 1 } });
    expect(round(30, { 1: { 2: "a", 8: 1 } }, { quality: Q.BadTimeout })).toMatchObject({ "if_oper_status b": "BadTimeout" });
    expect(round(60, { 1: { 2: "a", 8: 1 }, 2: { 2: "b", 8: 1 } })).toMatchObject({ "if_oper_status b": "1" });
  });

  it("says that a cell is gone, and makes none of what never was", () => {
    const { round } = setUp();
    round(0, { 1: { 2: "a", 8: 1, 5: 100 } });
    expect(round(30, { 1: { 2: "a", 8: 1 } })).toEqual({ "if_oper_status a": "1", "if_speed_bytes_per_second a": "BadNotFound" });
  });

  it("fails as a whole", () => {
    const { round, reader, sink } = setUp();
    round(0, { 1: { 2: "a", 8: 1, 5: 100 } });
    sink.puts.length = 0;
    reader.fail(Q.BadTimeout, 5);
    expect(sink.puts.map(({ quality, value }) => [qualityName(quality), value])).toEqual([
      ["BadTimeout", Number.NaN],
      ["BadTimeout", Number.NaN],
    ]);
  });
});

describe("a rate of a table", () => {
  const half = 1_875_000_000n;

  it("is there from the second round on", () => {
    const { round } = setUp();
    expect(round(0, { 1: gigabit(2n ** 60n) })).not.toHaveProperty("if_utilisation_ratio eth0");
    expect(round(30, { 1: gigabit(2n ** 60n + half) })).toHaveProperty("if_utilisation_ratio eth0", "0.5");
  });

  it.each([
    ["a restart", {}, { restarts: 1 }],
    ["a discontinuity", { 19: 4711 }, {}],
    ["a counter that fell", { 6: 5n }, {}],
  ])("is Bad for one round after %s", (_, cells, of) => {
    const { round } = setUp();
    round(0, { 1: gigabit(2n ** 60n) });
    expect(round(30, { 1: gigabit(2n ** 60n + half, cells) }, of)).toHaveProperty("if_utilisation_ratio eth0", "BadDataLost");
    const after = 6 in cells ? 5n + half : 2n ** 60n + 2n * half;
    const next = round(60, { 1: gigabit(after, { ...cells, 6: after }) }, of);
    expect(next).toHaveProperty("if_utilisation_ratio eth0", "0.5");
  });

  it("has no meaning without a speed", () => {
    const { round } = setUp();
    round(0, { 1: gigabit(0n, { 5: 0 }) });
    expect(round(30, { 1: gigabit(half, { 5: 0 }) })).not.toHaveProperty("if_utilisation_ratio eth0");
  });
});

describe("cells that make one value", () => {
  const storage = {
    rows: "1.3.6.1.2.1.2.2.1",
    labels: { storage: 3 },
    metrics: [
      { metric: "storage_size_bytes", column: 5, times: 4, unit: "By", unsigned: true },
      { metric: "storage_used_ratio", column: 6, over: 5, unsigned: true, range: [0, 1] },
    ],
  };

  it.each([
    [
      "are multiplied and divided",
      { 3: "/", 4: 4096, 5: 100, 6: 25 },
      { "storage_size_bytes /": "409600", "storage_used_ratio /": "0.25" },
    ],
    [
      "are of 32 bits where the agent overflows 31",
      { 3: "/", 4: 4096, 5: { oid: "", type: 2, value: -1_294_967_296 }, 6: { oid: "", type: 2, value: -2_794_967_296 + 2 ** 31 } },
      { "storage_size_bytes /": `${3_000_000_000 * 4096}`, "storage_used_ratio /": "BadOutOfRange" },
    ],
    ["make nothing of nothing", { 3: "/", 4: 4096, 5: 0, 6: 0 }, { "storage_size_bytes /": "0" }],
    ["lack one", { 3: "/", 5: 100 }, {}],
  ])("%s", (_, cells, expected) => expect(setUp(storage).round(0, { 1: cells as Cells })).toEqual(expected));
});

it("conditions are Good readings while they are there, and when they are gone", () => {
  const { round } = setUp({
    rows,
    labels: { condition: { from: [2], names: { "1.3.6.1.2.1.33.1.6.3.2": "on_battery" } } },
    metrics: [{ metric: "ups_alarm", column: 2, kind: "state", states: { 0: "absent", 1: "present" }, fixed: 1, when_gone: 0 }],
  });
  const present = { 5: { 2: { oid: "", type: 6, value: "1.3.6.1.2.1.33.1.6.3.2" } } };
  expect(round(0, present)).toEqual({ "ups_alarm on_battery": "1" });
  expect(round(30, {})).toEqual({ "ups_alarm on_battery": "0" });
  expect(round(60, {})).toEqual({ "ups_alarm on_battery": "0" });
  expect(round(90, present)).toEqual({ "ups_alarm on_battery": "1" });
});

describe("thousands of rows", () => {
  const many = Array.from({ length: 1000 }, (_, i) => rowOf(`${i}`, i, 0, [{ oid: "", type: 2, value: i }]));
  const column = { rows, labels: { row: ["index"] }, metrics: [{ metric: "level", column: 2 }] };
  const walked = { quality: Q.Good, faults: [] };
  const of = { wallTime: (at: number) => at, restarts: 0, startedAt: 0 };

  it("take turns with what else there is to do", async () => {
    const { reader, sink } = setUp(column);
    let turns = 0;
    const count = (): void => {
      turns++;
      if (sink.puts.length < many.length) setImmediate(count);
    };
    setImmediate(count);
    expect(await reader.apply(many, walked, { ...of, until: 1 })).toBe(1000);
    expect(turns).toBeGreaterThan(3);
  });

  it("end with the round's time: what was there and is not reached is Bad, and the source says so", async () => {
    const { reader, sink, clock } = setUp(column);
    await reader.apply(many, walked, { ...of, until: 1 });
    sink.puts.length = 0;
    await clock.advance(2);
    await reader.apply(many, walked, { ...of, until: 1 });
    expect(sink.puts.slice(0, 200).map(({ quality }) => quality)).toEqual(new Array(200).fill(Q.Good));
    expect(sink.puts.slice(200).map(({ quality }) => quality)).toEqual(new Array(800).fill(Q.BadTimeout));
    expect(sink.lacks).toEqual([`${rows}: 200 rows taken when the round's time was over`]);
  });
});

it("a table without rows rests; one that has lost them is looked for every round", () => {
  const table = { rows, labels: { row: ["index"] }, metrics: [{ metric: "level", column: 2 }] };
  const [never, lost] = [setUp(table), setUp(table)];
  lost.round(0, { 1: { 2: 7 } });
  never.round(0, {});
  lost.round(30, {});
  expect([never.reader.rests(30_000), lost.reader.rests(60_000)]).toEqual([true, false]);
});
