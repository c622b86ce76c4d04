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
  numbersOf(from: SeriesSender): ReadonlyMap<number, number> {
    return this.#aliases.get(senderKey(from)) ?? noNumbers;
  }

  /**
   * What descriptions of one agent would add: new or changed series and the numbers for them. Proposals that are open at the
   * same time must share `pending`, so that two batches do not give one index twice.
   */
  propose(from: SeriesSender, described: readonly (SeriesDescription & { number: number })[], pending: Proposal): void {
    if (described.length === 0) return;
    const numbers = numbersIn(pending.numbers, from);
    for (const { number, ...description } of described) {
      const index = this.proposeSeries(from.agent, description, pending);
      if (this.resolve(from, number, pending) === index) continue;
      numbers.set(number, index);
      pending.aliases.push({ agent: from.agent, epoch: from.epoch, number, index });
    }
  }

  /** A series without a number for it; returns its index. */
  proposeSeries(agent: string, description: SeriesDescription, pending: Proposal): number {
    const key = seriesKey(description.asset, description.metric, description.labels);
    const index = this.#byKey.get(key) ?? pending.byKey.get(key) ?? this.#series.length + pending.fresh++;
    const known = pending.series.get(index) ?? this.#series[index];
    if (known === undefined || known.agent !== agent || !sameDescription(known, description)) {
      pending.series.set(index, { index, agent, ...description });
      pending.byKey.set(key, index);
    }
    return index;
  }

  /** Index of an agent's number, as stored or as proposed after that; undefined where nobody has described it. */
  resolve(from: SeriesSender, number: number, pending: Proposal): number | undefined {
    const key = senderKey(from);
    return pending.numbers.get(key)?.get(number) ?? this.#aliases.get(key)?.get(number);
  }

  /** Takes over what has been stored. */
  accept(stored: { series: Iterable<IndexedSeries>; aliases: Iterable<SeriesAlias> }): void {
    for (const one of stored.series) this.#put(one);
    for (const alias of stored.aliases) numbersIn(this.#aliases, alias).set(alias.number, alias.index);
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

/** Whose numbers they are: an agent, within one epoch of its spool. */
export interface SeriesSender {
  readonly agent: string;
  readonly epoch: string;
}

export function senderKey(from: SeriesSender): string {
  return `${from.agent}\u0000${from.epoch}`;
}

/** Series and numbers learned from batches that are not stored yet. */
export interface Proposal {
  fresh: number;
  readonly series: Map<number, IndexedSeries>;
  readonly byKey: Map<string, number>;
  /** In order; a later one of the same number counts. */
  readonly aliases: SeriesAlias[];
  /** The same, by sender and number. */
  readonly numbers: Map<string, Map<number, number>>;
}

export function emptyProposal(): Proposal {
  return { fresh: 0, series: new Map(), byKey: new Map(), aliases: [], numbers: new Map() };
}

const noNumbers: ReadonlyMap<number, number> = new Map();

function numbersIn(bySender: Map<string, Map<number, number>>, from: SeriesSender): Map<number, number> {
  const key = senderKey(from);
  let numbers = bySender.get(key);
  if (numbers === undefined) {
    numbers = new Map();
    bySender.set(key, numbers);
  }
  return numbers;
}
