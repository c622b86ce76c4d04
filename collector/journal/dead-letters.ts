import { mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "../../core/errors.ts";
import { qualityName } from "../../core/quality.ts";
import type { Reading } from "../../core/reading.ts";
import type { IndexedSeries } from "../../core/store.ts";

/** A file this long makes room for a new one; the one before is kept as `FILE.1`. */
const maxBytes = 64 << 20;

/** A reading that an engine refused, and why. */
export interface DeadLetter {
  readonly reading: Reading;
  readonly series: IndexedSeries;
  readonly reason: string;
  /** ms since epoch of the refusal. */
  readonly refusedAt: number;
}

/** Appends one line of JSON and resolves when it is on disk. */
export async function writeDeadLetter(path: string, { reading, series, reason, refusedAt }: DeadLetter): Promise<void> {
  const { asset, metric, labels, unit } = series;
  const value = Number.isNaN(reading.value) ? null : reading.value;
  const line = {
    refused_at: refusedAt,
    reason,
    asset,
    metric,
    labels,
    value,
    unit,
    time: reading.time,
    quality: qualityName(reading.quality),
  };
  await appendLine(path, line);
}

/** Appends a line of JSON to a dead-letter file and resolves when it is on disk. A file that is full makes room. */
export async function appendLine(path: string, line: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await makeRoom(path);
  const file = await open(path, "a", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(line)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function makeRoom(path: string): Promise<void> {
  try {
    if ((await stat(path)).size >= maxBytes) await rename(path, `${path}.1`);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
