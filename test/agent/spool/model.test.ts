import { cpSync, rmSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Spool } from "../../../agent/spool/spool.ts";
import { FakeClock } from "../../fake-clock.ts";
import { FaultyDisk } from "./faults.ts";
import { batchOf, drain, open, testFolder } from "./readings.ts";

/** What is done to a spool. */
type Act =
  | { readonly kind: "append"; readonly batches: number }
  | { readonly kind: "ack"; readonly part: number }
  | { readonly kind: "kill" }
  | { readonly kind: "reopen" }
  | { readonly kind: "full"; readonly bytes: number }
  | { readonly kind: "eio" };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("append" as const), batches: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ack" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("full" as const), bytes: fc.integer({ min: 0, max: 900 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "eio" as const }) },
);

const readingsPerBatch = 4;
const maxBytes = 8192;

/** The model: which value stands under which seq, and up to where all is acknowledged. */
class Model {
  readonly values = new Map<number, number>();
  acked = 0;
}

/** The spool under test and its model, side by side. */
class Pair {
  readonly model = new Model();
  readonly disk = new FaultyDisk();
  readonly clock = new FakeClock();
  readonly dir = testFolder();
  #spool: Spool | undefined;
  #minted = 0;

  async spool(): Promise<Spool> {
    this.#spool ??= await open(this.dir, { maxBytes, files: this.disk.files, clock: this.clock });
    return this.#spool;
  }

  async run(act: Act): Promise<void> {
    const spool = await this.spool();
    switch (act.kind) {
      case "append":
        await this.#append(spool, act.batches);
        return;
      case "ack": {
        const { lastSeq, acked } = spool.stats();
        this.model.acked = Math.max(this.model.acked, acked + Math.floor((lastSeq - acked) * act.part));
        spool.ack(this.model.acked);
        await this.clock.advance(2000);
        return;
      }
      case "reopen":
        await spool.close();
        this.#spool = undefined;
        return;
      case "kill":
        // The process is gone: its lock is stale, what it had not acknowledged on disk comes again.
        await this.#kill();
        return;
      case "full":
        this.disk.roomBytes = act.bytes;
        return;
      case "eio":
        this.disk.failingSyncs = 1;
    }
  }

  /** Everything is there, in order, or told as a gap; no seq means two things. */
  async check(): Promise<void> {
    const spool = await this.spool();
    expect(spool.acked).toBeGreaterThanOrEqual(0);
    const { records, gaps } = await drain(spool);
    const told = gaps.reduce((sum, gap) => sum + gap.count, 0);
    const from = spool.acked + 1;
    const expected = [...this.model.values].filter(([seq]) => seq >= from);
    for (const { seq, value } of records) expect(this.model.values.get(seq), `seq ${seq}`).toBe(value);
    const given = new Set(records.map(({ seq }) => seq));
    const missing = expected.filter(([seq]) => !given.has(seq));
    for (const [seq] of missing)
      expect(
        gaps.some((gap) => gap.firstSeq <= seq && seq <= gap.lastSeq),
        `seq ${seq} is told`,
      ).toBe(true);
    // A gap that reaches behind the acknowledgement tells of all it took: never of fewer than are missing.
    expect(told).toBeGreaterThanOrEqual(missing.length * readingsPerBatch);
    expect([...given]).toEqual([...given].sort((a, b) => a - b));
  }

  async end(): Promise<void> {
    await this.#spool?.close();
  }

  async #append(spool: Spool, batches: number): Promise<void> {
    const appended = Array.from({ length: batches }, async () => {
      const value = ++this.#minted;
      const seq = await spool.append(batchOf(readingsPerBatch, value));
      expect(this.model.values.has(seq), `seq ${seq} is used twice`).toBe(false);
      this.model.values.set(seq, value);
    });
    let open = true;
    const done = Promise.all(appended).then(() => {
      open = false;
    });
    // A disk that is full gets well after a while: time passes until all is accepted.
    for (let turns = 0; open && turns < 200; turns++) {
      await this.clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (turns === 20) this.disk.roomBytes = Number.POSITIVE_INFINITY;
    }
    await done;
  }

  async #kill(): Promise<void> {
    const before = this.#spool;
    this.#spool = undefined;
    // In one process a spool cannot be killed: its twin on a copy of the disk as it is now is what a kill leaves.
    if (before === undefined) return;
    const copy = testFolder();
    cpSync(this.dir, copy, { recursive: true });
    await before.close();
    rmSync(this.dir, { recursive: true });
    cpSync(copy, this.dir, { recursive: true });
    rmSync(`${this.dir}/LOCK`, { force: true });
    this.model.acked = 0;
  }
}

test("whatever is appended, acknowledged, killed, reopened and filled: every accepted batch is there in order, or a gap tells of it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 14 }), async (acts) => {
      const pair = new Pair();
      try {
        for (const one of acts) await pair.run(one);
        pair.disk.roomBytes = Number.POSITIVE_INFINITY;
        await pair.check();
        // And again after a restart.
        await pair.run({ kind: "reopen" });
        await pair.check();
      } finally {
        await pair.end();
      }
    }),
    { numRuns: process.env["KILLS"] === undefined ? 40 : 1000 },
  );
}, 300_000);
