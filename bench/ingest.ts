import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { createDuckDbStore } from "../adapters/stores/duckdb/store.ts";
import { Agents } from "../collector/agents.ts";
import { Committer } from "../collector/committer.ts";
import { ReadingCounts } from "../collector/counts.ts";
import { createIngest } from "../collector/ingest.ts";
import type { BatchRequest, Intake } from "../collector/intake.ts";
import { Latest } from "../collector/latest.ts";
import { Present } from "../collector/present.ts";
import { Registry } from "../collector/registry.ts";
import { encodeBatch, type NumberedSeries } from "../core/batch.ts";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";
import { type BenchRow, median } from "./row.ts";

const seriesPerAgent = 1000;
const runMs = 1500;

/** Readings per second from the body of a request to the durable store: inflate, check, number, commit with fsync, newest values. */
export async function ingestBench(): Promise<BenchRow[]> {
  return [
    ...(await measure({ agents: 1, readings: 1000 })),
    ...(await measure({ agents: 1, readings: 5000 })),
    ...(await measure({ agents: 8, readings: 1000 })),
  ];
}

interface Load {
  readonly agents: number;
  readonly readings: number;
}

async function measure(load: Load): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), "mw-bench-"));
  const store = createDuckDbStore({ dir, log: silentLog });
  try {
    await store.open();
    const intake = createIntake(store);
    const waits: number[] = [];
    const cpu = process.cpuUsage();
    const begin = performance.now();
    const sent = await Promise.all(Array.from({ length: load.agents }, (_, i) => feed(intake, `agent-${i}`, { load, begin, waits })));
    const seconds = (performance.now() - begin) / 1000;
    const used = process.cpuUsage(cpu);
    const readings = sent.reduce((sum, one) => sum + one, 0);
    const name = `ingest, ${load.agents === 1 ? "1 agent" : `${load.agents} agents`}, batches of ${load.readings}`;
    return [
      { name, value: readings / seconds, unit: "readings/s", note: `answered after ${median(waits).toFixed(1)} ms (median)` },
      { name: `${name}: CPU`, value: (used.user + used.system) / readings, unit: "us/reading" },
    ];
  } finally {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function createIntake(store: ReturnType<typeof createDuckDbStore>): Intake {
  const clock = systemClock();
  const latest = new Latest();
  const registry = new Registry();
  const committer = new Committer({
    store,
    registry,
    marks: [],
    factsOf: () => [],
    clock,
    log: silentLog,
    facts: () => new Map(),
    stored: ({ batches }) => {
      for (const { readings } of batches) latest.apply(readings, clock.now());
    },
  });
  return createIngest({
    committer,
    registry,
    agents: new Agents(),
    counts: new ReadingCounts(),
    present: new Present(),
    show: () => {},
    clock,
    log: silentLog,
  });
}

/** One agent: a request at a time, the next one as soon as it is answered. Returns how many readings were stored. */
async function feed(intake: Intake, agent: string, run: { load: Load; begin: number; waits: number[] }): Promise<number> {
  const { readings } = run.load;
  let stored = 0;
  for (let seq = 1; performance.now() - run.begin < runMs; seq++) {
    const request = batch(agent, seq, readings);
    const before = performance.now();
    const answer = await intake.ingest(request);
    run.waits.push(performance.now() - before);
    if (answer.kind !== "stored") throw new Error(`batch ${seq} of ${agent}: ${JSON.stringify(answer)}`);
    stored += readings;
  }
  return stored;
}

/** What an agent would send: values that move a little, times of one round. Its making is inside the measured time. */
function batch(agent: string, seq: number, n: number): BatchRequest {
  const readings = {
    length: n,
    series: new Uint32Array(n),
    time: new Float64Array(n),
    value: new Float64Array(n),
    quality: new Uint16Array(n),
  };
  const now = Date.now();
  for (let i = 0; i < n; i++) {
    readings.series[i] = i % seriesPerAgent;
    readings.time[i] = now - (i % 7);
    readings.value[i] = Math.round(1000 * Math.sin(seq + i)) / 10;
  }
  const preamble = seq === 1 ? { series: Array.from({ length: seriesPerAgent }, (_, number) => describe(agent, number)) } : {};
  const body = deflateRawSync(encodeBatch({ preamble, readings }), { level: 1 });
  return { agent, epoch: "6f9619ff-8b86-4d01-b42d-00c04fc964ff", seq, count: n, sentAt: now, body };
}

function describe(agent: string, number: number): NumberedSeries {
  const labels = { port: `${number % 48}` };
  return {
    number,
    asset: `${agent}-${Math.floor(number / 48)}`,
    metric: "load_ratio",
    labels,
    unit: "1",
    kind: "gauge",
    origin: "",
    everyMs: 1000,
  };
}
