import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Feeder } from "../../collector/journal/sinks.ts";
import type { ReadingColumns } from "../../core/columns.ts";
import { silentLog } from "../../core/log.ts";
import { type Sink, SinkError } from "../../core/sink.ts";
import type { IndexedSeries, JournalSlice, Store } from "../../core/store.ts";
import { FakeClock } from "../fake-clock.ts";
import { until } from "../peers/process.ts";
import { columns, numbered } from "./batches.ts";

/** A journal whose reading at position N is worth N; the cursor is kept as a store would. */
class Journal implements Pick<Store, "journal" | "cursor" | "moveCursor"> {
  position = 0;
  failures = 0;
  length: number;

  constructor(length: number) {
    this.length = length;
  }

  async journal(position: number, limit: number): Promise<JournalSlice> {
    if (this.failures-- > 0) throw new Error("store: away");
    const next = Math.min(this.length, position + limit);
    const readings = columns(Array.from({ length: next - position }, (_, i) => [0, 1000 + position + i, position + i]));
    return { next, readings };
  }

  async cursor(): Promise<number> {
    return this.position;
  }

  async moveCursor(_: string, position: number): Promise<void> {
    this.position = position;
  }
}

type Verdict = "ok" | "retry" | "rejected" | "lost";

/** An engine that does as it is told for a while, and refuses certain values for ever. */
class ScriptedSink implements Sink {
  readonly name = "influx:plant/../x";
  readonly taken: number[] = [];
  writes = 0;
  closed = false;
  readonly script: Verdict[];
  readonly poison: ReadonlySet<number>;

  constructor(script: readonly Verdict[] = [], poison: ReadonlySet<number> = new Set()) {
    this.script = [...script];
    this.poison = poison;
  }

  async write(readings: ReadingColumns): Promise<void> {
    this.writes++;
    const verdict = this.script.shift() ?? "ok";
    if (verdict === "retry") throw new SinkError("retry", "engine: 503", { retryAfterMs: 5 });
    const values = [...readings.value.subarray(0, readings.length)];
    if (values.some((value) => this.poison.has(value))) throw new SinkError("rejected", "engine: 400 field type conflict");
    this.taken.push(...values);
    // The engine took it, and the answer did not arrive.
    if (verdict === "lost") throw new Error("socket hang up");
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const series: IndexedSeries = { ...numbered(0, { labels: { a: 'b"\n' } }), index: 0, agent: "hall-1" };
let deadLetters: string;

beforeEach(() => {
  deadLetters = mkdtempSync(join(tmpdir(), "mw-dead-"));
});

afterEach(() => rmSync(deadLetters, { recursive: true, force: true }));

function createFeeder(sink: Sink, store: Journal, clock = new FakeClock()) {
  const feeder = new Feeder({
    sink,
    store,
    describe: () => series,
    end: store.length,
    deadLetters,
    clock,
    log: silentLog,
    random: () => 0.5,
  });
  return { feeder, clock };
}

/** Turns the clock until everything is delivered. Writing dead letters takes real time, so this waits between turns. */
async function drain({ feeder, clock }: { feeder: Feeder; clock: FakeClock }): Promise<void> {
  await until("everything is delivered", 5000, async () => {
    await clock.advance(60_000);
    return feeder.counts().behind === 0;
  });
}

function buried(): { value: number; reason: string; labels: unknown }[] {
  const path = join(deadLetters, "influx_plant____x.ndjson");
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("a sink", () => {
  it("is fed everything in order, and what comes later", async () => {
    const journal = new Journal(12_000);
    const sink = new ScriptedSink();
    const run = createFeeder(sink, journal);
    run.feeder.start();
    await drain(run);
    journal.length = 12_003;
    run.feeder.grown(3);
    await drain(run);
    expect(sink.taken).toEqual(upTo(12_003));
    expect(journal.position).toBe(12_003);
    expect(run.feeder.counts()).toEqual({ name: sink.name, behind: 0, written: 12_003, rejected: 0 });
    await run.feeder.stop();
    expect(sink.closed).toBe(true);
  });

  it("goes on where its cursor is after a restart", async () => {
    const journal = new Journal(100);
    journal.position = 90;
    const sink = new ScriptedSink();
    const run = createFeeder(sink, journal);
    run.feeder.start();
    await drain(run);
    await run.feeder.stop();
    expect(sink.taken).toEqual(upTo(100).slice(90));
  });

  it("gathers what trickles in before it writes", async () => {
    const journal = new Journal(0);
    const sink = new ScriptedSink();
    const { feeder, clock } = createFeeder(sink, journal);
    feeder.start();
    await clock.advance(1000);
    for (let i = 0; i < 5; i++) {
      journal.length++;
      feeder.grown(1);
      await clock.advance(50);
    }
    expect(sink.writes).toBe(0);
    await clock.advance(500);
    expect(sink.writes).toBe(1);
    expect(sink.taken).toEqual(upTo(5));
    await feeder.stop();
  });

  it("that is away is tried again, at its own pace, and loses nothing", async () => {
    const journal = new Journal(10);
    const sink = new ScriptedSink(["retry", "retry", "retry", "retry"]);
    const { feeder, clock } = createFeeder(sink, journal);
    feeder.start();
    await clock.advance(0);
    expect(sink.writes).toBe(1);
    await clock.advance(200);
    expect(sink.writes).toBe(2);
    await clock.advance(3000);
    expect(sink.taken).toEqual(upTo(10));
    await feeder.stop();
  });

  it("is closed at once while it waits for an engine that is away", async () => {
    const sink = new ScriptedSink(Array.from({ length: 100 }, () => "retry" as const));
    const { feeder, clock } = createFeeder(sink, new Journal(10));
    feeder.start();
    await clock.advance(0);
    await feeder.stop();
    expect(sink.closed).toBe(true);
    expect(sink.taken).toEqual([]);
  });

  it("that refuses a reading for ever loses that one only, which is kept with the reason", async () => {
    const journal = new Journal(1000);
    const sink = new ScriptedSink([], new Set([0, 499, 500, 999]));
    const run = createFeeder(sink, journal);
    run.feeder.start();
    await drain(run);
    await run.feeder.stop();
    expect(sink.taken).toEqual(upTo(1000).filter((value) => !sink.poison.has(value)));
    expect(buried().map(({ value }) => value)).toEqual([0, 499, 500, 999]);
    expect(buried()[0]).toMatchObject({ reason: "engine: 400 field type conflict", labels: { a: 'b"\n' }, quality: "Good", time: 1000 });
    expect(run.feeder.counts()).toMatchObject({ written: 996, rejected: 4 });
    expect(sink.writes).toBeLessThan(100);
  });

  it("gets every reading at least once, in order but for repeats, whatever it answers", async () => {
    const answers = fc.array(fc.constantFrom<Verdict>("ok", "retry", "lost"), { maxLength: 20 });
    const poison = fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(answers, poison, fc.nat(3), async (script, bad, storeFailures) => {
        rmSync(deadLetters, { recursive: true, force: true });
        const journal = new Journal(40);
        journal.failures = storeFailures;
        const sink = new ScriptedSink(script, new Set(bad));
        const run = createFeeder(sink, journal);
        run.feeder.start();
        await drain(run);
        await run.feeder.stop();
        const lost = bad.length === 0 ? [] : buried().map(({ value }) => value);
        expect([...new Set([...sink.taken, ...lost])].sort((a, b) => a - b)).toEqual(upTo(40));
        expect(lost).toEqual([...bad].sort((a, b) => a - b));
        expect(journal.position).toBe(40);
      }),
      { numRuns: 30 },
    );
  });
});
