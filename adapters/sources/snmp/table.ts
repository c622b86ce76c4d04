import { Q, type Quality } from "../../../core/quality.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { SeriesBook } from "./book.ts";
import { ColumnChoice } from "./columns.ts";
import { Joins } from "./joins.ts";
import type { TablePlan } from "./plan.ts";
import type { Row } from "./row.ts";
import { RowReadings } from "./row-readings.ts";
import { RowSeries, type RowState } from "./row-series.ts";
import { labelsOf, type NamedRow, nameRows } from "./rows.ts";
import { Thresholds } from "./thresholds.ts";
import type { Walked } from "./walk.ts";

/** Of the round that a table is read in. */
export interface Round {
  /** ms since epoch of a moment of the monotonic clock. */
  wallTime(monotonic: number): number;
  /** Restarts of the device seen so far. */
  readonly restarts: number;
  /** Monotonic ms. */
  readonly startedAt: number;
  /** Monotonic ms after which the rest of a table's rows is left out. */
  readonly until: number;
}

/** A table without a row is left out so many rounds: a device matches profiles with more tables than it has. */
const restRounds = 9;
/** Rows between two turns of the event loop: nobody waits for a device that names 20,000. */
const rowsPerTurn = 200;

/** One table of one device: when it is read, and which rows there were. */
export class TableReader {
  readonly plan: TablePlan;
  readonly columns: ColumnChoice;
  readonly joins: Joins;
  readonly thresholds: Thresholds | undefined;
  readonly #context: SourceContext;
  readonly #series: RowSeries;
  readonly #readings: RowReadings;
  readonly #rows = new Map<string, RowState>();
  /** Rows that the last walk found, also those that are not kept. */
  rowsSeen = 0;
  /** It has had rows on this device: it is looked for every round, for they may be back. */
  hadRows: boolean;
  /** Rounds that it may be left out: it has never had a row. */
  #rests = 0;
  /** How often it is read, ms. */
  readonly #everyMs: number;
  /** Monotonic ms of the round that it was last read in. */
  #readAt: number | undefined;

  constructor(plan: TablePlan, context: SourceContext, book: SeriesBook) {
    this.plan = plan;
    this.#context = context;
    this.hadRows = false;
    this.columns = new ColumnChoice(plan);
    this.joins = new Joins(plan);
    this.thresholds = plan.thresholds === undefined ? undefined : new Thresholds(plan.thresholds);
    this.#everyMs = Math.max(plan.everyMs, context.everyMs);
    this.#series = new RowSeries({ plan, context, book, thresholds: this.thresholds, everyMs: this.#everyMs });
    this.#readings = new RowReadings(plan, context.sink, this.#series);
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
  async apply(rows: Iterable<Row>, walked: Walked, round: Round): Promise<number> {
    if (walked.quality === Q.Good) this.#readAt = round.startedAt;
    const named = nameRows(this.plan, rows);
    if (named.length > 0) this.hadRows = true;
    let good = 0;
    for (const [i, one] of named.entries()) {
      const { row } = one;
      if (i > 0 && i % rowsPerTurn === 0 && !(await this.#mayGoOn(i, round))) {
        this.#putMissing(named.slice(0, i), Q.BadTimeout);
        return good;
      }
      good += this.#readings.put(this.#stateOf(one), { row, time: round.wallTime(row.at), restarts: round.restarts });
    }
    // As many as are known, and all of them known by now: nobody is missing.
    if (this.#rows.size > named.length) this.#putMissing(named, walked.quality);
    if (!this.hadRows && walked.quality === Q.Good && !this.#tellsGone) this.#rests = restRounds;
    return good;
  }

  /** The table could not be read. */
  fail(quality: Quality, time: number): void {
    this.#readAt = undefined;
    for (const state of this.#rows.values()) this.#readings.putAll(state, { quality, time });
  }

  /** The device is not asked for this table any more. */
  end(time: number): void {
    this.fail(Q.BadNoData, time);
    for (const state of this.#rows.values()) this.#series.end(state);
    this.#rows.clear();
    this.#series.release();
  }

  /** True, after others had their turn, while the round has time. */
  async #mayGoOn(done: number, { until }: Round): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#context.clock.monotonic() <= until) return true;
    this.#context.sink.incomplete(`${this.plan.rows}: ${done} rows taken when the round's time was over`);
    return false;
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

  #putUnseen(key: string, state: RowState, quality: Quality, time: number): void {
    if (quality !== Q.Good) {
      this.#readings.putAll(state, { quality, time });
      return;
    }
    this.#readings.putAll(state, { quality: Q.BadNoData, time, gone: true });
    // A row whose absence is a reading is put every round; the others are told once and forgotten.
    if (this.#tellsGone) return;
    this.#rows.delete(key);
    this.#series.end(state);
  }

  #stateOf(named: NamedRow): RowState {
    const known = this.#rows.get(named.key);
    const { index } = named.row;
    if (known === undefined) {
      const state = this.#series.begin(labelsOf(this.plan, named), index);
      this.#rows.set(named.key, state);
      return state;
    }
    if (known.index !== index) {
      this.#series.move(known, index);
      for (const watch of known.watches) watch.forget();
    }
    return known;
  }
}
