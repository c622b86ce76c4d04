import type { LabelPlan, MetricPlan, TablePlan } from "./plan.ts";
import type { Row } from "./row.ts";
import { cellText } from "./rows.ts";
import { isMissing, readCell } from "./value.ts";
import type { WalkColumn } from "./walk.ts";

/** Which columns of a table are walked: the first choices always, the others from when a row first needed them. */
export class ColumnChoice {
  readonly #plan: TablePlan;
  readonly #asked: Set<number>;
  /** Metrics that have more than one choice. */
  readonly #choosy: readonly MetricPlan[];

  constructor(plan: TablePlan) {
    this.#plan = plan;
    this.#asked = new Set(plan.always);
    this.#choosy = plan.metrics.filter((metric) => metric.cells.length > 1);
  }

  /** What the next walk asks for. */
  wanted(): readonly WalkColumn[] {
    return [...this.#asked].map((slot) => this.#column(slot));
  }

  /** Columns that these rows turn out to need and that were not walked; they are part of later walks. */
  alsoNeeded(rows: Iterable<Row>): readonly WalkColumn[] {
    const found = new Set<number>();
    for (const row of rows) {
      for (const metric of this.#choosy) this.#findCell(metric, row, found);
      for (const label of this.#plan.labels) this.#findName(label, row, found);
    }
    for (const slot of found) this.#asked.add(slot);
    return [...found].map((slot) => this.#column(slot));
  }

  #column(slot: number): WalkColumn {
    return { slot, oid: this.#plan.columns[slot] ?? "" };
  }

  #findCell(metric: MetricPlan, row: Row, found: Set<number>): void {
    for (const cell of metric.cells) {
      const slots = [cell.slot, cell.times, cell.over].filter((slot) => slot !== undefined);
      const unasked = slots.filter((slot) => !this.#asked.has(slot));
      for (const slot of unasked) found.add(slot);
      if (unasked.length > 0 || !isMissing(readCell(cell, row))) return;
    }
  }

  #findName(label: LabelPlan, row: Row, found: Set<number>): void {
    for (const from of label.from) {
      if (from === "index") return;
      if (!this.#asked.has(from)) {
        found.add(from);
        return;
      }
      if (cellText(row, from) !== undefined) return;
    }
  }
}
