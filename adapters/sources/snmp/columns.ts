import { allHold } from "./filters.ts";
import { oncePer } from "./once.ts";
import type { LabelPlan, MetricPlan, TablePlan } from "./plan.ts";
import type { Row } from "./row.ts";
import { cellText } from "./rows.ts";
import { isMissing, readCell } from "./value.ts";
import type { WalkColumn } from "./walk.ts";

interface Choices {
  readonly first: ReadonlySet<number>;
  readonly joined: ReadonlySet<number>;
  /** Metrics that have more than one choice. */
  readonly choosy: readonly MetricPlan[];
}

const choicesOf = oncePer(
  ({ always, joins, metrics }: TablePlan): Choices => ({
    first: new Set(always),
    joined: new Set(joins.map(({ slot }) => slot)),
    choosy: metrics.filter((metric) => metric.cells.length > 1),
  }),
);

/** Which columns of a table are walked: the first choices always, the others from when a row first needed them. */
export class ColumnChoice {
  readonly #plan: TablePlan;
  /** Those of the table until more are asked for. */
  #asked: ReadonlySet<number>;

  constructor(plan: TablePlan) {
    this.#plan = plan;
    this.#asked = choicesOf(plan).first;
  }

  /** Slots that are filled. */
  get asked(): ReadonlySet<number> {
    return this.#asked;
  }

  /** What the next walk asks for. */
  wanted(): readonly WalkColumn[] {
    return this.#columns(this.#asked);
  }

  /** Columns that no walk asked for so far: a table without a row may have rows that show in these only. */
  others(): readonly WalkColumn[] {
    return this.#columns(new Set([...this.#plan.columns.keys()].filter((slot) => !this.#asked.has(slot))));
  }

  /** These are part of later walks. */
  ask(columns: readonly WalkColumn[]): void {
    this.#askFor(columns.map(({ slot }) => slot));
  }

  /** Slots that these rows turn out to need and that were not filled; they are part of later walks. */
  alsoNeeded(rows: Iterable<Row>): { readonly columns: readonly WalkColumn[]; readonly any: boolean } {
    const found = new Set<number>();
    const { choosy } = choicesOf(this.#plan);
    for (const row of rows) {
      for (const metric of choosy) this.#findCell(metric, row, found);
      for (const label of this.#plan.labels) this.#findName(label, row, found);
    }
    if (found.size > 0) this.#askFor(found);
    return { columns: this.#columns(found), any: found.size > 0 };
  }

  #askFor(slots: Iterable<number>): void {
    this.#asked = new Set([...this.#asked, ...slots]);
  }

  /** Those that are walked. */
  #columns(slots: ReadonlySet<number>): readonly WalkColumn[] {
    const { joined } = choicesOf(this.#plan);
    return [...slots].filter((slot) => !joined.has(slot)).map((slot) => this.#column(slot));
  }

  #column(slot: number): WalkColumn {
    return { slot, oid: this.#plan.columns[slot] ?? "" };
  }

  #findCell(metric: MetricPlan, row: Row, found: Set<number>): void {
    if (!allHold(metric.where, row)) return;
    for (const cell of metric.cells) {
      const unasked = cell.needs.filter((slot) => !this.#asked.has(slot));
      for (const slot of unasked) found.add(slot);
      if (unasked.length > 0 || !isMissing(readCell(cell, row))) return;
    }
  }

  #findName(label: LabelPlan, row: Row, found: Set<number>): void {
    for (const from of label.from) {
      if (typeof from !== "number") return;
      if (!this.#asked.has(from)) {
        for (const slot of this.#plan.needs[from] ?? [from]) found.add(slot);
        return;
      }
      if (cellText(row, from) !== undefined) return;
    }
  }
}
