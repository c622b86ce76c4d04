import { type DeviceLimits, type Labels, sameLimits } from "../../../core/reading.ts";
import { withRoom } from "../../../core/room.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { SeriesBook } from "./book.ts";
import { limitsOf } from "./limits.ts";
import type { MetricPlan, RatePlan, TablePlan } from "./plan.ts";
import { CounterWatch } from "./rates.ts";
import type { Row } from "./row.ts";
import type { Thresholds } from "./thresholds.ts";

/** What is remembered of one row. */
export interface RowState {
  readonly labels: Labels;
  index: string;
  /** Its place among the table's rows. */
  readonly place: number;
  /** That the device named for each metric; undefined where it never named any. */
  limits: Map<number, DeviceLimits> | undefined;
  /** Of each counted metric. */
  readonly watches: readonly CounterWatch[];
}

const noColumn = new Int32Array(0);
const noWatches: readonly CounterWatch[] = [];

/** What a series is described with. */
type Described = Pick<MetricPlan, "metric" | "labels" | "unit" | "kind"> & Partial<Pick<MetricPlan, "states" | "meanings">>;

export interface RowSeriesOptions {
  readonly plan: TablePlan;
  readonly context: SourceContext;
  readonly book: SeriesBook;
  readonly thresholds: Thresholds | undefined;
  /** How often the table is read, ms. */
  readonly everyMs: number;
}

/** Which series the rows of one table are: registered when a value is first read, and again when what describes them moves. */
export class RowSeries {
  readonly #options: RowSeriesOptions;
  /** How many series a row may have: of each metric and then of each rate. */
  readonly width: number;
  /** By place, series by series: its number, or -1 where none is registered under the present origin. */
  #numbers = noColumn;
  /** By place, metric by metric: the slot that it was read from, or -1. */
  #slots = noColumn;
  #rows = 0;
  /** Places of rows that are gone. */
  #free: number[] | undefined;

  constructor(options: RowSeriesOptions) {
    this.#options = options;
    this.width = options.plan.metrics.length + options.plan.rates.length;
  }

  /** Of a row that is met for the first time. */
  begin(labels: Labels, index: string): RowState {
    const { metrics, counted } = this.#options.plan;
    const place = this.#free?.pop() ?? this.#rows++;
    this.#numbers = withRoom(this.#numbers, this.#rows * this.width).fill(-1, place * this.width, (place + 1) * this.width);
    this.#slots = withRoom(this.#slots, this.#rows * metrics.length).fill(-1, place * metrics.length, (place + 1) * metrics.length);
    const watches = counted.length === 0 ? noWatches : counted.map(() => new CounterWatch());
    return { labels, index, place, limits: undefined, watches };
  }

  /** A row that is not read any more. */
  end({ place }: RowState): void {
    this.#free ??= [];
    this.#free.push(place);
  }

  /** The series of a metric, or after the metrics of a rate; below 0 where there is none. */
  numberOf({ place }: RowState, i: number): number {
    return this.#numbers[place * this.width + i] ?? -1;
  }

  /** The slot that a metric was read from; -1 where it never was. */
  slotOf({ place }: RowState, i: number): number {
    return this.#slots[place * this.#options.plan.metrics.length + i] ?? -1;
  }

  /** The row has another index: its series are described anew. */
  move(state: RowState, index: string): void {
    state.index = index;
    this.#numbers.fill(-1, state.place * this.width, (state.place + 1) * this.width);
  }

  /** The series of a metric of a row, described anew when the row's index, the column it is read from, or a limit has moved. */
  ofMetric(state: RowState, i: number, { slot, row }: { readonly slot: number; readonly row: Row }): number {
    const known = this.numberOf(state, i);
    const { metrics } = this.#options.plan;
    const plan = metrics[i];
    const moved = slot >= 0 && this.slotOf(state, i) !== slot;
    const limited = plan !== undefined && (plan.limitRows || plan.limits.length > 0) && slot >= 0 && this.#noteLimits(state, i, plan, row);
    if (plan === undefined || (known !== -1 && !moved && !limited)) return known;
    if (slot >= 0) this.#slots[state.place * metrics.length + i] = slot;
    return this.#register(state, i, this.slotOf(state, i), plan);
  }

  /** The series of a rate whose counter was read from this slot. */
  ofRate(state: RowState, i: number, { metric, labels, unit }: RatePlan, slot: number): number {
    const at = this.#options.plan.metrics.length + i;
    const known = this.numberOf(state, at);
    return known !== -1 ? known : this.#register(state, at, slot, { metric, labels, unit, kind: "gauge" });
  }

  /** Others of the device's tables may have them from now on. */
  release(): void {
    this.#options.book.release(this);
  }

  /** True where the limits are not what they were. */
  #noteLimits(state: RowState, i: number, plan: MetricPlan, row: Row): boolean {
    const limits = limitsOf(plan, row, this.#options.thresholds?.of(row.index) ?? []);
    if (sameLimits(limits, state.limits?.get(i))) return false;
    state.limits ??= new Map();
    if (limits === undefined) state.limits.delete(i);
    else state.limits.set(i, limits);
    return true;
  }

  #register(state: RowState, at: number, slot: number, of: Described): number {
    const { plan, context, book, everyMs } = this.#options;
    const { metric, unit, kind, states, meanings } = of;
    const limits = state.limits?.get(at);
    const series = book.register(this, {
      ...{ asset: context.asset, metric, labels: joined(state.labels, of.labels), unit, kind, everyMs },
      ...{ origin: `${plan.columns[slot]}.${state.index}` },
      ...(states === undefined ? {} : { states }),
      ...(meanings === undefined ? {} : { meanings }),
      ...(limits === undefined ? {} : { limits }),
    });
    this.#numbers[state.place * this.width + at] = series;
    return series;
  }
}

/** Labels of a row with those of one of its metrics, which mostly has none of its own: then the row's series share theirs. */
function joined(row: Labels, own: Labels): Labels {
  for (const _ in own) return Object.assign({}, row, own);
  return row;
}
