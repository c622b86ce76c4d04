import { join } from "node:path";
import { type Backoff, backoffMs } from "../../core/backoff.ts";
import { type Clock, pause } from "../../core/clock.ts";
import { partOf, type ReadingColumns } from "../../core/columns.ts";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { type Sink, SinkError } from "../../core/sink.ts";
import type { IndexedSeries, Store } from "../../core/store.ts";
import { writeDeadLetter } from "./dead-letters.ts";

export interface FeederOptions {
  readonly sink: Sink;
  readonly store: Pick<Store, "journal" | "cursor" | "moveCursor">;
  readonly describe: (index: number) => IndexedSeries;
  /** Position after the newest reading of the journal at the start. */
  readonly end: number;
  /** Folder for what the engine refuses: one file per sink. */
  readonly deadLetters: string;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), for the jitter. */
  readonly random: () => number;
}

/** How a sink stands. */
export interface FeederCounts {
  readonly name: string;
  /** Readings of the journal that it has not got yet. */
  readonly behind: number;
  readonly written: number;
  readonly rejected: number;
}

const sliceReadings = 5000;
/** Readings of this long go together once a sink has caught up: moving its cursor costs an fsync. */
const gatherMs = 500;
const backoff: Backoff = { minMs: 250, maxMs: 60_000 };

/**
 * Feeds one engine from the journal, in order, by a cursor that is moved after the engine has taken a slice: after a crash a
 * slice may be written again, which a sink must bear. An engine that is away is tried again for ever and holds back nobody
 * else; readings that it refuses are found by halving, written to the dead-letter file, and passed over.
 */
export class Feeder {
  readonly #options: FeederOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #position = 0;
  #end: number;
  #written = 0;
  #rejected = 0;
  #failures = 0;
  #wake = (): void => {};

  constructor(options: FeederOptions) {
    this.#options = options;
    this.#end = options.end;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The journal has grown by so many readings. */
  grown(readings: number): void {
    this.#end += readings;
    this.#wake();
  }

  counts(): FeederCounts {
    const behind = Math.max(0, this.#end - this.#position);
    return { name: this.#options.sink.name, behind, written: this.#written, rejected: this.#rejected };
  }

  /** Waits for the write under way, not for what is still to be written. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
    await this.#options.sink.close();
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    const { store, sink } = this.#options;
    await this.#retrying(async () => {
      this.#position = await store.cursor(sink.name);
    });
    while (!this.#stopped) {
      if (this.#position >= this.#end) await this.#news();
      else await this.#retrying(() => this.#slice());
    }
  }

  async #slice(): Promise<void> {
    const { store, sink } = this.#options;
    const slice = await store.journal(this.#position, sliceReadings);
    await this.#deliver(slice.readings);
    // Stopped in the middle of it, perhaps: then it is written again next time.
    if (this.#stopped) return;
    if (slice.next > this.#position) await store.moveCursor(sink.name, slice.next);
    // Nothing is left behind the cursor, whatever was counted.
    else this.#end = this.#position;
    this.#position = slice.next;
  }

  /** Does it until it succeeds, with a back-off between, or until stopped. */
  async #retrying(work: () => Promise<void>): Promise<void> {
    const { clock, log, sink, random } = this.#options;
    while (!this.#stopped) {
      try {
        await work();
        if (this.#failures > 0) log.info({ sink: sink.name, failures: this.#failures }, "sink is fed again");
        this.#failures = 0;
        return;
      } catch (error) {
        if (this.#failures === 0) log.warn({ sink: sink.name, error: messageOf(error) }, "sink is not fed; tried again until it is");
        const asked = error instanceof SinkError ? error.retryAfterMs : undefined;
        const waitMs = Math.max(backoffMs(backoff, this.#failures++, random()), Math.min(asked ?? 0, 10 * backoff.maxMs));
        await pause(clock, waitMs, this.#stop.signal);
      }
    }
  }

  /** Writes these readings but those that the engine refuses. Rejects when it cannot be reached. */
  async #deliver(readings: ReadingColumns): Promise<void> {
    if (readings.length === 0) return;
    const { sink, describe } = this.#options;
    try {
      await sink.write(readings, describe);
      this.#written += readings.length;
    } catch (error) {
      if (!(error instanceof SinkError) || error.verdict !== "rejected" || this.#stopped) throw error;
      if (readings.length === 1) return await this.#bury(readings, error);
      const middle = readings.length >> 1;
      // Each half is tried again on its own, so that nothing is refused and kept twice.
      await this.#retrying(() => this.#deliver(partOf(readings, 0, middle)));
      await this.#retrying(() => this.#deliver(partOf(readings, middle, readings.length)));
    }
  }

  async #bury(readings: ReadingColumns, refusal: SinkError): Promise<void> {
    const { sink, describe, deadLetters, clock, log } = this.#options;
    const [series = 0, time = 0, value = Number.NaN, quality = 0] = [
      readings.series[0],
      readings.time[0],
      readings.value[0],
      readings.quality[0],
    ];
    const path = join(deadLetters, `${sink.name.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.ndjson`);
    const reading = { series, time, value, quality };
    await writeDeadLetter(path, { reading, series: describe(series), reason: messageOf(refusal), refusedAt: clock.now() });
    if (this.#rejected++ === 0)
      log.warn({ sink: sink.name, file: path, error: messageOf(refusal) }, "sink refuses readings; they are kept in a file");
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#stopped || this.#position < this.#end) resolve();
    });
    await pause(this.#options.clock, gatherMs, this.#stop.signal);
  }
}
