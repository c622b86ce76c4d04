import type { Batch, Gap } from "../../core/batch.ts";
import { type Clock, pause } from "../../core/clock.ts";
import { codeOf, messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { inSlices } from "../slices.ts";
import type { Ballast } from "./ballast.ts";
import { type SpoolFile, type SpoolFiles, writeAll } from "./files.ts";
import type { RecordFormer } from "./form.ts";
import { keepDamaged } from "./quarantine.ts";
import type { Segment, Segments } from "./segments.ts";

/** A batch was not written: memory was full while the disk was, or the spool was closed. Its readings are counted as lost. */
export class SpoolError extends Error {
  override readonly name = "SpoolError";
}

export interface WriterPlace {
  readonly files: SpoolFiles;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly segments: Segments;
  readonly ballast: Ballast;
  readonly former: RecordFormer;
  readonly segmentBytes: number;
  /** Most bytes of batches that wait in memory while the disk takes none. */
  readonly memoryBytes: number;
  /** Makes room for this many bytes by dropping the oldest segments, never the one given. */
  readonly makeRoom: (bytes: number, writing: Segment) => Promise<void>;
  readonly durable: (seq: number) => void;
}

interface Pending {
  readonly batch: Batch;
  readonly bytes: number;
  readonly resolve: (seq: number) => void;
  readonly reject: (error: Error) => void;
}

/** fdatasync failed: what the kernel still holds of that file is unknown from here on. */
class SyncError extends Error {
  override readonly name = "SyncError";
}

const retryMs = 1000;
const ballastMs = 60_000;
/** Batches written with one fdatasync. */
const mostPerCommit = 64;
/** What an event of a device weighs in memory: most have a sentence and a few values. */
const eventBytes = 4096;

/** The one that writes segments: what waits while a commit is under way goes into the next one together. */
export class SpoolWriter {
  readonly #place: WriterPlace;
  readonly #closing = new AbortController();
  #queue: Pending[] = [];
  #queuedBytes = 0;
  /** Batches at the head of the queue that a commit is about. */
  #committing = 0;
  #lost = 0;
  /** Of the lost, those that the commit under way tells of. */
  #told = 0;
  #lostReadings = 0;
  #next: number;
  #current: { readonly segment: Segment; readonly file: SpoolFile } | undefined;
  #running: Promise<void> | undefined;
  #fault: string;
  /** Failed fdatasyncs in a row. */
  #faults = 0;
  #ballastAt = Number.NEGATIVE_INFINITY;

  constructor(place: WriterPlace, next: number) {
    this.#place = place;
    this.#next = next;
    this.#fault = "";
  }

  /** Seq of the next batch. */
  get next(): number {
    return this.#next;
  }

  get writing(): Segment | undefined {
    return this.#current?.segment;
  }

  /** Why nothing can be written; empty while all is well. */
  get fault(): string {
    return this.#fault;
  }

  /** Readings that were dropped before they had a seq, since the start. */
  get lostReadings(): number {
    return this.#lostReadings;
  }

  /** Resolves with the batch's seq once it is durable; rejects with SpoolError. */
  append(batch: Batch): Promise<number> {
    if (this.#closing.signal.aborted) return Promise.reject(new SpoolError("the spool is closed"));
    return new Promise((resolve, reject) => {
      const bytes = 512 + 24 * batch.readings.length + eventBytes * (batch.preamble.events?.length ?? 0);
      this.#queue.push({ batch, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#shed();
      this.#running ??= this.#run();
    });
  }

  /** Writes what waits, if the disk takes it, and closes the segment. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    for (const pending of this.#queue) pending.reject(new SpoolError(`the spool was closed while ${this.#fault || "writing"}`));
    this.#queue = [];
    await this.#abandon();
  }

  async #run(): Promise<void> {
    // One turn later: batches appended in the same turn share the first commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      try {
        await this.#commit();
        await this.#allWell();
      } catch (error) {
        this.#committing = 0;
        const again = await this.#repair(error);
        if (again) continue;
        this.#degraded(error);
        if (this.#closing.signal.aborted) break;
        await pause(this.#place.clock, retryMs, this.#closing.signal);
      }
    }
    this.#running = undefined;
  }

  async #commit(): Promise<void> {
    const { segment, file } = await this.#open();
    const records = await this.#form(segment);
    const bytes = Buffer.concat(records);
    await this.#place.makeRoom(bytes.length, segment);
    await writeAll(file, bytes, segment.end);
    await file.sync().catch((cause: unknown) => {
      throw new SyncError(`fdatasync of ${segment.path}: ${messageOf(cause)}`, { cause });
    });
    segment.end += bytes.length;
    this.#accept(records.length);
  }

  /**
   * Records for as many waiting batches as fit the segment, at least one. While an agent meets its devices each of them
   * describes a thousand series and takes some milliseconds.
   */
  async #form(segment: Segment): Promise<Buffer[]> {
    const records: Buffer[] = [];
    let end = segment.end;
    const waiting = Math.min(mostPerCommit, this.#queue.length);
    await inSlices(Array(waiting).keys(), this.#place, () => {
      const pending = this.#queue[records.length];
      // The record that crosses the line still belongs here: the next one opens a new segment.
      if (pending === undefined || (records.length > 0 && end >= this.#place.segmentBytes)) return;
      const seq = this.#next + records.length;
      const record = this.#place.former.form(pending.batch, seq, records.length === 0 ? this.#lostGap(seq) : undefined);
      this.#committing = records.push(record);
      end += record.length;
    });
    return records;
  }

  #lostGap(seq: number): Gap | undefined {
    this.#told = this.#lost;
    if (this.#lost === 0) return undefined;
    return { firstSeq: seq, lastSeq: seq, count: this.#lost, reason: "disk and memory were full", time: this.#place.clock.now() };
  }

  #accept(count: number): void {
    const accepted = this.#queue.splice(0, count);
    this.#committing = 0;
    this.#lost -= this.#told;
    this.#told = 0;
    for (const pending of accepted) {
      const seq = this.#next++;
      this.#queuedBytes -= pending.bytes;
      pending.resolve(seq);
    }
    this.#place.durable(this.#next - 1);
  }

  async #open(): Promise<{ readonly segment: Segment; readonly file: SpoolFile }> {
    const current = this.#current;
    if (current !== undefined && current.segment.end < this.#place.segmentBytes) return current;
    this.#current = undefined;
    if (current !== undefined) await current.file.close();
    this.#place.former.forget();
    const { files, folder, segments } = this.#place;
    const segment = segments.add(this.#next);
    try {
      const file = await files.open(segment.path, "create");
      this.#current = { segment, file };
      await files.syncFolder(folder);
      return this.#current;
    } catch (error) {
      await this.#abandon();
      if (segments.has(segment)) await segments.remove(segment);
      if (codeOf(error) === "EEXIST") await keepDamaged(files, folder, segment.path);
      throw error;
    }
  }

  /** After a fault: true when it is worth trying again at once. */
  async #repair(error: unknown): Promise<boolean> {
    const full = !(error instanceof SyncError) && (codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT");
    this.#place.former.forget();
    if (!full) {
      await this.#abandon();
      return error instanceof SyncError && this.#faults++ === 0;
    }
    const current = this.#current;
    try {
      if (current !== undefined) await current.file.truncate(current.segment.end);
    } catch {
      await this.#abandon();
    }
    return this.#place.ballast.free();
  }

  /** Never writes to the current segment again: what is durable of it stays readable. */
  async #abandon(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    await current.file.close().catch(() => {});
    if (current.segment.end === 0) await this.#place.segments.remove(current.segment);
  }

  #degraded(error: unknown): void {
    const fault = messageOf(error);
    if (this.#fault !== fault)
      this.#place.log.error({ err: error, waiting: this.#queue.length }, "spool cannot write, batches wait in memory");
    this.#fault = fault;
  }

  async #allWell(): Promise<void> {
    if (this.#fault !== "") this.#place.log.info({ lost: this.#lostReadings }, "spool writes again");
    this.#fault = "";
    this.#faults = 0;
    const now = this.#place.clock.monotonic();
    if (now - this.#ballastAt < ballastMs) return;
    this.#ballastAt = now;
    await this.#place.ballast.fill();
  }

  /** Drops the oldest waiting batches that no commit is about, when memory is full. */
  #shed(): void {
    while (this.#queuedBytes > this.#place.memoryBytes && this.#queue.length > this.#committing + 1) {
      const [dropped] = this.#queue.splice(this.#committing, 1);
      if (dropped === undefined) return;
      this.#queuedBytes -= dropped.bytes;
      this.#lost += dropped.batch.readings.length;
      this.#lostReadings += dropped.batch.readings.length;
      dropped.reject(new SpoolError(`spool: disk and memory are full, ${dropped.batch.readings.length} readings dropped`));
    }
  }
}
