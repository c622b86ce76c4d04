import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { SeriesRegistry } from "../agent/registry.ts";
import { openSpool } from "../agent/spool/open.ts";
import { segmentName } from "../agent/spool/segments.ts";
import type { Spool } from "../agent/spool/spool.ts";
import type { Batch } from "../core/batch.ts";
import { systemClock } from "../core/clock.ts";
import { ColumnBuilder } from "../core/columns.ts";
import { silentLog } from "../core/log.ts";
import { Q } from "../core/quality.ts";
import { parseHeader, recordHeaderBytes } from "../core/record.ts";
import type { BenchRow } from "./row.ts";

const readingsPerBatch = 1000;
const seriesCount = 500;
/** The rate of a large agent, readings a second. */
const agentRate = 10_000;
const runMs = 5000;
const backlogBytes = 5 * 2 ** 30;

/** Appends to durable, and a restart on a backlog of 5 GiB. */
export async function spoolBench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-spool-bench-"));
  try {
    const appended = await appendForAWhile(join(folder, "append"));
    const restarted = await restart(join(folder, "backlog"));
    return [...appended, ...restarted];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function appendForAWhile(dir: string): Promise<BenchRow[]> {
  const spool = await openBenchSpool(dir);
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  let readings = 0;
  for (let seq = 1; performance.now() - begin < runMs; seq++) {
    // As in an agent: one batch waits for the disk while the next is formed.
    await Promise.all([spool.append(batchOf(2 * seq)), spool.append(batchOf(2 * seq + 1))]);
    readings += 2 * readingsPerBatch;
  }
  const seconds = (performance.now() - begin) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  await spool.close();
  const cpuPerReading = (cpu.user + cpu.system) / 1e6 / readings;
  const bar = 3 * agentRate;
  return [
    { name: "spool, append to durable", value: readings / seconds, unit: "readings/s", note: `bar: ${bar} (3 x ${agentRate})` },
    { name: `spool, CPU at ${agentRate} readings/s`, value: 100 * cpuPerReading * agentRate, unit: "% of a core", note: "bar: 10" },
  ];
}

async function restart(dir: string): Promise<BenchRow[]> {
  const lastSeq = await makeBacklog(dir);
  const script = fileURLToPath(new URL("./spool-restart.js", import.meta.url));
  const child = spawnSync(process.execPath, ["--expose-gc", script, dir], { encoding: "utf8" });
  const found = JSON.parse(child.stdout) as { openMs: number; rssMiB: number; readMiB: number; waiting: number; read: number };
  if (found.waiting !== lastSeq) throw new Error(`the spool sees ${found.waiting} of ${lastSeq} batches`);
  return [
    { name: "spool, restart with 5 GiB of backlog", value: found.openMs / 1000, unit: "s", note: `bar: 2; ${found.waiting} batches` },
    { name: "spool, memory for that", value: found.rssMiB, unit: "MiB RSS", note: "bar: 20 more than without" },
    { name: "spool, memory after reading on", value: found.readMiB, unit: "MiB RSS", note: `${found.read} batches read` },
  ];
}

/** One real segment, repeated under other seqs until there are 5 GiB: returns the last seq. */
async function makeBacklog(dir: string): Promise<number> {
  const spool = await openBenchSpool(dir);
  for (let value = 0; spool.stats().bytes < 15 * 2 ** 20; value++) await spool.append(batchOf(value));
  const records = spool.stats().lastSeq;
  await spool.close();
  const model = readFileSync(join(dir, segmentName(1)));
  mkdirSync(dir, { recursive: true });
  let first = 1 + records;
  for (let bytes = model.length; bytes < backlogBytes; bytes += model.length, first += records)
    writeFileSync(join(dir, segmentName(first)), renumbered(model, first));
  return first - 1;
}

function renumbered(model: Buffer, first: number): Buffer {
  const bytes = Buffer.from(model);
  for (let at = 0, seq = first; at < bytes.length; seq++) {
    const header = parseHeader(bytes, at);
    if (header === undefined) throw new Error(`no record at ${at}`);
    bytes.writeBigUInt64LE(BigInt(seq), at + 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 24)), at + 24);
    at += recordHeaderBytes + header.length;
  }
  return bytes;
}

function openBenchSpool(dir: string): Promise<Spool> {
  const registry = new SeriesRegistry();
  for (let n = 0; n < seriesCount; n++)
    registry.register({
      asset: `m-${n}`,
      metric: "active_power_watts",
      labels: {},
      unit: "W",
      kind: "gauge",
      origin: `input:${n}`,
      everyMs: 1000,
    });
  return openSpool({ dir, maxBytes: 8 * 2 ** 30, clock: systemClock(), log: silentLog, series: registry });
}

/** Values as meters give them: they move a little. */
function batchOf(value: number): Batch {
  const readings = new ColumnBuilder(readingsPerBatch);
  for (let n = 0; n < readingsPerBatch; n++)
    readings.put(n % seriesCount, Date.now() + n, Math.round(1e6 * (1 + Math.sin(value + n * 7919))) / 10, Q.Good);
  return { preamble: {}, readings: readings.view() };
}
