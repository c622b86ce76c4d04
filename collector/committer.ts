import type { NumberedSeries } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { HighWaterMark, Store } from "../core/store.ts";
import type { IngestAnswer, Refused } from "./intake.ts";
import { type Registry, type SeriesSender, senderKey } from "./registry.ts";
import { Round, type RoundAnswer, type Stored, type WaitingBatch } from "./round.ts";

export interface CommitterOptions {
  readonly store: Pick<Store, "append">;
  readonly registry: Registry;
  readonly marks: readonly HighWaterMark[];
  readonly clock: Clock;
  readonly log: Log;
  /** Facts that changed since it was last asked: they go with the next commit. */
  readonly facts: () => ReadonlyMap<string, string>;
  /** What else a batch makes durable: it goes into the transaction that moves the batch's mark. */
  readonly factsOf: (batch: WaitingBatch) => readonly [key: string, text: string][];
  /** Called after each commit, before anybody is answered; the next one waits for it. */
  readonly stored: (stored: Stored) => void | Promise<void>;
}

export type DescribedAnswer = { readonly kind: "described" } | Refused;
export type IntroducedAnswer = { readonly kind: "introduced"; readonly indexes: readonly number[] } | Refused;

/** Most readings that one transaction takes: beyond that, those who wait would wait for long. */
const maxRoundReadings = 250_000;
/** Readings that may wait for their commit, some 40 MB. Beyond that agents are asked to come again. */
const maxWaitingReadings = 1_000_000;
/** What a batch weighs at least, in readings. */
const leastWeight = 100;
const retryAfterMs = 2000;

interface Job {
  readonly readings: number;
  /** Adds itself to the round; what it returns tells the asker, once the round is durable. */
  readonly join: (round: Round) => () => void;
  readonly refuse: (refused: Refused) => void;
}

/**
 * Writes what waits, one transaction at a time: what comes while a commit runs goes together with the next, whoever sent it.
 * Batches of one sender are taken in the order in which they came.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #marks = new Map<string, number>();
  readonly #jobs: Job[] = [];
  /** Facts that are not stored yet. */
  #facts = new Map<string, string>();
  #waiting = 0;
  /** Told once what they wait for was tried. */
  #flushes: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #failing: boolean = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
    for (const mark of options.marks) this.#marks.set(senderKey(mark), mark.seq);
  }

  /** The last number that is stored of this agent's epoch. */
  mark(from: SeriesSender): number | undefined {
    return this.#marks.get(senderKey(from));
  }

  /** Why the store takes nothing at the moment; undefined while it does. */
  get fault(): string | undefined {
    return this.#failing ? "the store does not take what is sent" : undefined;
  }

  /** Resolves when the batch is durable, or is known not to be stored. */
  batch(batch: WaitingBatch): Promise<IngestAnswer> {
    return this.#enqueue<IngestAnswer>(batch.readings.length, (answer) => (round) => {
      const judged = round.batch(batch);
      return () => answer(this.#timed(judged));
    });
  }

  /** Descriptions outside of a batch. */
  describe(from: SeriesSender, series: readonly NumberedSeries[]): Promise<DescribedAnswer> {
    return this.#enqueue<DescribedAnswer>(series.length, (answer) => (round) => {
      round.describe(from, series);
      return () => answer({ kind: "described" });
    });
  }

  /** Makes series known that were shown before their first batch came. */
  introduce(agent: string, series: readonly NumberedSeries[]): Promise<IntroducedAnswer> {
    return this.#enqueue<IntroducedAnswer>(0, (answer) => (round) => {
      const indexes = round.introduce(agent, series);
      return () => answer({ kind: "introduced", indexes });
    });
  }

  /**
   * Writes facts that changed although nobody sends readings. Resolves after the next commit, however much waits for those after it.
   * What the store does not take is tried again with the one after that.
   */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#flushes.push(resolve);
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #enqueue<A>(readings: number, join: (answer: (answer: A) => void) => Job["join"]): Promise<A | Refused> {
    const weight = Math.max(leastWeight, readings);
    if (this.#waiting + weight > maxWaitingReadings) {
      return Promise.resolve(busy("more waits for the store than fits into memory"));
    }
    this.#waiting += weight;
    return new Promise((resolve) => {
      this.#jobs.push({ readings: weight, join: join(resolve), refuse: resolve });
      this.#running ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // Requests that arrived in the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#jobs.length > 0 || this.#flushes.length > 0) {
      const flushed = this.#flushes;
      this.#flushes = [];
      await this.#round(this.#take());
      for (const done of flushed) done();
    }
    this.#running = undefined;
  }

  #take(): readonly Job[] {
    let readings = 0;
    let n = 0;
    for (const job of this.#jobs) {
      if (n > 0 && readings + job.readings > maxRoundReadings) break;
      readings += job.readings;
      n++;
    }
    this.#waiting -= readings;
    return this.#jobs.splice(0, n);
  }

  async #round(jobs: readonly Job[]): Promise<void> {
    const { store, registry, facts, factsOf } = this.#options;
    const round = new Round({ registry, marks: this.#marks, factsOf });
    try {
      const answers = jobs.map((job) => job.join(round));
      for (const [key, value] of facts()) this.#facts.set(key, value);
      const commit = round.commit(this.#facts);
      if (commit !== undefined) {
        await store.append(commit);
        this.#facts = new Map();
        this.#succeeded();
        await this.#tell(round.accept(this.#marks));
      }
      for (const answer of answers) answer();
    } catch (error) {
      this.#failed(error);
      for (const job of jobs) job.refuse(busy("the store does not take it at the moment"));
    }
  }

  /** What is durable stays so, and its senders are told, whatever goes wrong with judging it. */
  async #tell(stored: Stored): Promise<void> {
    try {
      await this.#options.stored(stored);
    } catch (error) {
      this.#options.log.error({ error: messageOf(error) }, "collector: readings are stored but could not be judged");
    }
  }

  #timed(answer: RoundAnswer): IngestAnswer {
    if (answer.kind === "expect" || answer.kind === "describe") return answer;
    return { kind: answer.kind, ack: answer.ack, time: this.#options.clock.now() };
  }

  #failed(error: unknown): void {
    if (!this.#failing)
      this.#options.log.error({ error: messageOf(error) }, "store: a commit failed; agents keep what they have and try again");
    this.#failing = true;
  }

  #succeeded(): void {
    if (this.#failing) this.#options.log.info({}, "store: commits succeed again");
    this.#failing = false;
  }
}

function busy(reason: string): Refused {
  return { kind: "refused", status: 503, reason, retryAfterMs };
}
