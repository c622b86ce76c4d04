import { endianness } from "node:os";
import type { AssetEvent } from "./asset-event.ts";
import type { ReadingColumns } from "./columns.ts";
import type { SeriesDescription } from "./reading.ts";
import type { SourceStatus } from "./source.ts";
import type { Topology } from "./topology.ts";

/** A series as an agent numbers it within its epoch. */
export interface NumberedSeries extends SeriesDescription {
  readonly number: number;
}

/** Readings that were lost or dropped before they could be sent: loss is visible in the data. */
export interface Gap {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Readings lost, where known. */
  readonly count: number;
  readonly reason: string;
  /** ms since epoch of the loss. */
  readonly time: number;
}

/** What a batch says before its readings. New or changed series, and every one that the segment has not described yet. */
export interface BatchPreamble {
  readonly series?: readonly NumberedSeries[];
  readonly sources?: readonly SourceStatus[];
  readonly inventory?: readonly { readonly asset: string; readonly facts: Readonly<Record<string, string>> }[];
  /** What assets tell of the network around them. */
  readonly topologies?: readonly { readonly asset: string; readonly topology: Topology }[];
  readonly gaps?: readonly Gap[];
  /** What devices told of their own accord, in order. */
  readonly events?: readonly AssetEvent[];
  /** What became of datagrams at the agent's port for traps since it started, by outcome; told when it changes. */
  readonly traps?: Readonly<Record<string, number>>;
}

export interface Batch {
  readonly preamble: BatchPreamble;
  readonly readings: ReadingColumns;
}

/** A batch's bytes are not what this codec writes. */
export class BatchError extends Error {
  override readonly name = "BatchError";
}

if (endianness() !== "LE") throw new Error("millwright needs a little-endian machine: its batches are read in place");

/*
 * Layout, little-endian, every column at a multiple of 8:
 *   u8 version=1 | u8 flags (1: times are f64) | u16 0 | u32 preamble bytes | u32 count | u32 0 | f64 base time
 *   preamble JSON, UTF-8 | value f64[] | time i32[] (ms after base) or f64[] | series u32[] | quality u16[]
 */
const headerBytes = 24;
const version = 1;
const wideTimes = 1;
/** Most readings that one batch may carry. */
export const maxBatchReadings = 1 << 20;

const align8 = (n: number): number => (n + 7) & ~7;

/** The bytes of a batch, before compression. Formed once, at write, and never again. */
export function encodeBatch(batch: Batch): Buffer {
  const { readings } = batch;
  const n = readings.length;
  const preamble = Buffer.from(JSON.stringify(batch.preamble), "utf8");
  const base = n > 0 ? (readings.time[0] ?? 0) : 0;
  let wide = false;
  for (let i = 0; i < n; i++) {
    const delta = (readings.time[i] ?? 0) - base;
    if (delta !== (delta | 0)) {
      wide = true;
      break;
    }
  }
  const at = layout(preamble.length, n, wide);
  const bytes = Buffer.from(new ArrayBuffer(at.end));
  bytes.writeUInt8(version, 0);
  bytes.writeUInt8(wide ? wideTimes : 0, 1);
  bytes.writeUInt32LE(preamble.length, 4);
  bytes.writeUInt32LE(n, 8);
  bytes.writeDoubleLE(base, 16);
  preamble.copy(bytes, headerBytes);
  new Float64Array(bytes.buffer, at.value, n).set(readings.value.subarray(0, n));
  if (wide) new Float64Array(bytes.buffer, at.time, n).set(readings.time.subarray(0, n));
  else {
    const deltas = new Int32Array(bytes.buffer, at.time, n);
    for (let i = 0; i < n; i++) deltas[i] = (readings.time[i] ?? 0) - base;
  }
  new Uint32Array(bytes.buffer, at.series, n).set(readings.series.subarray(0, n));
  new Uint16Array(bytes.buffer, at.quality, n).set(readings.quality.subarray(0, n));
  return bytes;
}

/**
 * Reads a batch; throws BatchError with what is wrong. The columns may be views into `bytes`. The preamble is parsed but not
 * validated here: whoever takes it from outside checks it against its schema.
 */
export function decodeBatch(bytes: Buffer): { preamble: unknown; readings: ReadingColumns } {
  if (bytes.length < headerBytes) throw new BatchError(`a batch of ${bytes.length} bytes is shorter than its header of ${headerBytes}`);
  if (bytes.readUInt8(0) !== version) throw new BatchError(`batch version ${bytes.readUInt8(0)}, expected ${version}`);
  const flags = bytes.readUInt8(1);
  if ((flags & ~wideTimes) !== 0) throw new BatchError(`batch flags 0x${flags.toString(16)} are unknown`);
  const preambleBytes = bytes.readUInt32LE(4);
  const n = bytes.readUInt32LE(8);
  const base = bytes.readDoubleLE(16);
  if (preambleBytes > bytes.length) throw new BatchError(`a preamble of ${preambleBytes} bytes in a batch of ${bytes.length}`);
  if (n > maxBatchReadings) throw new BatchError(`a batch of ${n} readings, at most ${maxBatchReadings} are taken`);
  const wide = (flags & wideTimes) !== 0;
  const at = layout(preambleBytes, n, wide);
  if (at.end !== bytes.length) throw new BatchError(`a batch of ${n} readings is ${at.end} bytes, got ${bytes.length}`);
  const whole = aligned(bytes);
  const value = new Float64Array(whole.buffer, whole.byteOffset + at.value, n);
  const time = wide ? new Float64Array(whole.buffer, whole.byteOffset + at.time, n) : new Float64Array(n);
  if (!wide) {
    const deltas = new Int32Array(whole.buffer, whole.byteOffset + at.time, n);
    for (let i = 0; i < n; i++) time[i] = base + (deltas[i] ?? 0);
  }
  const series = new Uint32Array(whole.buffer, whole.byteOffset + at.series, n);
  const quality = new Uint16Array(whole.buffer, whole.byteOffset + at.quality, n);
  return {
    preamble: parsePreamble(whole.toString("utf8", headerBytes, headerBytes + preambleBytes)),
    readings: { length: n, series, time, value, quality },
  };
}

function layout(
  preambleBytes: number,
  n: number,
  wide: boolean,
): { value: number; time: number; series: number; quality: number; end: number } {
  const value = align8(headerBytes + preambleBytes);
  const time = value + 8 * n;
  const series = align8(time + (wide ? 8 : 4) * n);
  const quality = align8(series + 4 * n);
  return { value, time, series, quality, end: quality + 2 * n };
}

function aligned(bytes: Buffer): Buffer {
  if (bytes.byteOffset % 8 === 0) return bytes;
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(copy);
  return copy;
}

function parsePreamble(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BatchError("the batch's preamble is not JSON", { cause: error });
  }
}
