import type { Batch, NumberedSeries } from "../../core/batch.ts";
import { type Clock, pause } from "../../core/clock.ts";
import type { Descriptions } from "../../core/descriptions.ts";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { encodeRecord } from "../../core/record.ts";
import type { AckSlots } from "./ack.ts";
import { Ballast } from "./ballast.ts";
import { newEpoch } from "./epoch.ts";
import type { SpoolFiles } from "./files.ts";
import { RecordFormer } from "./form.ts";
import type { KnownGaps } from "./gaps.ts";
import { keepBytes } from "./quarantine.ts";
import { type SpoolEntry, SpoolReader } from "./reader.ts";
import type { Segment, Segments } from "./segments.ts";
import { SpoolWriter } from "./writer.ts";

export interface SpoolOptions {
  /** Folder of the spool; made where it is missing. */
  readonly dir: string;
  /** Most bytes of segments; the oldest is dropped for the newest. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** What a series number means. The same object as long as the description is the same. */
  readonly series: Descriptions;
  /** The machine's files where it is left out. */
  readonly files?: SpoolFiles;
}

/** What a spool says of itself. */
export interface SpoolStats {
  /** Bytes of segments on disk. */
  readonly bytes: number;
  /** Batches that are not acknowledged. */
  readonly waiting: number;
  readonly lastSeq: number;
  readonly acked: number;
  /** Why nothing can be written just now; empty while all is well. */
  readonly fault: string;
  /** Readings, since the start, that were dropped with their segment, were refused by the collector, or never got to disk. */
  readonly droppedReadings: number;
  readonly refusedReadings: number;
  readonly lostReadings: number;
}

const segmentBytes = 16 * 1024 * 1024;
const ballastBytes = 8 * 1024 * 1024;
/** Batches that wait in memory while the disk takes none: a quarter of what the disk would hold, within these. */
const memoryBytes = { least: 256 * 1024, most: 16 * 1024 * 1024 };
/** Acknowledgements are written at most this often: losing one only sends a batch again. */
const ackMs = 1000;
const readTries = 5;

/** What was found on disk when the spool was opened. */
export interface SpoolParts {
  readonly epoch: string;
  readonly acks: AckSlots;
  readonly gaps: KnownGaps;
  readonly segments: Segments;
  readonly last: number;
  readonly unlock: () => Promise<void>;
}

/** The agent's disk queue: docs/delivery.md §2. Batches in, acknowledged entries out, in the order of seq. */
export class Spool {
  readonly #options: SpoolOptions & { readonly files: SpoolFiles };
  readonly #parts: SpoolParts;
  readonly #writer: SpoolWriter;
  readonly #reader: SpoolReader;
  /** Newest seq before this process: what came after it has been sent by nobody else. */
  readonly inherited: number;
  #epoch: string;
  #last: number;
  #acked: number;
  /** Newest seq that was handed out: the shipper holds it in memory, so it is not lost with its segment. */
  #held = 0;
  #dropped = 0;
  #refused = 0;
  #waiters: (() => void)[] = [];
  #cancelAck: (() => void) | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: SpoolOptions & { readonly files: SpoolFiles }, parts: SpoolParts) {
    const { dir, clock, log, files, maxBytes } = options;
    const { segments, gaps } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#epoch = parts.epoch;
    this.#last = parts.last;
    this.inherited = parts.last;
    this.#acked = parts.acks.seq;
    this.#reader = new SpoolReader({ files, clock, log, segments, gaps });
    this.#writer = new SpoolWriter(
      {
        files,
        folder: dir,
        clock,
        log,
        segments,
        ballast: new Ballast(files, dir, Math.min(ballastBytes, Math.floor(maxBytes / 64))),
        former: new RecordFormer(options.series),
        segmentBytes: Math.min(segmentBytes, Math.max(1024, Math.floor(maxBytes / 8))),
        memoryBytes: Math.max(memoryBytes.least, Math.min(memoryBytes.most, Math.floor(maxBytes / 4))),
        makeRoom: (bytes, writing) => this.#makeRoom(bytes, writing),
        durable: (seq) => this.#durable(seq),
      },
      parts.last + 1,
    );
  }

  /** uuid of the numbering. */
  get epoch(): string {
    return this.#epoch;
  }

  get acked(): number {
    return this.#acked;
  }

  /** Resolves with the batch's seq once it is durable: accepted. Rejects with SpoolError where it had to be dropped. */
  append(batch: Batch): Promise<number> {
    return this.#writer.append(batch);
  }

  /** The entry that `seq` belongs to, as soon as there is one; undefined when the signal aborts first. One caller at once. */
  async next(seq: number, signal: AbortSignal): Promise<SpoolEntry | undefined> {
    for (let tries = 1; ; tries++) {
      while (seq > this.#last && !signal.aborted) await this.#appended(signal);
      if (signal.aborted) return undefined;
      try {
        const entry = await this.#reader.entryAt(seq, this.#last);
        this.#held = entry.kind === "record" ? entry.seq : entry.gap.lastSeq;
        return entry;
      } catch (error) {
        this.#options.log.error({ err: error, seq, tries }, "spool could not be read");
        if (tries >= readTries) await this.#giveUp(seq, messageOf(error));
        await pause(this.#options.clock, 200, signal);
      }
    }
  }

  /**
   * What numbers mean in record `seq`: all that its segment says before it. Of `wanted` ones that it does not say, because the
   * record that did is damaged, the present meaning, if this process wrote the segment.
   */
  async descriptionsBefore(seq: number, wanted: readonly number[] = []): Promise<readonly NumberedSeries[]> {
    const found = await this.#reader.descriptionsBefore(seq);
    const segment = this.#parts.segments.holding(seq);
    if (segment === undefined || segment.first <= this.inherited) return found;
    const said = new Set(found.map((one) => one.number));
    const ours = wanted.filter((number) => !said.has(number)).map((number) => this.#options.series.describe(number));
    return [...found, ...ours.filter((one) => one !== undefined)];
  }

  /** Everything up to `seq` is the collector's. Written to disk a little later; then segments go. */
  ack(seq: number): void {
    if (seq <= this.#acked) return;
    this.#acked = seq;
    this.#cancelAck ??= this.#options.clock.after(ackMs, () => {
      this.#cancelAck = undefined;
      void this.#saveAck();
    });
  }

  /** The collector will never take this record: it goes to quarantine/ and a gap takes its place. */
  async refuse(record: SpoolEntry & { readonly kind: "record" }, reason: string): Promise<void> {
    const { seq, count, payload } = record;
    const { files, dir, log, clock } = this.#options;
    const name = `${String(seq).padStart(20, "0")}.rec`;
    try {
      await keepBytes(files, dir, { name, bytes: encodeRecord({ seq, count, payload }) });
    } catch (error) {
      log.error({ err: error, seq }, "a refused batch could not be kept in quarantine");
    }
    this.#refused += count;
    await this.#know({ firstSeq: seq, lastSeq: seq, count, reason, time: clock.now() });
  }

  /** Begins a new epoch for everything that is not acknowledged yet. */
  async renewEpoch(): Promise<void> {
    this.#epoch = await newEpoch(this.#options.files, this.#options.dir);
  }

  stats(): SpoolStats {
    return {
      bytes: this.#parts.segments.bytes,
      waiting: Math.max(0, this.#last - this.#acked),
      lastSeq: this.#last,
      acked: this.#acked,
      fault: this.#writer.fault,
      droppedReadings: this.#dropped,
      refusedReadings: this.#refused,
      lostReadings: this.#writer.lostReadings,
    };
  }

  /** Writes what waits, then gives the folder back. */
  async close(): Promise<void> {
    await this.#writer.close();
    this.#cancelAck?.();
    await this.#saveAck();
    await this.#reader.close();
    await this.#parts.acks.close();
    await this.#parts.unlock();
  }

  #durable(seq: number): void {
    this.#last = Math.max(this.#last, seq);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #appended(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiters.push(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** One at a time. Segments go only after the acknowledgement that lets them go is durable. */
  #saveAck(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const { acks, gaps, segments } = this.#parts;
      const seq = this.#acked;
      if (seq <= acks.seq) return;
      try {
        await acks.write(seq);
        gaps.trim(seq);
        await segments.removeAcked(seq, this.#writer.writing);
      } catch (error) {
        this.#options.log.warn({ err: error, seq }, "spool acknowledgement could not be written");
      }
    });
    return this.#saving;
  }

  async #makeRoom(bytes: number, writing: Segment): Promise<void> {
    const { segments } = this.#parts;
    const tooMuch = (): boolean => segments.bytes + bytes > this.#options.maxBytes;
    if (tooMuch()) await this.#saveAck();
    for (let oldest = segments.oldest; tooMuch() && oldest !== undefined && oldest !== writing; oldest = segments.oldest)
      await this.#drop(oldest);
  }

  async #drop(segment: Segment): Promise<void> {
    const { segments } = this.#parts;
    const firstSeq = Math.max(segment.first, this.#acked + 1, this.#held + 1);
    const lastSeq = (segments.firstAfter(segment) ?? this.#writer.next) - 1;
    if (firstSeq <= lastSeq) {
      const count = await this.#reader.countFrom(segment, firstSeq).catch(() => 0);
      this.#dropped += count;
      this.#options.log.warn({ firstSeq, lastSeq, readings: count }, "spool full, oldest segment dropped");
      await this.#know({ firstSeq, lastSeq, count, reason: "spool full", time: this.#options.clock.now() });
    }
    await segments.remove(segment);
  }

  /** The disk does not give these bytes back: their seqs become a gap, so that the rest goes on. */
  async #giveUp(seq: number, reason: string): Promise<void> {
    const segment = this.#parts.segments.holding(seq);
    const after = segment === undefined ? this.#parts.segments.firstSeq : this.#parts.segments.firstAfter(segment);
    if (segment !== undefined) segment.damaged = true;
    const lastSeq = Math.max(seq, Math.min(this.#last, (after ?? this.#last + 1) - 1));
    await this.#know({ firstSeq: seq, lastSeq, count: 0, reason, time: this.#options.clock.now() });
  }

  async #know(gap: Parameters<KnownGaps["add"]>[0]): Promise<void> {
    try {
      await this.#parts.gaps.add(gap);
    } catch (error) {
      this.#options.log.warn({ err: error, ...gap }, "spool gap could not be written");
    }
  }
}
