import { compareSpans } from "./oid.ts";
import { type MetRow, Row } from "./row.ts";

/** The rows of a walk in the order they were met. While each follows the one before, as in nearly all tables, none is looked up. */
export class RowSet implements Iterable<Row> {
  /** Slots of a row. */
  readonly #width: number;
  readonly #order: Row[] = [];
  /** From when a row was met out of order. */
  #byIndex: Map<string, Row> | undefined;

  constructor(width: number) {
    this.#width = width;
  }

  get size(): number {
    return this.#order.length;
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return this.#order[Symbol.iterator]();
  }

  /** The row that was met as the `position`th, from 0. */
  at(position: number): Row | undefined {
    return this.#order[position];
  }

  /** Forgets all but the first so many. */
  keep(count: number): void {
    for (const { index } of this.#order.splice(count)) this.#byIndex?.delete(index);
  }

  /** The row with this index, added where there is none. */
  meet(met: MetRow): Row {
    const last = this.#order[this.#order.length - 1];
    if (this.#byIndex === undefined && (last === undefined || compareSpans(met.span, last.span) > 0)) return this.#add(met);
    this.#byIndex ??= new Map(this.#order.map((row) => [row.index, row]));
    const known = this.#byIndex.get(met.index);
    if (known !== undefined) return known;
    const row = this.#add(met);
    this.#byIndex.set(met.index, row);
    return row;
  }

  #add(met: MetRow): Row {
    const row = new Row(met, { position: this.#order.length, width: this.#width });
    this.#order.push(row);
    return row;
  }
}
