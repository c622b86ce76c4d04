import type { NumberedSeries } from "../core/batch.ts";
import { type SeriesDescription, sameDescription, seriesKey } from "../core/reading.ts";

/** One agent process's numbering of series: dense, from 0. A series keeps its number until the process ends. */
export class SeriesRegistry {
  readonly #numbers = new Map<string, number>();
  readonly #series: NumberedSeries[] = [];

  get size(): number {
    return this.#series.length;
  }

  /** Number of the series with this asset, metric and labels. A description that differs from the known one replaces it. */
  register(description: SeriesDescription): number {
    const key = seriesKey(description.asset, description.metric, description.labels);
    const known = this.#numbers.get(key);
    if (known === undefined) {
      const number = this.#series.length;
      this.#numbers.set(key, number);
      this.#series.push(numbered(number, description));
      return number;
    }
    const before = this.#series[known];
    if (before !== undefined && !sameDescription(before, description)) this.#series[known] = numbered(known, description);
    return known;
  }

  /**
   * Description of a number. The same object until the description changes, so that whoever has written it once sees by
   * identity whether it has to be written again.
   */
  describe(number: number): NumberedSeries | undefined {
    return this.#series[number];
  }
}

/** The number stands first: what is added after a spread gives every object a hidden class of its own in V8, of 300 bytes. */
function numbered(number: number, description: SeriesDescription): NumberedSeries {
  return { number, ...description };
}
