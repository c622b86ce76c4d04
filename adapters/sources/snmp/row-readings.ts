import { isBad, Q, type Quality } from "../../../core/quality.ts";
import type { ReadingSink } from "../../../core/source.ts";
import { allHold } from "./filters.ts";
import { oncePer } from "./once.ts";
import { type PlainMetric, plainMetric, plainNumber } from "./plain.ts";
import type { MetricPlan, TablePlan } from "./plan.ts";
import { type Movement, rateOf } from "./rates.ts";
import type { Row } from "./row.ts";
import type { RowSeries, RowState } from "./row-series.ts";
import { checkRange, isMissing, none, readCell, type Value } from "./value.ts";

/** A row that was read: `time` is ms since epoch, `restarts` how many of the device were seen so far. */
export interface ReadRow {
  readonly row: Row;
  readonly time: number;
  readonly restarts: number;
}

/** Of a table's rows, a row at a time, whichever device's it is. */
interface Desk {
  readonly plain: readonly (PlainMetric | undefined)[];
  /** Of the row at hand: each metric's value, and the slot that it was read from, or -1. */
  readonly values: Float64Array;
  readonly slots: Int32Array;
}

const deskOf = oncePer(
  ({ metrics }: TablePlan): Desk => ({
    plain: metrics.map(plainMetric),
    values: new Float64Array(metrics.length),
    slots: new Int32Array(metrics.length),
  }),
);

/** Puts the readings of one table's rows, a row at a time. */
export class RowReadings {
  readonly #plan: TablePlan;
  readonly #sink: ReadingSink;
  readonly #series: RowSeries;
  readonly #plain: Desk["plain"];
  readonly #values: Desk["values"];
  readonly #slots: Desk["slots"];

  constructor(plan: TablePlan, sink: ReadingSink, series: RowSeries) {
    this.#plan = plan;
    this.#sink = sink;
    this.#series = series;
    const { plain, values, slots } = deskOf(plan);
    this.#plain = plain;
    this.#values = values;
    this.#slots = slots;
  }

  /** Puts what there is in a row; how many readings were Good. */
  put(state: RowState, read: ReadRow): number {
    const { row, time } = read;
    const { metrics } = this.#plan;
    let good = 0;
    for (let i = 0; i < metrics.length; i++) {
      if (this.#putPlain(state, i, row, time)) {
        good++;
        continue;
      }
      const metric = metrics[i];
      if (metric === undefined) continue;
      const read = this.#readMetric(metric, i, row);
      if (isMissing(read) && this.#series.slotOf(state, i) === -1) continue;
      const series = this.#series.ofMetric(state, i, { slot: this.#slots[i] ?? -1, row });
      if (series < 0) continue;
      this.#sink.put(series, time, read.value, read.quality);
      if (!isBad(read.quality)) good++;
    }
    if (this.#plan.rates.length > 0) this.#putRates(state, read);
    return good;
  }

  /** Says one thing of all series of a row, or the value that its absence stands for where `gone`. */
  putAll(
    state: RowState,
    { quality, time, gone = false }: { readonly quality: Quality; readonly time: number; readonly gone?: boolean },
  ): void {
    for (const watch of state.watches) watch.forget();
    for (let i = 0; i < this.#series.width; i++) {
      const series = this.#series.numberOf(state, i);
      if (series < 0) continue;
      const value = gone ? this.#plan.metrics[i]?.whenGone : undefined;
      this.#sink.put(series, time, value ?? Number.NaN, value === undefined ? quality : Q.Good);
    }
  }

  /** Puts what is read as it was the last time; false where there is more to it. */
  #putPlain(state: RowState, i: number, row: Row, time: number): boolean {
    const plain = this.#plain[i];
    const series = this.#series.numberOf(state, i);
    if (plain === undefined || series < 0 || this.#series.slotOf(state, i) !== plain.slot) return false;
    const value = plainNumber(plain, row);
    if (Number.isNaN(value)) return false;
    this.#values[i] = value;
    this.#slots[i] = plain.slot;
    this.#sink.put(series, time, value, Q.Good);
    return true;
  }

  /** The first of a metric's cells that has a value; its slot is noted. */
  #readMetric(metric: MetricPlan, i: number, row: Row): Value {
    let missing = none;
    this.#slots[i] = -1;
    const cells = metric.where.length === 0 || allHold(metric.where, row) ? metric.cells : [];
    for (const cell of cells) {
      const read = readCell(cell, row);
      if (isMissing(read)) {
        missing = read;
        continue;
      }
      this.#slots[i] = cell.slot;
      const value = checkRange(metric, cell.fixed === undefined ? read : { value: cell.fixed, quality: Q.Good });
      this.#values[i] = value.value;
      return value;
    }
    this.#values[i] = missing.value;
    return missing;
  }

  #putRates(state: RowState, at: ReadRow): void {
    const { counted, rates } = this.#plan;
    const movements = counted.map((metric, i) => this.#move(state, i, { slot: this.#slots[metric] ?? -1, ...at }));
    for (const [i, plan] of rates.entries()) {
      const movement = movements[plan.of];
      const per = plan.per === undefined ? 1 : this.#valueOf(plan.per);
      if (movement === "none" || !(per > 0)) {
        this.#rateGone(state, i, at.time);
        continue;
      }
      const series = this.#series.ofRate(state, i, plan, this.#slots[counted[plan.of] ?? -1] ?? -1);
      if (movement === undefined || series < 0) continue;
      const limit = plan.limit === undefined ? Number.NaN : this.#valueOf(plan.limit);
      const { value, quality } = rateOf(movement, { scale: plan.scale, per, limit, share: plan.per !== undefined });
      this.#sink.put(series, at.time, value, quality);
    }
  }

  /** What a counted metric of a row did; undefined at first, "none" where there is no counter. */
  #move(state: RowState, i: number, of: ReadRow & { readonly slot: number }): Movement | "none" | undefined {
    const { row, slot, restarts } = of;
    const count = row.counted(slot);
    const watch = state.watches[i];
    if (count === undefined || watch === undefined) {
      watch?.forget();
      return "none";
    }
    const discontinuity = this.#plan.discontinuity === undefined ? Number.NaN : row.number(this.#plan.discontinuity);
    return watch.move({ value: count.value, bits: count.bits, at: row.at, restarts, discontinuity });
  }

  #valueOf(metric: number): number {
    return this.#values[metric] ?? Number.NaN;
  }

  #rateGone(state: RowState, i: number, time: number): void {
    const series = this.#series.numberOf(state, this.#plan.metrics.length + i);
    if (series >= 0) this.#sink.put(series, time, Number.NaN, Q.BadNotFound);
  }
}
