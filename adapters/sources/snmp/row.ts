import type { Count, Varbind } from "./decode.ts";
import type { Span } from "./oid.ts";

/** Where cells are: the values in a datagram, each by its place; see Values. */
export interface Cells {
  isAbsent(item: number): boolean;
  isNull(item: number): boolean;
  number(item: number): number;
  unsigned(item: number): number;
  counted(item: number): Count | undefined;
  text(item: number): string | undefined;
  value(item: number): Pick<Varbind, "type" | "value">;
}

/** A row as a walk meets it. */
export interface MetRow {
  /** Dotted. */
  readonly index: string;
  /** The index as it is encoded. */
  readonly span: Span;
  /** Monotonic ms at which its first cell arrived. */
  readonly at: number;
}

/** A row as it is put together from its columns. Cells stay where they came: in the datagrams of the round. */
export class Row implements MetRow {
  readonly index: string;
  readonly span: Span;
  readonly at: number;
  /** Its place among the rows, in the order they were met. */
  readonly position: number;
  readonly #answers: (Cells | undefined)[];
  readonly #items: number[];

  constructor(met: MetRow, of: { readonly position: number; readonly width: number }) {
    this.index = met.index;
    this.span = met.span;
    this.at = met.at;
    this.position = of.position;
    this.#answers = new Array(of.width);
    this.#items = new Array(of.width);
  }

  /** Notes that a cell is variable `item` of an answer. */
  set(slot: number, answer: Cells, item: number): void {
    this.#answers[slot] = answer;
    this.#items[slot] = item;
  }

  has(slot: number): boolean {
    return this.#answers[slot] !== undefined;
  }

  /** True when there is a cell and it holds something. */
  holds(slot: number): boolean {
    const answer = this.#answers[slot];
    return answer !== undefined && !answer.isAbsent(this.#item(slot)) && !answer.isNull(this.#item(slot));
  }

  /** As numberOf; NaN where there is no cell. */
  number(slot: number): number {
    return this.#answers[slot]?.number(this.#item(slot)) ?? Number.NaN;
  }

  /** As unsignedOf; NaN where there is no cell. */
  unsigned(slot: number): number {
    return this.#answers[slot]?.unsigned(this.#item(slot)) ?? Number.NaN;
  }

  /** As countOf. */
  counted(slot: number): Count | undefined {
    return this.#answers[slot]?.counted(this.#item(slot));
  }

  /** As textOf. */
  text(slot: number): string | undefined {
    return this.#answers[slot]?.text(this.#item(slot));
  }

  /** The value as it came. */
  value(slot: number): Pick<Varbind, "type" | "value"> | undefined {
    return this.#answers[slot]?.value(this.#item(slot));
  }

  #item(slot: number): number {
    return this.#items[slot] ?? 0;
  }
}
