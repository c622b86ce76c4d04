import { isBad, Q, type Quality } from "../../../core/quality.ts";
import type { Labels } from "../../../core/reading.ts";
import type { SourceContext } from "../../../core/source.ts";
import { countOf, numberOf, unsignedOf } from "./decode.ts";
import type { CellPlan, MetricPlan, RatePlan, TablePlan } from "./plan.ts";
import { RateMeter } from "./rates.ts";
import { type NamedRow, nameRows } from "./rows.ts";
import type { Varbind } from "./session.ts";
import { checkRange, isMissing, none, readRaw, type Value } from "./value.ts";
import type { Row, WalkColumn, Walked } from "./walk.ts";

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
  readonly meters: RateMeter[];
}

/** One metric's value, and the cell that it came from. */
interface Read extends Value {
  readonly slot: number;
}

const unread: Read = { ...none, slot: -1 };

/** Puts the rows of one table of one device, and knows which rows there were. */
export class TableReader {
  readonly plan: TablePlan;
  readonly #context: SourceContext;
  readonly #rows = new Map<string, RowState>();
  /** Slots of next choices that some row has needed. */
  readonly #needed = new Set<number>();
  readonly #choosy: readonly MetricPlan[];

  constructor(plan: TablePlan, context: SourceContext) {
    this.plan = plan;
    this.#context = context;
    this.#choosy = plan.metrics.filter((metric) => metric.cells.length > 1);
  }

  /** What the next walk asks for. */
  columns(): readonly WalkColumn[] {
    return [...this.plan.always, ...this.#needed].map((slot) => this.#column(slot));
  }

  /** Columns of next choices that these rows turn out to need and that were not walked; they are part of later walks. */
  alsoNeeded(rows: Iterable<Row>): readonly WalkColumn[] {
    const found = new Set<number>();
    for (const row of rows) for (const metric of this.#choosy) this.#findNeed(metric, row, found);
    for (const slot of found) this.#needed.add(slot);
    return [...found].map((slot) => this.#column(slot));
  }

  /** Puts every row that was read, and says of those that are gone that they are. How many readings were Good. */
  apply(rows: Iterable<Row>, walked: Walked, round: Round): number {
    const named = nameRows(this.plan, rows);
    let good = 0;
    for (const one of named) good += this.#putRow(one, round);
    const seen = new Set(named.map((one) => one.key));
    const time = this.#context.clock.now();
    for (const [key, state] of this.#rows) if (!seen.has(key)) this.#putUnseen(key, state, walked.quality, time);
    return good;
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

  #column(slot: number): WalkColumn {
    return { slot, oid: this.plan.columns[slot] ?? "" };
  }

  #findNeed(metric: MetricPlan, row: Row, found: Set<number>): void {
    for (const cell of metric.cells) {
      const slots = [cell.slot, cell.times, cell.over];
      const unasked = slots
        .filter((slot) => slot !== undefined)
        .filter((slot) => !this.plan.always.includes(slot) && !this.#needed.has(slot));
      for (const slot of unasked) found.add(slot);
      if (unasked.length > 0 || !isMissing(readCell(cell, row))) return;
    }
  }

  #putRow({ row, key, labels }: NamedRow, round: Round): number {
    const state = this.#stateOf(key, labels, row.index);
    const time = round.wallTime(row.at);
    const reads = this.plan.metrics.map((metric) => readMetric(metric, row));
    let good = 0;
    for (const [i, read] of reads.entries()) {
      if (isMissing(read) && state.slots[i] === -1) continue;
      this.#context.sink.put(this.#metricSeries(state, i, read.slot), time, read.value, read.quality);
      if (!isBad(read.quality)) good++;
    }
    for (const [i, plan] of this.plan.rates.entries()) this.#putRate(plan, i, { row, state, reads, time, restarts: round.restarts });
    return good;
  }

  #putRate(plan: RatePlan, i: number, at: { row: Row; state: RowState; reads: readonly Read[]; time: number; restarts: number }): void {
    const { row, state, reads } = at;
    const slot = reads[plan.of]?.slot ?? -1;
    const cell = slot < 0 ? undefined : row.cells[slot];
    const per = plan.per === undefined ? 1 : (reads[plan.per]?.value ?? Number.NaN);
    const count = cell === undefined ? undefined : countOf(cell);
    if (count === undefined || !(per > 0)) {
      this.#rateGone(state, i, at.time);
      return;
    }
    const series = this.#rateSeries(state, i, plan, slot);
    const mark = this.plan.discontinuity === undefined ? undefined : row.cells[this.plan.discontinuity]?.value;
    const sample = { ...count, at: row.at, restarts: at.restarts, discontinuity: typeof mark === "number" ? mark : Number.NaN };
    const limit = plan.limit === undefined ? Number.NaN : (reads[plan.limit]?.value ?? Number.NaN);
    const value = state.meters[i]?.read(sample, { scale: plan.scale, per, limit, share: plan.per !== undefined });
    if (value !== undefined) this.#context.sink.put(series, at.time, value.value, value.quality);
  }

  #rateGone(state: RowState, i: number, time: number): void {
    state.meters[i]?.forget();
    const series = state.series[this.plan.metrics.length + i] ?? -1;
    if (series >= 0) this.#context.sink.put(series, time, Number.NaN, Q.BadNotFound);
  }

  #stateOf(key: string, labels: Labels, index: string): RowState {
    const known = this.#rows.get(key);
    if (known === undefined) return this.#newState(key, labels, index);
    if (known.index !== index) {
      known.index = index;
      known.series.fill(-1);
      for (const meter of known.meters) meter.forget();
    }
    return known;
  }

  #newState(key: string, labels: Labels, index: string): RowState {
    const { metrics, rates } = this.plan;
    const state: RowState = {
      labels,
      index,
      series: new Int32Array(metrics.length + rates.length).fill(-1),
      slots: new Int32Array(metrics.length).fill(-1),
      meters: rates.map(() => new RateMeter()),
    };
    this.#rows.set(key, state);
    return state;
  }

  /** The series of a metric of a row, described anew when the row's index or the column it is read from has moved. */
  #metricSeries(state: RowState, i: number, slot: number): number {
    const known = state.series[i] ?? -1;
    if (known >= 0 && (slot < 0 || state.slots[i] === slot)) return known;
    if (slot >= 0) state.slots[i] = slot;
    const plan = this.plan.metrics[i];
    if (plan === undefined) return known;
    const { metric, labels, unit, kind, states } = plan;
    return this.#register(state, i, state.slots[i] ?? slot, { metric, labels, unit, kind, ...(states === undefined ? {} : { states }) });
  }

  #rateSeries(state: RowState, i: number, { metric, labels, unit }: RatePlan, slot: number): number {
    const at = this.plan.metrics.length + i;
    const known = state.series[at] ?? -1;
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
    for (const meter of state.meters) meter.forget();
    for (const [i, series] of state.series.entries()) {
      if (series < 0) continue;
      const metric = this.plan.metrics[i];
      const value = metric === undefined ? undefined : instead?.(metric);
      this.#context.sink.put(series, time, value ?? Number.NaN, value === undefined ? quality : Q.Good);
    }
  }
}

function readMetric(metric: MetricPlan, row: Row): Read {
  let last: Read = unread;
  for (const cell of metric.cells) {
    const read = readCell(cell, row);
    if (isMissing(read)) {
      if (last === unread) last = { ...read, slot: -1 };
      continue;
    }
    return { ...checkRange(metric, metric.fixed === undefined ? read : { value: metric.fixed, quality: Q.Good }), slot: cell.slot };
  }
  return last;
}

function readCell(cell: CellPlan, row: Row): Value {
  let factor = 1;
  if (cell.times !== undefined) factor *= readFactor(cell, row.cells[cell.times]);
  if (cell.over !== undefined) factor /= readFactor(cell, row.cells[cell.over]);
  return factor > 0 && factor < Number.POSITIVE_INFINITY ? readRaw(cell, row.cells[cell.slot], factor) : none;
}

function readFactor({ unsigned }: CellPlan, varbind: Varbind | undefined): number {
  if (varbind === undefined) return Number.NaN;
  return unsigned ? unsignedOf(varbind) : numberOf(varbind);
}
