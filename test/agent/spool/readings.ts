import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { SeriesRegistry } from "../../../agent/registry.ts";
import type { SpoolFiles } from "../../../agent/spool/files.ts";
import { openSpool } from "../../../agent/spool/open.ts";
import type { Spool } from "../../../agent/spool/spool.ts";
import { type Batch, type BatchPreamble, decodeBatch, type Gap } from "../../../core/batch.ts";
import { type Clock, systemClock } from "../../../core/clock.ts";
import { ColumnBuilder } from "../../../core/columns.ts";
import { silentLog } from "../../../core/log.ts";
import { Q } from "../../../core/quality.ts";

/** A folder of the test's own, gone after it. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "millwright-spool-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A registry with `count` series. */
export function registryOf(count: number): SeriesRegistry {
  const registry = new SeriesRegistry();
  for (let n = 0; n < count; n++) {
    registry.register({
      asset: `filler-${n}`,
      metric: "pressure_pascals",
      labels: {},
      unit: "Pa",
      kind: "gauge",
      origin: `holding:${n}`,
      everyMs: 1000,
    });
  }
  return registry;
}

/** One reading of each of the first `count` series, each with this value. */
export function batchOf(count: number, value: number): Batch {
  const readings = new ColumnBuilder(Math.max(1, count));
  for (let n = 0; n < count; n++) readings.put(n, 1_767_225_600_000 + value, value, Q.Good);
  return { preamble: {}, readings: readings.view() };
}

export interface Opened {
  readonly maxBytes?: number;
  readonly files?: SpoolFiles;
  readonly clock?: Clock;
  readonly registry?: SeriesRegistry;
}

export function open(dir: string, opened: Opened = {}): Promise<Spool> {
  const registry = opened.registry ?? registryOf(4);
  return openSpool({
    dir,
    maxBytes: opened.maxBytes ?? 1 << 20,
    clock: opened.clock ?? systemClock(),
    log: silentLog,
    series: registry,
    ...(opened.files === undefined ? {} : { files: opened.files }),
  });
}

/** What a spool gave back, in order. */
export interface Drained {
  readonly records: readonly { readonly seq: number; readonly value: number; readonly count: number; readonly preamble: BatchPreamble }[];
  readonly gaps: readonly Gap[];
}

/** Reads everything that is there, from the acknowledged seq on. */
export async function drain(spool: Spool): Promise<Drained> {
  const records: Drained["records"][number][] = [];
  const gaps: Gap[] = [];
  const signal = new AbortController().signal;
  for (let seq = spool.acked + 1; seq <= spool.stats().lastSeq; ) {
    const entry = await spool.next(seq, signal);
    if (entry === undefined) break;
    if (entry.kind === "gap") {
      gaps.push(entry.gap);
      seq = entry.gap.lastSeq + 1;
    } else {
      const { preamble, readings } = decodeBatch(inflateRawSync(entry.payload));
      records.push({ seq, value: readings.value[0] ?? Number.NaN, count: readings.length, preamble: preamble as BatchPreamble });
      seq++;
    }
  }
  return { records, gaps };
}
