import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDuckDbStore } from "../../adapters/stores/duckdb/store.ts";
import { Agents } from "../../collector/agents.ts";
import { Committer } from "../../collector/committer.ts";
import { type Outcome, ReadingCounts } from "../../collector/counts.ts";
import { createIngest } from "../../collector/ingest.ts";
import type { Intake } from "../../collector/intake.ts";
import { Present, type Shown } from "../../collector/present.ts";
import { Registry } from "../../collector/registry.ts";
import type { Stored } from "../../collector/round.ts";
import { type BatchPreamble, encodeBatch } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { Q } from "../../core/quality.ts";
import { encodeRecord } from "../../core/record.ts";
import type { Store, StoreState } from "../../core/store.ts";
import { FakeClock } from "../fake-clock.ts";
import { bodyOf, columns, epoch, numbered, type Reading, rows } from "./batches.ts";
import { ScriptedStore } from "./scripted-store.ts";

interface Bench<S = Store> {
  readonly store: S;
  readonly clock: FakeClock;
  readonly intake: Intake;
  readonly agents: Agents;
  readonly registry: Registry;
  readonly told: Stored[];
  readonly shown: Shown[];
  readonly present: Present;
  /** Assets that no agent may speak for. */
  readonly forbidden: Set<string>;
  count(outcome: Outcome): number;
}

const dirs: string[] = [];
const stores: Store[] = [];
let bench: Bench;
const nothing = { series: [], aliases: [], marks: [], facts: new Map<string, string>() };

async function createBench(dir = mkdtempSync(join(tmpdir(), "mw-ingest-"))): Promise<Bench> {
  const store = createDuckDbStore({ dir, log: silentLog });
  dirs.push(dir);
  stores.push(store);
  return benchOn(store, await store.open());
}

function benchOn<S extends Pick<Store, "append">>(store: S, state: Pick<StoreState, "series" | "aliases" | "marks" | "facts">): Bench<S> {
  const clock = new FakeClock();
  const registry = new Registry(state.series, state.aliases);
  const agents = new Agents(state.facts);
  const counts = new ReadingCounts();
  const told: Stored[] = [];
  const committer = new Committer({
    store,
    registry,
    marks: state.marks,
    factsOf: () => [],
    clock,
    log: silentLog,
    facts: () => agents.dirtyFacts(),
    stored: (stored) => void told.push(stored),
  });
  const shown: Shown[] = [];
  const present = new Present();
  const show = (one: Shown): void => void shown.push(one);
  const forbidden = new Set<string>();
  const reach = () => (asset: string) => !forbidden.has(asset);
  const intake = createIngest({ committer, registry, agents, counts, present, show, reach, clock, log: silentLog });
  return { store, clock, intake, agents, registry, told, shown, present, forbidden, count: (outcome) => counts.get(outcome) };
}

const now = new FakeClock().now();

async function openBench(): Promise<void> {
  bench = await createBench();
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

interface Sent {
  readonly agent?: string;
  readonly epoch?: string;
  readonly preamble?: BatchPreamble;
  readonly readings?: readonly Reading[];
  readonly count?: number;
  readonly body?: Buffer;
  readonly sentAt?: number;
}

const one = { series: [numbered(1)] };

function send(seq: number, sent: Sent = {}, intake = bench.intake): ReturnType<Intake["ingest"]> {
  const readings = sent.readings ?? [];
  return intake.ingest({
    agent: sent.agent ?? "hall-1",
    epoch: sent.epoch ?? epoch,
    seq,
    count: sent.count ?? readings.length,
    sentAt: sent.sentAt ?? now,
    body: sent.body ?? bodyOf(sent.preamble ?? {}, readings),
  });
}

async function journal(): Promise<Reading[]> {
  return rows((await bench.store.journal(0, 1_000_000)).readings);
}

describe("one batch", () => {
  beforeEach(openBench);

  it("is stored, and answered with its number", async () => {
    const answer = await send(41, {
      preamble: one,
      readings: [
        [1, now - 5, 71.5],
        [1, now - 1, Number.NaN, Q.BadTimeout],
      ],
    });
    expect(answer).toEqual({ kind: "stored", ack: 41, time: now });
    expect(await journal()).toEqual([
      [0, now - 5, 71.5, Q.Good],
      [0, now - 1, Number.NaN, Q.BadTimeout],
    ]);
    expect(bench.intake.mark("hall-1", epoch)).toEqual({ mark: 41, time: now });
    expect(bench.intake.mark("hall-1", "another")).toEqual({ mark: null, time: now });
  });

  it("is stored once however often it comes, before a restart or after", async () => {
    const batch = { preamble: one, readings: [[1, now, 1]] as const };
    await send(1, batch);
    expect(await send(1, batch)).toEqual({ kind: "duplicate", ack: 1, time: now });
    await bench.store.close();
    bench = await createBench(dirs[0]);
    expect(await send(1, batch)).toEqual({ kind: "duplicate", ack: 1, time: bench.clock.now() });
    expect(await journal()).toHaveLength(1);
    expect(bench.count("duplicate")).toBe(1);
    expect(await send(2, { readings: [[1, now, 2]] })).toMatchObject({ kind: "stored" });
  });

  it("of another epoch begins anew", async () => {
    await send(7, { preamble: one, readings: [[1, now, 1]] });
    const other = "00000000-8b86-4d01-b42d-00c04fc964ff";
    expect(await send(1, { epoch: other, preamble: one, readings: [[1, now, 2]] })).toMatchObject({ kind: "stored", ack: 1 });
    expect(bench.registry.size).toBe(1);
  });

  it("after a hole is asked for what is missing, unless it says that this is lost", async () => {
    await send(1, { preamble: one, readings: [[1, now, 1]] });
    expect(await send(4, { readings: [[1, now, 4]] })).toEqual({ kind: "expect", expect: 2 });
    const gaps = [{ firstSeq: 2, lastSeq: 3, count: 250, reason: "spool full", time: now }];
    expect(await send(3, { preamble: { gaps } })).toMatchObject({ kind: "stored", ack: 3 });
    expect(await send(4, { readings: [[1, now, 4]] })).toMatchObject({ kind: "stored", ack: 4 });
    expect(bench.told[1]?.batches[0]?.preamble.gaps).toEqual(gaps);
  });

  it("with numbers nobody has described is asked what they are, and stored once that is told", async () => {
    expect(
      await send(1, {
        readings: [
          [1, now, 1],
          [2, now, 2],
          [1, now, 3],
        ],
      }),
    ).toEqual({ kind: "describe", describe: [1, 2] });
    const told = await bench.intake.describe({ agent: "hall-1", epoch, sentAt: now, body: { series: [numbered(1), numbered(2)] } });
    expect(told).toEqual({ kind: "described", ack: null, time: now });
    expect(
      await send(1, {
        readings: [
          [1, now, 1],
          [2, now, 2],
          [1, now, 3],
        ],
      }),
    ).toMatchObject({ kind: "stored" });
  });

  it("keeps numbers of agents and epochs apart, and takes the newest description of each", async () => {
    await send(1, { preamble: { series: [numbered(1, { asset: "x" })] }, readings: [[1, now, 1]] });
    await send(1, { agent: "hall-2", preamble: { series: [numbered(1, { asset: "y" })] }, readings: [[1, now, 2]] });
    await send(2, { preamble: { series: [numbered(1, { asset: "z" })] }, readings: [[1, now, 3]] });
    await send(2, { agent: "hall-2", readings: [[1, now, 4]] });
    const assets = (await journal()).map(([series, , value]) => [bench.registry.get(series).asset, value]);
    expect(assets).toEqual([
      ["x", 1],
      ["y", 2],
      ["z", 3],
      ["y", 4],
    ]);
  });
});

describe("readings", () => {
  beforeEach(openBench);

  it("more than 10 min ahead of our clock are refused one by one, and counted", async () => {
    const readings: Reading[] = [
      [1, now + 600_001, 1],
      [1, now + 600_000, 2],
      [1, now + 9e12, 3],
      [1, now, 4],
    ];
    expect(await send(1, { preamble: one, readings })).toMatchObject({ kind: "stored" });
    expect((await journal()).map(([, , value]) => value)).toEqual([2, 4]);
    expect(bench.told[0]?.batches[0]?.refused).toBe(2);
  });

  it.each([
    [2000, Q.Good],
    [2001, Q.Uncertain],
    [-2001, Q.Uncertain],
  ])("of an agent whose clock is %d ms off have quality 0x%x", async (skew, quality) => {
    await send(1, {
      preamble: one,
      readings: [
        [1, now, 1],
        [1, now, Number.NaN, Q.BadTimeout],
      ],
      sentAt: now + skew,
    });
    expect((await journal()).map(([, , , how]) => how)).toEqual([quality, Q.BadTimeout]);
    expect(bench.agents.views(now, new Map())[0]?.skew_ms).toBe(skew);
  });
});

describe("what is not a batch is refused, counted, and stores nothing", () => {
  const readings: Reading[] = [[1, 1_767_225_600_000, 1]];
  const good = encodeBatch({ preamble: one, readings: columns(readings) });
  const zeros = (bytes: number) => deflateRawSync(Buffer.alloc(bytes));
  const encoded = (...values: Reading[]) => bodyOf(one, values);
  it.each<[string, Sent & { seq?: number; bytes?: () => Buffer }, number, RegExp]>([
    ["no deflate", { bytes: () => Buffer.from("hello") }, 400, /not deflate-raw/],
    ["an empty body", { bytes: () => Buffer.alloc(0) }, 400, /./],
    ["a body cut short", { bytes: () => deflateRawSync(good).subarray(0, 20) }, 400, /not deflate-raw/],
    ["a batch cut short", { bytes: () => deflateRawSync(good.subarray(0, -2)) }, 400, /bytes/],
    ["another version", { bytes: () => deflateRawSync(Buffer.concat([Buffer.from([9]), good.subarray(1)])) }, 400, /version 9/],
    ["another count than the header's", { count: 2 }, 400, /holds 1 readings, its header says 2/],
    ["a bomb within the size", { bytes: () => zeros(7 << 20) }, 413, /inflates to more than/],
    ["a bomb beyond the size", { bytes: () => zeros(9 << 20) }, 413, /inflates to more than/],
    ["too many bytes", { bytes: () => Buffer.alloc((8 << 20) + 1) }, 413, /at most 8388608/],
    ["NaN that is Good", { bytes: () => encoded([1, 1000, Number.NaN, Q.Good]) }, 400, /reading 0: a value of NaN/],
    ["infinity", { bytes: () => encoded([1, 1000, Number.POSITIVE_INFINITY, Q.Uncertain]) }, 400, /reading 0: a value of Infinity/],
    ["a value that is Bad", { bytes: () => encoded([1, 1000, 5, Q.BadTimeout]) }, 400, /reading 0: a value of 5/],
    ["time zero", { bytes: () => encoded([1, 0, 5]) }, 400, /0 is not a time/],
    ["half a millisecond", { bytes: () => encoded([1, 1000.5, 5]) }, 400, /1000.5 is not a time/],
    ["no time", { bytes: () => encoded([1, Number.NaN, 5]) }, 400, /NaN is not a time/],
    ["a hostile preamble", { preamble: { series: [numbered(1, { asset: "a b" })] }, readings }, 400, /series\.0\.asset/],
    ["a number below 1", { seq: 0 }, 400, /number/],
    ["a number beyond 2^53", { seq: 2 ** 53 }, 400, /number/],
    ["an agent's name that is none", { agent: "a b" }, 400, /name/],
    ["an epoch that is none", { epoch: "../x" }, 400, /epoch/],
  ])("%s", async (_, { bytes, seq, ...sent }, status, reason) => {
    const { store, intake, registry, count } = benchOn(new ScriptedStore(), nothing);
    const body = bytes === undefined ? {} : { body: bytes() };
    const answer = await send(seq ?? 1, { preamble: one, readings, count: 1, ...sent, ...body }, intake);
    expect(answer).toMatchObject({ kind: "refused", status, reason: expect.stringMatching(reason) });
    expect(store.commits).toEqual([]);
    expect(registry.size).toBe(0);
    expect(count("refused_malformed")).toBe(sent.count ?? 1);
  });

  it("but a quiet batch may compress a thousandfold", async () => {
    const quiet: Reading[] = Array.from({ length: 20_000 }, () => [1, now, 0]);
    const body = bodyOf(one, quiet);
    expect(body.length * 50).toBeLessThan(encodeBatch({ preamble: one, readings: columns(quiet) }).length);
    const { intake } = benchOn(new ScriptedStore(), nothing);
    expect(await send(1, { body, count: quiet.length }, intake)).toMatchObject({ kind: "stored" });
  });

  it("nor are descriptions that are none, or too many", async () => {
    const { intake, registry } = benchOn(new ScriptedStore(), nothing);
    const describeAs = (body: unknown) => intake.describe({ agent: "hall-1", epoch, sentAt: now, body });
    expect(await describeAs({ series: [{ number: 1 }] })).toMatchObject({ kind: "refused", status: 400 });
    expect(await describeAs(null)).toMatchObject({ kind: "refused", status: 400 });
    const many = Array.from({ length: 1001 }, (_, i) => numbered(i));
    expect(await describeAs({ series: many })).toMatchObject({ kind: "refused", status: 400 });
    expect(registry.size).toBe(0);
  });
});

/** Sends as an agent does: what is answered `expect` or `describe` is put right, and sent again. */
async function ship(agent: string, batches: number): Promise<void> {
  for (let seq = 1; seq <= batches; seq++) {
    const answer = await send(seq, {
      agent,
      preamble: seq === 1 ? { series: [numbered(1, { asset: agent }), numbered(2, { asset: agent })] } : {},
      readings: [
        [1, now, seq],
        [2, now, seq],
      ],
    });
    if (answer.kind !== "stored" && answer.kind !== "duplicate") throw new Error(`${agent} ${seq}: ${JSON.stringify(answer)}`);
  }
}

describe("many at once", () => {
  beforeEach(openBench);

  it("20 agents are stored side by side, each reading once", async () => {
    const agents = Array.from({ length: 20 }, (_, i) => `agent-${i}`);
    await Promise.all(agents.map((agent) => ship(agent, 15)));
    const seen = new Map<string, number>();
    for (const [series, , value] of await journal()) {
      const { asset, metric } = bench.registry.get(series);
      seen.set(`${asset} ${metric} ${value}`, (seen.get(`${asset} ${metric} ${value}`) ?? 0) + 1);
    }
    expect(seen.size).toBe(20 * 15 * 2);
    expect(new Set(seen.values())).toEqual(new Set([1]));
    expect(bench.told.length).toBeLessThan(20 * 15);
  });

  it("however sends are doubled, reordered and mixed, each reading is stored exactly once, in order", async () => {
    const sends = fc.array(fc.record({ agent: fc.integer({ min: 0, max: 2 }), seq: fc.integer({ min: 1, max: 5 }), pause: fc.boolean() }), {
      maxLength: 30,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(sends, async (schedule) => {
        const name = (agent: number) => `run-${run}-${agent}`;
        run++;
        const batch = (agent: number, seq: number) =>
          send(seq, { agent: name(agent), preamble: { series: [numbered(1, { asset: name(agent) })] }, readings: [[1, now + seq, seq]] });
        const under: Promise<unknown>[] = [];
        for (const { agent, seq, pause } of schedule) {
          // An epoch may begin anywhere, so the first is sent first.
          const first = bench.intake.mark(name(agent), epoch).mark === null;
          const sent = batch(agent, first ? 1 : seq);
          under.push(sent);
          if (pause || first) await sent;
        }
        await Promise.all(under);
        for (const agent of [0, 1, 2]) {
          const from = (bench.intake.mark(name(agent), epoch).mark ?? 0) + 1;
          for (let seq = from; seq <= 5; seq++) expect(await batch(agent, seq)).toMatchObject({ kind: "stored", ack: seq });
        }
        const all = await journal();
        for (const agent of [0, 1, 2]) {
          const index = bench.registry.find(name(agent), "m1", {});
          expect(all.filter(([series]) => series === index).map(([, , value]) => value)).toEqual([1, 2, 3, 4, 5]);
        }
      }),
      { numRuns: 15 },
    );
  });
});

/** A run of batches as their records stand in the spool. */
function sendRun(batches: readonly { seq: number; preamble?: BatchPreamble; readings?: readonly Reading[]; payload?: Buffer }[]) {
  const records = batches.map(({ seq, preamble = {}, readings = [], payload }) =>
    encodeRecord({ seq, count: readings.length, payload: payload ?? bodyOf(preamble, readings) }),
  );
  return bench.intake.run({ agent: "hall-1", epoch, sentAt: now, seq: batches[0]?.seq ?? 0, body: Buffer.concat(records) });
}

function sendNow(seq: number, preamble: BatchPreamble, readings: readonly Reading[]): ReturnType<Intake["now"]> {
  return bench.intake.now({ agent: "hall-1", epoch, sentAt: now, seq, count: readings.length, body: bodyOf(preamble, readings) });
}

describe("several batches in one request", () => {
  beforeEach(openBench);

  it("are stored in order, each with its own outcome; what was stored before is a duplicate", async () => {
    await send(1, { preamble: one, readings: [[1, now - 3, 1]] });
    const answer = await sendRun([
      { seq: 1, preamble: one, readings: [[1, now - 3, 1]] },
      { seq: 2, readings: [[1, now - 2, 2]] },
      { seq: 3, readings: [[1, now - 1, 3]] },
    ]);
    expect(answer).toMatchObject({ kind: "run", outcomes: [1, 2, 3].map((seq) => ({ seq, answer: { ack: seq } })) });
    expect((await journal()).map(([, , value]) => value)).toEqual([1, 2, 3]);
    expect(bench.count("duplicate")).toBe(1);
  });

  it.each<[string, { payload?: Buffer; readings?: readonly Reading[] }, object]>([
    ["bytes that are no batch", { payload: Buffer.from("no") }, { kind: "refused", status: 400 }],
    ["numbers that nobody described", { readings: [[9, now, 9]] }, { kind: "describe", describe: [9] }],
  ])("end at the first with %s: those before are stored, those after are not", async (_, bad, outcome) => {
    const answer = await sendRun([
      { seq: 1, preamble: one, readings: [[1, now - 3, 1]] },
      { seq: 2, ...bad },
      { seq: 3, readings: [[1, now - 1, 3]] },
    ]);
    if (answer.kind !== "run") throw new Error(JSON.stringify(answer));
    expect(answer.outcomes[0]?.answer).toMatchObject({ kind: "stored" });
    expect(answer.outcomes[1]?.answer).toMatchObject(outcome);
    expect((await journal()).map(([, , value]) => value)).toEqual([1]);
    expect(bench.intake.mark("hall-1", epoch).mark).toBe(1);
    // It comes again by itself, and is counted then.
    expect(bench.count("refused_malformed")).toBe(0);
  });

  it("are answered as the first one alone would be, where that is not taken", async () => {
    await send(1, { preamble: one, readings: [[1, now, 1]] });
    expect(await sendRun([{ seq: 4, readings: [[1, now, 4]] }])).toEqual({ kind: "expect", expect: 2 });
    expect(await sendRun([{ seq: 2, payload: Buffer.from("no") }, { seq: 3 }])).toMatchObject({ kind: "refused", status: 400 });
  });

  it("are refused where the bytes are no records, the number is another one, or they are too many", async () => {
    const body = encodeRecord({ seq: 1, count: 0, payload: bodyOf({}, []) });
    const run = (seq: number, bytes: Buffer) => bench.intake.run({ agent: "hall-1", epoch, sentAt: now, seq, body: bytes });
    const bent = Buffer.from(body);
    bent[40] = (bent[40] ?? 0) ^ 1;
    for (const bytes of [Buffer.alloc(0), body.subarray(0, -1), bent, Buffer.concat([body, Buffer.from("x")])])
      expect(await run(1, bytes)).toMatchObject({ kind: "refused", status: 400 });
    expect(await run(2, body)).toMatchObject({ kind: "refused", status: 400 });
    const many = Array.from({ length: 257 }, (_, at) => encodeRecord({ seq: at + 1, count: 0, payload: bodyOf({}, []) }));
    expect(await run(1, Buffer.concat(many))).toMatchObject({ kind: "refused", status: 400 });
  });

  it("do not inflate without end: what is left waits for the next request", async () => {
    const ignored = { later: "x".repeat(1_000_000) };
    const payload = bodyOf(ignored as BatchPreamble, []);
    const answer = await sendRun(Array.from({ length: 40 }, (_, at) => ({ seq: at + 1, payload })));
    if (answer.kind !== "run") throw new Error(JSON.stringify(answer).slice(0, 200));
    expect(answer.outcomes).toHaveLength(34);
    expect(answer.outcomes.every((each) => each.answer.kind === "stored")).toBe(true);
  });
});

describe("the present, shown beside a backlog", () => {
  beforeEach(openBench);

  it("is shown by our indexes and not stored; the batches that hold it are stored once when they come", async () => {
    await send(1, { preamble: one, readings: [[1, now - 60_000, 1]] });
    expect(await sendNow(9, one, [[1, now, 9]])).toEqual({ kind: "shown", time: now });
    expect(rows(bench.shown[0]?.readings ?? columns([]))).toEqual([[0, now, 9, Q.Good]]);
    expect(await journal()).toHaveLength(1);
    expect(bench.intake.mark("hall-1", epoch).mark).toBe(1);
    for (let seq = 2; seq <= 9; seq++) await send(seq, { readings: [[1, now - 9 + seq, seq]] });
    expect((await journal()).map(([, , value]) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("makes a series known whose first batch is still to come, under the number that it will have", async () => {
    await send(1, { preamble: one, readings: [[1, now - 60_000, 1]] });
    await sendNow(9, { series: [numbered(2)] }, [[2, now, 5]]);
    expect(bench.registry.size).toBe(2);
    await send(2, { preamble: { series: [numbered(2)] }, readings: [[2, now - 50_000, 4]] });
    expect(bench.registry.size).toBe(2);
    expect((await journal()).map(([series]) => series)).toEqual([0, 1]);
  });

  it("asks what numbers mean that this process has not been told", async () => {
    await send(1, { preamble: one, readings: [[1, now, 1]] });
    expect(await sendNow(1, {}, [[1, now, 2]])).toEqual({ kind: "describe", describe: [1] });
    expect(bench.shown).toEqual([]);
  });

  it("tells which batches are history", async () => {
    await sendNow(9, one, [[1, now, 9]]);
    expect([8, 9, 10].map((seq) => bench.present.isHistory({ agent: "hall-1", epoch, seq }))).toEqual([true, true, false]);
    expect(bench.present.isHistory({ agent: "hall-2", epoch, seq: 1 })).toBe(false);
  });
});

describe("an agent whose assets were narrowed", () => {
  beforeEach(openBench);

  it("is refused also for series that it described before, in every lane", async () => {
    await send(1, { preamble: one, readings: [[1, now, 1]] });
    await sendNow(1, one, [[1, now, 1]]);
    bench.forbidden.add("filler-31");
    const refused = { kind: "refused", status: 403, reason: 'agent hall-1 may not speak for asset "filler-31"' };
    expect(await send(2, { readings: [[1, now, 2]] })).toEqual(refused);
    expect(await sendRun([{ seq: 2, readings: [[1, now, 2]] }])).toEqual(refused);
    expect(await sendNow(2, {}, [[1, now, 2]])).toEqual(refused);
    bench.forbidden.clear();
    expect(await send(2, { readings: [[1, now, 2]] })).toMatchObject({ kind: "stored", ack: 2 });
  });

  it("is refused for what it says of them beside readings, too", async () => {
    bench.forbidden.add("filler-31");
    const asset = "filler-31";
    const topology = { time: 7, self: { system: "", macs: [] }, neighbours: [], ports: [], stations: [], partial: [] };
    const source = { asset, protocol: "modbus" as const, target: "t", state: "up" as const, reason: "", lastOk: null };
    const preambles: readonly BatchPreamble[] = [
      { topologies: [{ asset, topology }] },
      { sources: [source] },
      { inventory: [{ asset, facts: {} }] },
    ];
    for (const preamble of preambles) expect(await send(1, { preamble })).toMatchObject({ kind: "refused", status: 403 });
  });
});
