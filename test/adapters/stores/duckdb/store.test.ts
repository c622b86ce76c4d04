import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDuckDbStore } from "../../../../adapters/stores/duckdb/store.ts";
import { ColumnBuilder, type ReadingColumns } from "../../../../core/columns.ts";
import { silentLog } from "../../../../core/log.ts";
import { Q } from "../../../../core/quality.ts";
import type { Commit, IndexedSeries, Store } from "../../../../core/store.ts";

type Reading = readonly [series: number, time: number, value: number, quality?: number];

function columns(...readings: Reading[]): ReadingColumns {
  const builder = new ColumnBuilder(Math.max(1, readings.length));
  for (const [series, time, value, quality] of readings) builder.put(series, time, value, quality ?? Q.Good);
  return builder.view();
}

function commit(part: Partial<Commit>): Commit {
  return { series: [], aliases: [], marks: [], readings: [], ...part };
}

function rows(from: ReadingColumns): Reading[] {
  return Array.from({ length: from.length }, (_, i) => [
    from.series[i] ?? -1,
    from.time[i] ?? -1,
    from.value[i] ?? -1,
    from.quality[i] ?? -1,
  ]);
}

const bearing: IndexedSeries = {
  index: 0,
  agent: "hall-1",
  asset: "filler-31",
  metric: "temperature_celsius",
  labels: { sensor: "bearing", odd: 'it\'s "quoted"\n\u0000' },
  unit: "Cel",
  kind: "gauge",
  origin: "holding:100",
  everyMs: 2000,
};
const port: IndexedSeries = {
  ...bearing,
  index: 1,
  metric: "if_oper_status",
  labels: {},
  kind: "state",
  unit: "",
  states: { 1: "up", 2: "down" },
  meanings: { 2: "critical" },
  limits: { highWarning: 70, highCritical: 85.5 },
};

let dir: string;
let store: Store;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "mw-duckdb-"));
  store = createDuckDbStore({ dir, log: silentLog, housekeeping: { snapshotEvery: 50, tidyEvery: 20, pruneSpan: 7 } });
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function reopen(): ReturnType<Store["open"]> {
  await store.close();
  return await store.open();
}

describe("commits", () => {
  it("says after a restart what was stored, the latest description, alias, mark and fact of each", async () => {
    await store.open();
    await store.append(
      commit({
        series: [bearing, port],
        aliases: [{ agent: "hall-1", epoch: "e1", number: 7, index: 0 }],
        marks: [{ agent: "hall-1", epoch: "e1", seq: 1 }],
        readings: [columns([0, 1000, 71.5], [1, 1000, 1])],
        facts: new Map([["alarm:a", "1"]]),
      }),
    );
    await store.append(
      commit({
        series: [{ ...bearing, unit: "K" }],
        aliases: [{ agent: "hall-1", epoch: "e1", number: 7, index: 1 }],
        marks: [{ agent: "hall-1", epoch: "e1", seq: Number.MAX_SAFE_INTEGER }],
        readings: [columns([0, 2000, Number.NaN, Q.BadTimeout]), columns([1, 500, 2])],
        facts: new Map([["alarm:a", '{"b":"é\u0000"}']]),
      }),
    );
    const state = await reopen();
    expect(state.series).toEqual([{ ...bearing, unit: "K" }, port]);
    expect(state.aliases).toEqual([{ agent: "hall-1", epoch: "e1", number: 7, index: 1 }]);
    expect(state.marks).toEqual([{ agent: "hall-1", epoch: "e1", seq: Number.MAX_SAFE_INTEGER }]);
    expect(rows(state.latest)).toEqual([
      [0, 2000, Number.NaN, Q.BadTimeout],
      [1, 1000, 1, Q.Good],
    ]);
    expect(state.facts).toEqual(new Map([["alarm:a", '{"b":"é\u0000"}']]));
  });

  it("are nothing when anything of them fails, and the next one succeeds", async () => {
    await store.open();
    await store.append(commit({ marks: [{ agent: "a", epoch: "e", seq: 1 }], readings: [columns([0, 1, 1])] }));
    const broken = commit({
      series: [bearing],
      marks: [{ agent: "a", epoch: "e", seq: 2 }],
      facts: new Map([["k", "v"]]),
      readings: [columns(...Array.from({ length: 3000 }, (_, i): Reading => [0, i, i])), columns([0, 1.5, 1])],
    });
    await expect(store.append(broken)).rejects.toThrow(join(dir, "millwright.duckdb"));
    expect((await store.journal(0, 10)).readings.length).toBe(1);
    await store.append(commit({ marks: [{ agent: "a", epoch: "e", seq: 2 }], readings: [columns([0, 2, 2])] }));
    const state = await reopen();
    expect(state).toMatchObject({ series: [], marks: [{ agent: "a", epoch: "e", seq: 2 }], facts: new Map() });
    expect(rows((await store.journal(0, 10)).readings)).toEqual([
      [0, 1, 1, 0],
      [0, 2, 2, 0],
    ]);
  });

  it("take back facts: one without text is gone, also from the disk", async () => {
    await store.open();
    const mark = (seq: number) => [{ agent: "a", epoch: "e", seq }];
    await store.append(
      commit({
        marks: mark(1),
        facts: new Map([
          ["gap:a", "1"],
          ["gap:b", "2"],
        ]),
      }),
    );
    await store.append(commit({ marks: mark(2), facts: new Map([["gap:a", ""]]) }));
    expect((await reopen()).facts).toEqual(new Map([["gap:b", "2"]]));
    await store.append(commit({ marks: mark(3), facts: new Map([["gap:a", "3"]]) }));
    expect((await reopen()).facts).toEqual(
      new Map([
        ["gap:b", "2"],
        ["gap:a", "3"],
      ]),
    );
  });

  it("keep the newest of each series through snapshots and clean-ups", async () => {
    await store.open();
    const newest = new Map<number, Reading>();
    for (let k = 0; k < 40; k++) {
      const batch = Array.from(
        { length: 10 },
        (_, i): Reading => [(k * 7 + i * 3) % 13, 10_000 + ((k * 37) % 40) * 100 + i, k * 100 + i, Q.Good],
      );
      for (const one of batch) if (one[1] >= (newest.get(one[0])?.[1] ?? 0)) newest.set(one[0], one);
      await store.append(
        commit({ marks: [{ agent: "a", epoch: "e", seq: k + 1 }], facts: new Map([["f", `${k}`]]), readings: [columns(...batch)] }),
      );
    }
    const state = await reopen();
    expect(rows(state.latest)).toEqual([...newest.values()].sort((a, b) => a[0] - b[0]));
    expect(state.marks).toEqual([{ agent: "a", epoch: "e", seq: 40 }]);
    expect(state.facts).toEqual(new Map([["f", "39"]]));
  });
});

describe("range", () => {
  beforeEach(async () => {
    await store.open();
    const batch = Array.from({ length: 100 }, (_, i): Reading => (i % 10 === 3 ? [5, i * 100, Number.NaN, Q.BadTimeout] : [5, i * 100, i]));
    await store.append(commit({ readings: [columns(...batch.toReversed()), columns([6, 150, -1, Q.UncertainLastUsableValue])] }));
  });

  it("gives raw readings in order of time, from inclusive, to exclusive, Bad as null", async () => {
    expect(await store.range({ series: [5, 6, 99], from: 100, to: 400 })).toEqual([
      {
        series: 5,
        points: [
          [100, 1, Q.Good],
          [200, 2, Q.Good],
          [300, null, Q.BadTimeout],
        ],
      },
      { series: 6, points: [[150, -1, Q.UncertainLastUsableValue]] },
      { series: 99, points: [] },
    ]);
  });

  it("down-samples to at most that many [time, min, max, mean], leaving out what is Bad", async () => {
    const [series] = await store.range({ series: [5], from: 0, to: 10_000, points: 10 });
    expect(series?.points).toHaveLength(10);
    expect(series?.points[0]).toEqual([0, 0, 9, (45 - 3) / 9]);
    expect(series?.points[9]).toEqual([9000, 90, 99, (945 - 93) / 9]);
    const [odd] = await store.range({ series: [5], from: 0, to: 9_950, points: 7 });
    expect(odd?.points.length).toBeLessThanOrEqual(7);
    const [bad] = await store.range({ series: [5], from: 300, to: 400, points: 1 });
    expect(bad?.points).toEqual([[300, null, null, null]]);
  });

  it("is empty for an empty span and for no series", async () => {
    expect(await store.range({ series: [5], from: 400, to: 400 })).toEqual([{ series: 5, points: [] }]);
    expect(await store.range({ series: [], from: 0, to: 400 })).toEqual([]);
  });
});

describe("journal and cursors", () => {
  const stored = Array.from({ length: 30 }, (_, i): Reading => [i % 3, 1000 + i, i]);

  beforeEach(async () => {
    await store.open();
    for (let i = 0; i < 30; i += 10) await store.append(commit({ readings: [columns(...stored.slice(i, i + 10))] }));
  });

  it("hands out every reading once, in the order of storing", async () => {
    const seen: Reading[] = [];
    for (let position = 0; ; ) {
      const slice = await store.journal(position, 7);
      if (slice.readings.length === 0) break;
      seen.push(...rows(slice.readings));
      position = slice.next;
    }
    expect(seen).toEqual(stored.map(([series, time, value]) => [series, time, value, Q.Good]));
    expect((await store.journal(30, 7)).next).toBe(30);
  });

  it("keeps cursors, and lets prune take only what every sink has read", async () => {
    await store.keepCursors(["influx:plant", "it's"]);
    await store.moveCursor("influx:plant", 25);
    expect(await store.prune(1020)).toBe(0);
    await store.moveCursor("it's", 12);
    expect(await store.prune(1020)).toBe(12);
    await reopen();
    expect(await store.cursor("influx:plant")).toBe(25);
    expect(await store.cursor("it's")).toBe(12);
    expect(await store.cursor("nobody")).toBe(0);
    expect((await store.journal(0, 5)).readings.time[0]).toBe(1012);
    await store.keepCursors(["influx:plant"]);
    expect(await store.prune(1020)).toBe(8);
  });

  it("never gives a position twice, also when everything was pruned", async () => {
    await store.prune(10_000);
    expect(await store.journal(3, 5)).toMatchObject({ next: 30, readings: { length: 0 } });
    const state = await reopen();
    expect(state.latest.length).toBe(0);
    await store.append(commit({ readings: [columns([0, 20_000, 1])] }));
    const slice = await store.journal(30, 5);
    expect(slice.next).toBe(31);
    expect(slice.readings.length).toBe(1);
  });
});

describe("a file that cannot be used", () => {
  it("is named, when it is something else", async () => {
    writeFileSync(join(dir, "millwright.duckdb"), "a".repeat(20_000));
    await expect(store.open()).rejects.toThrow(`store ${join(dir, "millwright.duckdb")}: is not a DuckDB database`);
  });

  it("is not touched when its tables are of another version", async () => {
    await store.open();
    await store.close();
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(join(dir, "millwright.duckdb"));
    const connection = await instance.connect();
    await connection.run("UPDATE meta SET value = 99 WHERE key = 'schema'");
    connection.closeSync();
    instance.closeSync();
    await expect(store.open()).rejects.toThrow("has tables of version 99, this program knows version 1");
  });
});
