import { describe, expect, it } from "vitest";
import { Committer } from "../../collector/committer.ts";
import { Registry } from "../../collector/registry.ts";
import type { Stored, WaitingBatch } from "../../collector/round.ts";
import type { BatchPreamble } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import { FakeClock } from "../fake-clock.ts";
import { columns, epoch, numbered, type Reading, rows } from "./batches.ts";
import { ScriptedStore } from "./scripted-store.ts";

function bench() {
  const store = new ScriptedStore();
  const registry = new Registry();
  const told: Stored[] = [];
  const facts = new Map<string, string>();
  const committer = new Committer({
    store,
    registry,
    marks: [{ agent: "old", epoch, seq: 9 }],
    factsOf: () => [],
    clock: new FakeClock(),
    log: silentLog,
    facts: () => {
      const taken = new Map(facts);
      facts.clear();
      return taken;
    },
    stored: (stored) => void told.push(stored),
  });
  const send = (agent: string, seq: number, readings: readonly Reading[], preamble: BatchPreamble = {}) => {
    const batch: WaitingBatch = { agent, epoch, seq, preamble, readings: columns(readings), refused: 0 };
    return committer.batch(batch);
  };
  return { store, registry, told, facts, committer, send };
}

describe("the committer", () => {
  it("writes what came while a commit ran together, and never two commits at once", async () => {
    const { store, send } = bench();
    const release = store.hold();
    const first = send("a", 1, [[1, 10, 1]], { series: [numbered(1)] });
    await Promise.resolve();
    await Promise.resolve();
    const others = Array.from({ length: 20 }, (_, i) => send(`agent-${i}`, 5, [[7, 10, i]], { series: [numbered(7, { asset: `x${i}` })] }));
    release();
    expect(await first).toMatchObject({ kind: "stored", ack: 1 });
    for (const answer of await Promise.all(others)) expect(answer).toMatchObject({ kind: "stored", ack: 5 });
    expect(store.commits).toHaveLength(2);
    expect(store.commits[1]?.marks).toHaveLength(20);
    expect(store.concurrent).toBe(1);
  });

  it("takes several batches of one agent in one commit, each judged after the one before", async () => {
    const { store, registry, told, send } = bench();
    const answers = await Promise.all([
      send("a", 1, [[1, 10, 1]], { series: [numbered(1)] }),
      send("a", 2, [[1, 11, 2]]),
      send("a", 2, [[1, 11, 2]]),
      send("a", 4, [[1, 13, 4]]),
      send("a", 3, [[2, 12, 3]]),
      send("a", 3, [[1, 12, 3]], { series: [numbered(1, { metric: "renamed" })] }),
      send("a", 4, [[1, 13, 4]]),
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(["stored", "stored", "duplicate", "expect", "describe", "stored", "stored"]);
    expect(answers[3]).toEqual({ kind: "expect", expect: 3 });
    expect(answers[4]).toEqual({ kind: "describe", describe: [2] });
    expect(store.commits).toHaveLength(1);
    expect(store.commits[0]?.marks).toEqual([{ agent: "a", epoch, seq: 4 }]);
    // The number 1 means another series from batch 3 on.
    expect(store.commits[0]?.readings.flatMap(rows).map(([series, , value]) => [series, value])).toEqual([
      [0, 1],
      [0, 2],
      [1, 3],
      [1, 4],
    ]);
    expect(registry.all().map(({ metric }) => metric)).toEqual(["m1", "renamed"]);
    expect(told).toHaveLength(1);
  });

  it("leaves no trace of a commit that failed, and stores the same batch when it comes again", async () => {
    const { store, registry, told, committer, facts, send } = bench();
    facts.set("k", "1");
    store.failNext(1);
    const failed = await Promise.all([
      send("a", 1, [[1, 10, 1]], { series: [numbered(1)] }),
      send("a", 2, [[1, 11, 2]]),
      send("old", 9, []),
    ]);
    expect(failed.map((answer) => answer.kind === "refused" && answer.status)).toEqual([503, 503, 503]);
    expect({ size: registry.size, told: told.length, mark: committer.mark({ agent: "a", epoch }) }).toEqual({
      size: 0,
      told: 0,
      mark: undefined,
    });
    expect(committer.fault).toBeDefined();
    expect(await send("a", 1, [[1, 10, 1]], { series: [numbered(1)] })).toMatchObject({ kind: "stored" });
    expect(store.commits[0]?.facts).toEqual(new Map([["k", "1"]]));
    expect(committer.fault).toBeUndefined();
  });

  it("does not bother the store with what is known", async () => {
    const { store, send, committer } = bench();
    expect(await send("old", 9, [[1, 1, 1]])).toMatchObject({ kind: "duplicate", ack: 9 });
    await committer.flush();
    expect(store.commits).toHaveLength(0);
  });

  it("flushes facts alone, and keeps them when the store does not take them", async () => {
    const { store, committer, facts } = bench();
    facts.set("k", "1");
    store.failNext(1);
    await committer.flush();
    facts.set("l", "2");
    await committer.flush();
    expect(store.commits.map((commit) => commit.facts)).toEqual([
      new Map([
        ["k", "1"],
        ["l", "2"],
      ]),
    ]);
  });

  it("flushes with the next commit, although agents never cease to send", async () => {
    const { store, facts, committer, send } = bench();
    const last = 50;
    let seq = 0;
    // Each commit finds that one more batch has come while it ran.
    const sendOn = async (): Promise<void> => {
      while (seq < last) await send("a", ++seq, [[1, seq, 1]], { series: [numbered(1)] });
    };
    const senders = [sendOn(), Promise.resolve().then(() => sendOn())];
    facts.set("alarm", "on");
    await committer.flush();
    expect(seq).toBeLessThan(10);
    expect(store.commits.some((commit) => commit.facts?.get("alarm") === "on")).toBe(true);
    await Promise.all(senders);
    await committer.idle();
  });

  it("asks agents to come again when more waits than fits into memory", async () => {
    const { store, send } = bench();
    const release = store.hold();
    const many: Reading[] = Array.from({ length: 300_000 }, (_, i) => [1, i + 1, i]);
    const answers = ["a", "b", "c", "d"].map((agent) => send(agent, 1, many, { series: [numbered(1)] }));
    await expect(answers[3]).resolves.toMatchObject({ kind: "refused", status: 503, retryAfterMs: 2000 });
    release();
    expect((await Promise.all(answers.slice(0, 3))).map(({ kind }) => kind)).toEqual(["stored", "stored", "stored"]);
  });

  it("stores descriptions outside of a batch, numbers and all", async () => {
    const { registry, committer, send } = bench();
    expect(await send("a", 1, [[5, 1, 1]])).toEqual({ kind: "describe", describe: [5] });
    expect(await committer.describe({ agent: "a", epoch }, [numbered(5)])).toEqual({ kind: "described" });
    expect(await send("a", 1, [[5, 1, 1]])).toMatchObject({ kind: "stored" });
    expect(registry.get(0)).toMatchObject({ agent: "a", metric: "m5" });
  });
});
