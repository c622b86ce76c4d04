import type { BatchPreamble, NumberedSeries } from "../core/batch.ts";
import type { ReadingColumns } from "../core/columns.ts";
import { type SeriesSender, senderKey } from "./registry.ts";

/** What an agent shows of the present while its backlog drains; readings by the collector's index. */
export interface Shown {
  readonly agent: string;
  readonly preamble: BatchPreamble;
  readonly readings: ReadingColumns;
}

/** Agents whose present is remembered; more are invented by nobody but a fault. */
const mostSenders = 10_000;

interface Showing {
  /** The agent process's numbers to our indexes. */
  readonly indexes: Map<number, number>;
  /** Batches up to this one are of before what was shown last. */
  seq: number;
}

/** What agents have shown beside their backlog: docs/delivery.md §3.8. Gone with the process, since agents show it again. */
export class Present {
  readonly #showing = new Map<string, Showing>();

  /** From now on these numbers of this agent mean these series. */
  describe(from: SeriesSender, series: readonly NumberedSeries[], indexes: readonly number[]): void {
    const known = this.#of(from).indexes;
    for (const [at, { number }] of series.entries()) known.set(number, indexes[at] ?? 0);
  }

  /** Readings by our indexes, or the numbers that nobody has described. */
  translate(from: SeriesSender, readings: ReadingColumns): { readonly readings: ReadingColumns } | { readonly unknown: readonly number[] } {
    const known = this.#of(from).indexes;
    const series = new Uint32Array(readings.length);
    const unknown: number[] = [];
    for (let i = 0; i < readings.length; i++) {
      const number = readings.series[i] ?? 0;
      const index = known.get(number);
      if (index === undefined) unknown.push(number);
      else series[i] = index;
    }
    return unknown.length > 0 ? { unknown } : { readings: { ...readings, series } };
  }

  /** The agent has shown what is, as of its batch `seq`. */
  shown(from: SeriesSender, seq: number): void {
    const showing = this.#of(from);
    showing.seq = Math.max(showing.seq, seq);
  }

  /** True for a batch that is older than what its agent has shown of the present: what it says of sources is history. */
  isHistory(batch: SeriesSender & { readonly seq: number }): boolean {
    return batch.seq <= (this.#showing.get(senderKey(batch))?.seq ?? 0);
  }

  #of(from: SeriesSender): Showing {
    const key = senderKey(from);
    const known = this.#showing.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#showing.keys();
    if (this.#showing.size >= mostSenders && oldest !== undefined) this.#showing.delete(oldest);
    const made = { indexes: new Map<number, number>(), seq: 0 };
    this.#showing.set(key, made);
    return made;
  }
}
