import type { BatchPreamble, NumberedSeries } from "../core/batch.ts";
import type { ReadingColumns } from "../core/columns.ts";
import type { Commit, IndexedSeries } from "../core/store.ts";
import type { IngestAnswer } from "./intake.ts";
import { emptyProposal, type Registry, type SeriesSender, senderKey } from "./registry.ts";
import { place } from "./sequence.ts";

/** A batch that is understood and waits for its commit. */
export interface WaitingBatch extends SeriesSender {
  readonly seq: number;
  readonly preamble: BatchPreamble;
  readonly readings: ReadingColumns;
  /** Readings left out because they are ahead of our clock. */
  readonly refused: number;
}

/** What one commit makes durable. */
export interface Stored {
  /** New ones and those whose description changed. */
  readonly series: readonly IndexedSeries[];
  /** In the order of storing; readings by the collector's index. */
  readonly batches: readonly WaitingBatch[];
}

/** Answers that hold once the round is durable. The time of the answer is the asker's to add. */
export type RoundAnswer =
  | { readonly kind: "stored" | "duplicate"; readonly ack: number }
  | Extract<IngestAnswer, { kind: "expect" | "describe" }>;

/** Most series numbers that one answer asks for. */
const maxAsked = 1000;

export interface RoundOptions {
  readonly registry: Registry;
  /** Those that are stored, by senderKey. */
  readonly marks: ReadonlyMap<string, number>;
  /** What else a batch makes durable. */
  readonly factsOf: (batch: WaitingBatch) => readonly [key: string, text: string][];
}

/** What goes together into one transaction: each batch is judged by what is stored and by those before it in the round. */
export class Round {
  readonly #registry: Registry;
  readonly #stored: ReadonlyMap<string, number>;
  readonly #factsOf: RoundOptions["factsOf"];
  readonly #marks = new Map<string, SeriesSender & { seq: number }>();
  readonly #pending = emptyProposal();
  readonly #batches: WaitingBatch[] = [];

  constructor({ registry, marks, factsOf }: RoundOptions) {
    this.#registry = registry;
    this.#stored = marks;
    this.#factsOf = factsOf;
  }

  batch(batch: WaitingBatch): RoundAnswer {
    const key = senderKey(batch);
    const mark = this.#marks.get(key)?.seq ?? this.#stored.get(key);
    const where = place(mark, batch.seq, batch.preamble.gaps ?? []);
    if (where.kind === "duplicate") return { kind: "duplicate", ack: mark ?? batch.seq };
    if (where.kind === "hole") return { kind: "expect", expect: where.expect };
    const described = batch.preamble.series ?? [];
    const unknown = this.#unknown(batch, described);
    if (unknown.length > 0) return { kind: "describe", describe: unknown };
    this.describe(batch, described);
    this.#batches.push({ ...batch, readings: this.#indexed(batch) });
    this.#marks.set(key, { agent: batch.agent, epoch: batch.epoch, seq: batch.seq });
    return { kind: "stored", ack: batch.seq };
  }

  describe(from: SeriesSender, series: readonly NumberedSeries[]): void {
    this.#registry.propose(from, series, this.#pending);
  }

  /** Series that are known before their first batch is; returns their indexes. */
  introduce(agent: string, series: readonly NumberedSeries[]): readonly number[] {
    return series.map(({ number: _, ...description }) => this.#registry.proposeSeries(agent, description, this.#pending));
  }

  /** What is to be stored, with these facts too; undefined where that is nothing. */
  commit(more: ReadonlyMap<string, string>): Commit | undefined {
    const { series, aliases } = this.#pending;
    const own = this.#batches.flatMap((batch) => this.#factsOf(batch));
    const facts = own.length === 0 ? more : new Map([...more, ...own]);
    if (this.#batches.length === 0 && aliases.length === 0 && series.size === 0 && facts.size === 0) return undefined;
    const readings = this.#batches.map((batch) => batch.readings).filter((columns) => columns.length > 0);
    const events = this.#batches.flatMap(({ preamble }) => preamble.events ?? []);
    return {
      series: [...series.values()],
      aliases,
      marks: [...this.#marks.values()],
      readings,
      facts,
      ...(events.length > 0 ? { events } : {}),
    };
  }

  /** Takes over into registry and marks what is durable now. */
  accept(marks: Map<string, number>): Stored {
    const series = [...this.#pending.series.values()];
    this.#registry.accept({ series, aliases: this.#pending.aliases });
    for (const [key, { seq }] of this.#marks) marks.set(key, seq);
    return { series, batches: this.#batches };
  }

  /** Numbers that the batch uses and nobody has described. */
  #unknown(batch: WaitingBatch, described: readonly NumberedSeries[]): readonly number[] {
    const { series, length } = batch.readings;
    const stored = this.#registry.numbersOf(batch);
    const pending = this.#pending.numbers.get(senderKey(batch));
    const own = new Set(described.map(({ number }) => number));
    const unknown = new Set<number>();
    for (let i = 0; i < length && unknown.size < maxAsked; i++) {
      const number = series[i] ?? 0;
      if (!stored.has(number) && !own.has(number) && pending?.has(number) !== true) unknown.add(number);
    }
    return [...unknown];
  }

  #indexed(batch: WaitingBatch): ReadingColumns {
    const { readings } = batch;
    const stored = this.#registry.numbersOf(batch);
    const pending = this.#pending.numbers.get(senderKey(batch));
    const series = new Uint32Array(readings.length);
    for (let i = 0; i < readings.length; i++) {
      const number = readings.series[i] ?? 0;
      series[i] = pending?.get(number) ?? stored.get(number) ?? 0;
    }
    return { ...readings, series };
  }
}
