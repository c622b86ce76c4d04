import { isBad, Q, type Quality } from "../../../core/quality.ts";
import type { Labels } from "../../../core/reading.ts";
import type { SourceContext } from "../../../core/source.ts";
import { ColumnChoice } from "./columns.ts";
import type { MetricPlan, RatePlan, TablePlan } from "./plan.ts";
import { CounterWatch, type Movement, rateOf } from "./rates.ts";
import type { Row } from "./row.ts";
import { labelsOf, type NamedRow, nameRows } from "./rows.ts";
import { checkRange, isMissing, none, readCell, type Value } from "./value.ts";
import type { Walked } from "./walk.ts";

/** Of the round that a table is read in. */
export interface Round {
  /** ms since epoch of a moment of the monotonic clock. */
  wallTime(monotonic: number): number;
  /** Restarts of the device seen so far. */
  readonly restarts: number;
}

/** What is remembered of one row. */
interface RowState {
  readonly labels: Labels;
  index: string;
  /** Series of each metric and then of each rate; -1 where none is registered under the present origin. */
  readonly series: Int32Array;
  /** Slot that each metric was read from. */
  readonly slots: Int32Array;
  /** Of each counted metric. */
  readonly watches: readonly CounterWatch[];
}

/** Puts the rows of one table of one device, and knows which rows there were. */
export class TableReader {
  readonly plan: TablePlan;
  readonly columns: ColumnChoice;
  readonly #context: SourceContext;
  readonly #rows = new Map<string, RowState>();
  /** Of the row at hand: each metric's value, and the slot that it was read from, or -1. */
  readonly #values: Value[] = [];
  readonly #slots: Int32Array;
  /** Rows that the last walk found, also those that are not kept. */
  rowsSeen = 0;

  constructor(plan: TablePlan, context: SourceContext) {
    this.plan = plan;
    this.#context = context;
    this.columns = new ColumnChoice(plan);
    this.#slots = new Int32Array(plan.metrics.length);
  }

  /** Puts every row that was read, and says of those that are gone that they are. How many readings were Good. */
  apply(rows: Iterable<Row>, walked: Walked, round: Round): number {
    const named = nameRows(this.plan, rows);
    let good = 0;
    for (const one of named) good += this.#putRow(one, round);
    // As many as are known, and all of them known by now: nobody is missing.
    if (this.#rows.size > named.length) this.#putMissing(named, walked.quality);
    return good;
  }

  #putMissing(named: readonly NamedRow[], quality: Quality): void {
    const seen = new Set(named.map((one) => one.key));
    const time = this.#context.clock.now();
    for (const [key, state] of this.#rows) if (!seen.has(key)) this.#putUnseen(key, state, quality, time);
  }

  /** The table could not be read. */
  fail(quality: Quality, time: number): void {
    for (const state of this.#rows.values()) this.#putAll(state, quality, time);
  }

  /** The device is not asked for this table any more. */
  end(time: number): void {
    this.fail(Q.BadNoData, time);
    this.#rows.clear();
  }

  #putRow(named: NamedRow, round: Round): number {
    const { row } = named;
    const state = this.#stateOf(named);
    const time = round.wallTime(row.at);
    const { metrics } = this.plan;
    let good = 0;
    for (let i = 0; i < metrics.length; i++) {
      const metric = metrics[i];
      if (metric === undefined) continue;
      const read = this.#readMetric(metric, i, row);
      if (isMissing(read) && state.slots[i] === -1) continue;
      this.#context.sink.put(this.#metricSeries(state, i), time, read.value, read.quality);
      if (!isBad(read.quality)) good++;
    }
    if (this.plan.rates.length > 0) this.#putRates(state, { row, time, restarts: round.restarts });
    return good;
  }

  /** The first of a metric's cells that has a value; its slot is noted. */
  #readMetric(metric: MetricPlan, i: number, row: Row): Value {
    let missing = none;
    this.#slots[i] = -1;
    for (const cell of metric.cells) {
      const read = readCell(cell, row);
      if (isMissing(read)) {
        missing = read;
        continue;
      }
      this.#slots[i] = cell.slot;
      const value = checkRange(metric, metric.fixed === undefined ? read : { value: metric.fixed, quality: Q.Good });
      this.#values[i] = value;
      return value;
    }
    this.#values[i] = missing;
    return missing;
  }

  #putRates(state: RowState, at: { readonly row: Row; readonly time: number; readonly restarts: number }): void {
    const movements = this.plan.counted.map((metric, i) => this.#move(state, i, { ...at, slot: this.#slots[metric] ?? -1 }));
    for (const [i, plan] of this.plan.rates.entries()) {
      const movement = movements[plan.of];
      const per = plan.per === undefined ? 1 : this.#valueOf(plan.per);
      if (movement === "none" || !(per > 0)) {
        this.#rateGone(state, i, at.time);
        continue;
      }
      const series = this.#rateSeries(state, i, plan);
      if (movement === undefined) continue;
      const limit = plan.limit === undefined ? Number.NaN : this.#valueOf(plan.limit);
      const { value, quality } = rateOf(movement, { scale: plan.scale, per, limit, share: plan.per !== undefined });
      this.#context.sink.put(series, at.time, value, quality);
    }
  }

  /** What a counted metric of a row did; undefined at first, "none" where there is no counter. */
  #move(state: RowState, i: number, of: { row: Row; slot: number; restarts: number }): Movement | "none" | undefined {
    const count = of.row.counted(of.slot);
    const watch = state.watches[i];
    if (count === undefined || watch === undefined) {
      watch?.forget();
      return "none";
    }
    const discontinuity = this.plan.discontinuity === undefined ? Number.NaN : of.row.number(this.plan.discontinuity);
    return watch.move({ value: count.value, bits: count.bits, at: of.row.at, restarts: of.restarts, discontinuity });
  }

  #valueOf(metric: number): number {
    return this.#values[metric]?.value ?? Number.NaN;
  }

  #rateGone(state: RowState, i: number, time: number): void {
    const series = state.series[this.plan.metrics.length + i] ?? -1;
    if (series >= 0) this.#context.sink.put(series, time, Number.NaN, Q.BadNotFound);
  }

  #stateOf(named: NamedRow): RowState {
    const known = this.#rows.get(named.key);
    const { index } = named.row;
    if (known === undefined) return this.#newState(named.key, labelsOf(this.plan, named), index);
    if (known.index !== index) {
      known.index = index;
      known.series.fill(-1);
      for (const watch of known.watches) watch.forget();
    }
    return known;
  }

  #newState(key: string, labels: Labels, index: string): RowState {
    const { metrics, rates, counted } = this.plan;
    const state: RowState = {
      labels,
      index,
      series: new Int32Array(metrics.length + rates.length).fill(-1),
      slots: new Int32Array(metrics.length).fill(-1),
      watches: counted.map(() => new CounterWatch()),
    };
    this.#rows.set(key, state);
    return state;
  }

  /** The series of a metric of a row, described anew when the row's index or the column it is read from has moved. */
  #metricSeries(state: RowState, i: number): number {
    const known = state.series[i] ?? -1;
    const slot = this.#slots[i] ?? -1;
    if (known >= 0 && (slot < 0 || state.slots[i] === slot)) return known;
    if (slot >= 0) state.slots[i] = slot;
    const plan = this.plan.metrics[i];
    if (plan === undefined) return known;
    const { metric, labels, unit, kind, states } = plan;
    return this.#register(state, i, state.slots[i] ?? slot, { metric, labels, unit, kind, ...(states === undefined ? {} : { states }) });
  }

  #rateSeries(state: RowState, i: number, { metric, labels, unit, of }: RatePlan): number {
    const at = this.plan.metrics.length + i;
    const known = state.series[at] ?? -1;
    const slot = this.#slots[this.plan.counted[of] ?? -1] ?? -1;
    return known >= 0 ? known : this.#register(state, at, slot, { metric, labels, unit, kind: "gauge" });
  }

  #register(
    state: RowState,
    at: number,
    slot: number,
    of: Pick<MetricPlan, "metric" | "labels" | "unit" | "kind"> & { readonly states?: Readonly<Record<number, string>> },
  ): number {
    const { asset, everyMs, sink } = this.#context;
    const origin = `${this.plan.columns[slot]}.${state.index}`;
    const series = sink.register({ ...of, asset, labels: { ...state.labels, ...of.labels }, origin, everyMs });
    state.series[at] = series;
    return series;
  }

  #putUnseen(key: string, state: RowState, quality: Quality, time: number): void {
    if (quality !== Q.Good) {
      this.#putAll(state, quality, time);
      return;
    }
    this.#putAll(state, Q.BadNoData, time, (metric) => metric.whenGone);
    // A row whose absence is a reading is put every round; the others are told once and forgotten.
    if (!this.plan.metrics.some((metric) => metric.whenGone !== undefined)) this.#rows.delete(key);
  }

  #putAll(state: RowState, quality: Quality, time: number, instead?: (metric: MetricPlan) => number | undefined): void {
    for (const watch of state.watches) watch.forget();
    for (const [i, series] of state.series.entries()) {
      if (series < 0) continue;
      const metric = this.plan.metrics[i];
      const value = metric === undefined ? undefined : instead?.(metric);
      this.#context.sink.put(series, time, value ?? Number.NaN, value === undefined ? quality : Q.Good);
    }
  }
}
