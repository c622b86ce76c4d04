import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDuckDbStore } from "../../adapters/stores/duckdb/store.ts";
import { Agents } from "../../collector/agents.ts";
import { Committer } from "../../collector/committer.ts";
import { ReadingCounts } from "../../collector/counts.ts";
import { createIngest } from "../../collector/ingest.ts";
import type { IngestAnswer } from "../../collector/intake.ts";
import { Present } from "../../collector/present.ts";
import { Registry } from "../../collector/registry.ts";
import type { AssetEvent } from "../../core/asset-event.ts";
import type { BatchPreamble } from "../../core/batch.ts";
import { silentLog } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import { FakeClock } from "../fake-clock.ts";
import { bodyOf, epoch } from "./batches.ts";

const clock = new FakeClock();
const now = clock.now();
const all = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1000 };
let dir: string;
let store: Store;
let send: (seq: number, preamble: BatchPreamble) => Promise<IngestAnswer>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "mw-events-"));
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(): Promise<void> {
  store = createDuckDbStore({ dir, log: silentLog, housekeeping: { tidyEvery: 2000 } });
  const state = await store.open();
  const agents = new Agents(state.facts, state.marks);
  const registry = new Registry(state.series, state.aliases);
  const parts = { store, registry, marks: state.marks, clock, log: silentLog };
  const committer = new Committer({ ...parts, facts: () => new Map(), factsOf: () => [], stored: () => {} });
  const reach = () => (asset: string) => asset !== "foreign";
  const rest = { registry, present: new Present(), show: () => {} };
  const intake = createIngest({ committer, agents, counts: new ReadingCounts(), reach, clock, log: silentLog, ...rest });
  send = (seq, preamble) => intake.ingest({ agent: "hall-1", epoch, seq, count: 0, sentAt: now, body: bodyOf(preamble, []) });
}

function event(text: string, more: Partial<AssetEvent> = {}): AssetEvent {
  const said = {
    name: "linkDown",
    level: "warning",
    text,
    labels: { if_index: "3" },
    origin: "1.3.6",
    values: { "1.3.6.1": "it's" },
  } as const;
  return { asset: "sw", time: now, kind: "trap", ...said, ...more };
}

async function texts(asset = "sw", query: Partial<typeof all> = {}): Promise<string[]> {
  return (await store.events({ asset, ...all, ...query })).map(({ text }) => text);
}

it("events are stored with the batch that brings them, once, and are there after a restart", async () => {
  const first = event("it's \u0000 <b>");
  expect((await send(1, { events: [first, event("second", { asset: "ups" })] })).kind).toBe("stored");
  expect((await send(1, { events: [first] })).kind).toBe("duplicate");
  expect((await send(2, { events: [event("third", { time: now + 5 })] })).kind).toBe("stored");
  await store.close();
  await open();
  expect(await texts()).toEqual(["third", first.text]);
  expect((await store.events({ asset: "sw", ...all }))[1]).toEqual(first);
  expect(await texts("ups")).toEqual(["second"]);
  expect(await texts("'; DROP TABLE events; --")).toEqual([]);
  expect(await texts("sw", { from: now + 1 })).toEqual(["third"]);
  expect(await texts("sw", { to: now + 5 })).toEqual([first.text]);
  expect(await texts("sw", { limit: 1 })).toEqual(["third"]);
});

it("an event of a time to come is kept with the time of now", async () => {
  await send(1, { events: [event("soon", { time: now + 60_000 }), event("odd", { time: now + 86_400_000 })] });
  expect((await store.events({ asset: "sw", ...all })).map(({ time }) => time - now)).toEqual([60_000, 0]);
});

it("an agent may not speak for another's asset in an event either", async () => {
  expect(await send(1, { events: [event("x", { asset: "foreign" })] })).toMatchObject({ kind: "refused", status: 403 });
  expect(await texts("foreign")).toEqual([]);
});

it("of an asset the newest 5,000 are kept, and what is older than `retain` is deleted", async () => {
  for (let seq = 1; seq <= 8; seq++) {
    const events = Array.from({ length: 1000 }, (_, i) => event(`${seq}-${i}`, { time: now + seq * 1000 + i }));
    await send(seq, { events });
  }
  const kept = await texts("sw", { limit: 100_000 });
  expect(kept.length).toBeGreaterThanOrEqual(5000);
  expect(kept.length).toBeLessThan(8000);
  expect(kept[0]).toBe("8-999");
  await store.prune(now + 8500);
  expect((await texts("sw", { limit: 100_000 })).length).toBe(500);
  expect((await send(9, { events: [event("after", { time: now + 9999 })] })).kind).toBe("stored");
  expect((await texts())[0]).toBe("after");
});
