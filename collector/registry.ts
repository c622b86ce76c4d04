import { type Labels, type SeriesDescription, sameDescription, seriesKey } from "../core/reading.ts";
import type { IndexedSeries, SeriesAlias } from "../core/store.ts";

/**
 * Every series the collector knows, by dense index. Identity is asset + metric + labels, whichever agent sends it. What is
 * learned from a batch is first `propose`d, stored with the batch, and only then `accept`ed: a commit that fails leaves no trace.
 */
export class Registry {
  readonly #series: IndexedSeries[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #byAsset = new Map<string, number[]>();
  readonly #aliases = new Map<string, Map<number, number>>();

  constructor(series: readonly IndexedSeries[] = [], aliases: readonly SeriesAlias[] = []) {
    for (const one of series) this.#put(one);
    for (const alias of aliases) this.accept({ series: [], aliases: [alias] });
  }

  /** How many series there are; indexes run from 0 to one less. */
  get size(): number {
    return this.#series.length;
  }

  /** Throws for an index that was never given. */
  get(index: number): IndexedSeries {
    const found = this.#series[index];
    if (found === undefined) throw new Error(`series ${index} does not exist, there are ${this.#series.length}`);
    return found;
  }

  all(): readonly IndexedSeries[] {
    return this.#series;
  }

  /** Indexes of an asset's series, in order of first sight. */
  ofAsset(asset: string): readonly number[] {
    return this.#byAsset.get(asset) ?? [];
  }

  find(asset: string, metric: string, labels: Labels): number | undefined {
    return this.#byKey.get(seriesKey(asset, metric, labels));
  }

  /** The agent's numbers of one epoch, to indexes. */
  numbersOf(agent: string, epoch: string): ReadonlyMap<number, number> {
    return this.#aliases.get(`${agent}\u0000${epoch}`) ?? noNumbers;
  }

  /**
   * What descriptions of one agent would add: new or changed series and the numbers for them. Proposals that are open at the
   * same time must share `pending`, so that two batches do not give one index twice.
   */
  propose(from: { agent: string; epoch: string }, described: readonly (SeriesDescription & { number: number })[], pending: Proposal): void {
    for (const { number, ...description } of described) {
      const key = seriesKey(description.asset, description.metric, description.labels);
      const index = this.#byKey.get(key) ?? pending.byKey.get(key) ?? this.#series.length + pending.fresh++;
      const known = pending.series.get(index) ?? this.#series[index];
      if (known === undefined || known.agent !== from.agent || !sameDescription(known, description)) {
        pending.series.set(index, { ...description, index, agent: from.agent });
        pending.byKey.set(key, index);
      }
      pending.aliases.push({ ...from, number, index });
    }
  }

  /** Takes over what has been stored. */
  accept(stored: { series: Iterable<IndexedSeries>; aliases: Iterable<SeriesAlias> }): void {
    for (const one of stored.series) this.#put(one);
    for (const { agent, epoch, number, index } of stored.aliases) {
      const key = `${agent}\u0000${epoch}`;
      let numbers = this.#aliases.get(key);
      if (numbers === undefined) {
        numbers = new Map();
        this.#aliases.set(key, numbers);
      }
      numbers.set(number, index);
    }
  }

  #put(one: IndexedSeries): void {
    if (one.index >= this.#series.length) {
      if (one.index !== this.#series.length) throw new Error(`series ${one.index} would leave a hole, there are ${this.#series.length}`);
      this.#byKey.set(seriesKey(one.asset, one.metric, one.labels), one.index);
      const siblings = this.#byAsset.get(one.asset);
      if (siblings === undefined) this.#byAsset.set(one.asset, [one.index]);
      else siblings.push(one.index);
    }
    this.#series[one.index] = one;
  }
}

/** Series and numbers learned from batches that are not stored yet. */
export interface Proposal {
  fresh: number;
  readonly series: Map<number, IndexedSeries>;
  readonly byKey: Map<string, number>;
  readonly aliases: SeriesAlias[];
}

export function emptyProposal(): Proposal {
  return { fresh: 0, series: new Map(), byKey: new Map(), aliases: [] };
}

const noNumbers: ReadonlyMap<number, number> = new Map();
