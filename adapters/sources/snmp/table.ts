import { isBad, Q, type Quality } from "../../../core/quality.ts";
import type { DeviceLimits, Labels } from "../../../core/reading.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { SeriesBook } from "./book.ts";
import { ColumnChoice } from "./columns.ts";
import { allHold } from "./filters.ts";
import { Joins } from "./joins.ts";
import { limitsOf, sameLimits } from "./limits.ts";
import { type PlainMetric, plainMetric, plainNumber } from "./plain.ts";
import type { MetricPlan, RatePlan, TablePlan } from "./plan.ts";
import { CounterWatch, type Movement, rateOf } from "./rates.ts";
import type { Row } from "./row.ts";
import { labelsOf, type NamedRow, nameRows } from "./rows.ts";
import { Thresholds } from "./thresholds.ts";
import { checkRange, isMissing, none, readCell, type Value } from "./value.ts";
import type { Walked } from "./walk.ts";

/** Of the round that a table is read in. */
export interface Round {
  /** ms since epoch of a moment of the monotonic clock. */
  wallTime(monotonic: number): number;
  /** Restarts of the device seen so far. */
  readonly restarts: number;
  /** Monotonic ms. */
  readonly startedAt: number;
}

/** What is remembered of one row. */
interface RowState {
  readonly labels: Labels;
  index: string;
  /** Series of each metric and then of each rate; -1 where none is registered under the present origin. */
  readonly series: Int32Array;
  /** Slot that each metric was read from. */
  readonly slots: Int32Array;
  /** That the device named for each metric. */
  readonly limits: Map<number, DeviceLimits>;
  /** Of each counted metric. */
  readonly watches: readonly CounterWatch[];
}

/** What a series is described with. */
type Described = Pick<MetricPlan, "metric" | "labels" | "unit" | "kind"> & Partial<Pick<MetricPlan, "states" | "meanings">>;

/** A table without a row is left out so many rounds: a device matches profiles with more tables than it has. */
const restRounds = 9;

/** Puts the rows of one table of one device, and knows which rows there were. */
export class TableReader {
  readonly plan: TablePlan;
  readonly columns: ColumnChoice;
  readonly joins: Joins;
  readonly thresholds: Thresholds | undefined;
  readonly #book: SeriesBook;
  readonly #context: SourceContext;
  readonly #rows = new Map<string, RowState>();
  /** Of the row at hand: each metric's value, and the slot that it was read from, or -1. */
  readonly #values: Float64Array;
  readonly #slots: Int32Array;
  readonly #plain: readonly (PlainMetric | undefined)[];
  /** Rows that the last walk found, also those that are not kept. */
  rowsSeen = 0;
  /** Rounds that it may be left out: it has never had a row. */
  #rests = 0;
  /** How often it is read, ms. */
  readonly #everyMs: number;
  /** Monotonic ms of the round that it was last read in. */
  #readAt: number | undefined;

  constructor(plan: TablePlan, context: SourceContext, book: SeriesBook) {
    this.plan = plan;
    this.#book = book;
    this.joins = new Joins(plan);
    this.#everyMs = Math.max(plan.everyMs, context.everyMs);
    this.thresholds = plan.thresholds === undefined ? undefined : new Thresholds(plan.thresholds);
    this.#context = context;
    this.columns = new ColumnChoice(plan);
    this.#values = new Float64Array(plan.metrics.length);
    this.#slots = new Int32Array(plan.metrics.length);
    this.#plain = plan.metrics.map(plainMetric);
  }

  /** True in a round in which it is not read: it is not its turn, or it had no rows so far, in nine of ten. */
  rests(at: number): boolean {
    // A round is never quite as long after the one before as it should be.
    // A round out of turn, after a trap, reads what has no interval of its own.
    const own = this.#everyMs > this.#context.everyMs;
    if (own && this.#readAt !== undefined && at - this.#readAt < this.#everyMs - this.#context.everyMs / 2) return true;
    if (this.#rests === 0) return false;
    this.#rests--;
    return true;
  }

  /** Its turn is in the next round. */
  hasten(): void {
    this.#readAt = undefined;
  }

  /** The device may have become another. */
  lookAgain(): void {
    this.#rests = 0;
    this.#readAt = undefined;
    this.joins.forget();
    this.thresholds?.forget();
  }

  /** Puts every row that was read, and says of those that are gone that they are. How many readings were Good. */
  apply(rows: Iterable<Row>, walked: Walked, round: Round): number {
    if (walked.quality === Q.Good) this.#readAt = round.startedAt;
    const named = nameRows(this.plan, rows);
    let good = 0;
    for (const one of named) good += this.#putRow(one, round);
    // As many as are known, and all of them known by now: nobody is missing.
    if (this.#rows.size > named.length) this.#putMissing(named, walked.quality);
    if (this.#rows.size === 0 && walked.quality === Q.Good && !this.#tellsGone) this.#rests = restRounds;
    return good;
  }

  /** Rows that come and go are readings, and looked for every round. */
  get #tellsGone(): boolean {
    return this.plan.metrics.some((metric) => metric.whenGone !== undefined);
  }

  #putMissing(named: readonly NamedRow[], quality: Quality): void {
    const seen = new Set(named.map((one) => one.key));
    const time = this.#context.clock.now();
    for (const [key, state] of this.#rows) if (!seen.has(key)) this.#putUnseen(key, state, quality, time);
  }

  /** The table could not be read. */
  fail(quality: Quality, time: number): void {
    this.#readAt = undefined;
    for (const state of this.#rows.values()) this.#putAll(state, quality, time);
  }

  /** The device is not asked for this table any more. */
  end(time: number): void {
    this.fail(Q.BadNoData, time);
    this.#rows.clear();
    this.#book.release(this);
  }

  #putRow(named: NamedRow, round: Round): number {
    const { row } = named;
    const state = this.#stateOf(named);
    const time = round.wallTime(row.at);
    const { metrics } = this.plan;
    let good = 0;
    for (let i = 0; i < metrics.length; i++) {
      if (this.#putPlain(state, i, row, time)) {
        good++;
        continue;
      }
      const metric = metrics[i];
      if (metric === undefined) continue;
      const read = this.#readMetric(metric, i, row);
      if (isMissing(read) && state.slots[i] === -1) continue;
      const series = this.#metricSeries(state, i, row);
      if (series < 0) continue;
      this.#context.sink.put(series, time, read.value, read.quality);
      if (!isBad(read.quality)) good++;
    }
    if (this.plan.rates.length > 0) this.#putRates(state, { row, time, restarts: round.restarts });
    return good;
  }

  /** Puts what is read as it was the last time; false where there is more to it. */
  #putPlain(state: RowState, i: number, row: Row, time: number): boolean {
    const plain = this.#plain[i];
    const series = state.series[i] ?? -1;
    if (plain === undefined || series < 0 || state.slots[i] !== plain.slot) return false;
    const value = plainNumber(plain, row);
    if (Number.isNaN(value)) return false;
    this.#values[i] = value;
    this.#slots[i] = plain.slot;
    this.#context.sink.put(series, time, value, Q.Good);
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
      if (movement === undefined || series < 0) continue;
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
    return this.#values[metric] ?? Number.NaN;
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
      limits: new Map(),
      watches: counted.map(() => new CounterWatch()),
    };
    this.#rows.set(key, state);
    return state;
  }

  /** The series of a metric of a row, described anew when the row's index, the column it is read from, or a limit has moved. */
  #metricSeries(state: RowState, i: number, row: Row): number {
    const known = state.series[i] ?? -1;
    const slot = this.#slots[i] ?? -1;
    const plan = this.plan.metrics[i];
    const moved = slot >= 0 && state.slots[i] !== slot;
    const limited = plan !== undefined && (plan.limitRows || plan.limits.length > 0) && slot >= 0 && this.#noteLimits(state, i, plan, row);
    if (plan === undefined || (known !== -1 && !moved && !limited)) return known;
    if (slot >= 0) state.slots[i] = slot;
    return this.#register(state, i, state.slots[i] ?? slot, plan);
  }

  /** True where the limits are not what they were. */
  #noteLimits(state: RowState, i: number, plan: MetricPlan, row: Row): boolean {
    const limits = limitsOf(plan, row, this.thresholds?.of(row.index) ?? []);
    if (sameLimits(limits, state.limits.get(i))) return false;
    if (limits === undefined) state.limits.delete(i);
    else state.limits.set(i, limits);
    return true;
  }

  #rateSeries(state: RowState, i: number, { metric, labels, unit, of }: RatePlan): number {
    const at = this.plan.metrics.length + i;
    const known = state.series[at] ?? -1;
    const slot = this.#slots[this.plan.counted[of] ?? -1] ?? -1;
    return known !== -1 ? known : this.#register(state, at, slot, { metric, labels, unit, kind: "gauge" });
  }

  #register(state: RowState, at: number, slot: number, of: Described): number {
    const { asset } = this.#context;
    const { metric, labels, unit, kind, states, meanings } = of;
    const limits = state.limits.get(at);
    const series = this.#book.register(this, {
      ...{ asset, metric, unit, kind, everyMs: this.#everyMs },
      labels: { ...state.labels, ...labels },
      origin: `${this.plan.columns[slot]}.${state.index}`,
      ...(states === undefined ? {} : { states }),
      ...(meanings === undefined ? {} : { meanings }),
      ...(limits === undefined ? {} : { limits }),
    });
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
    if (!this.#tellsGone) this.#rows.delete(key);
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
