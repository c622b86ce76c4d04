import { type DeviceLimits, type Labels, sameLimits } from "../../../core/reading.ts";
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
  /** Series of each metric and then of each rate; -1 where none is registered under the present origin. */
  readonly series: Int32Array;
  /** Slot that each metric was read from. */
  readonly slots: Int32Array;
  /** That the device named for each metric; undefined where it never named any. */
  limits: Map<number, DeviceLimits> | undefined;
  /** Of each counted metric. */
  readonly watches: readonly CounterWatch[];
}

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

  constructor(options: RowSeriesOptions) {
    this.#options = options;
  }

  /** Of a row that is met for the first time. */
  begin(labels: Labels, index: string): RowState {
    const { metrics, rates, counted } = this.#options.plan;
    return {
      labels,
      index,
      series: new Int32Array(metrics.length + rates.length).fill(-1),
      slots: new Int32Array(metrics.length).fill(-1),
      limits: undefined,
      watches: counted.map(() => new CounterWatch()),
    };
  }

  /** The series of a metric of a row, described anew when the row's index, the column it is read from, or a limit has moved. */
  ofMetric(state: RowState, i: number, { slot, row }: { readonly slot: number; readonly row: Row }): number {
    const known = state.series[i] ?? -1;
    const plan = this.#options.plan.metrics[i];
    const moved = slot >= 0 && state.slots[i] !== slot;
    const limited = plan !== undefined && (plan.limitRows || plan.limits.length > 0) && slot >= 0 && this.#noteLimits(state, i, plan, row);
    if (plan === undefined || (known !== -1 && !moved && !limited)) return known;
    if (slot >= 0) state.slots[i] = slot;
    return this.#register(state, i, state.slots[i] ?? slot, plan);
  }

  /** The series of a rate whose counter was read from this slot. */
  ofRate(state: RowState, i: number, { metric, labels, unit }: RatePlan, slot: number): number {
    const at = this.#options.plan.metrics.length + i;
    const known = state.series[at] ?? -1;
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
    state.series[at] = series;
    return series;
  }
}

/** Labels of a row with those of one of its metrics, which mostly has none of its own: then the row's series share theirs. */
function joined(row: Labels, own: Labels): Labels {
  for (const _ in own) return Object.assign({}, row, own);
  return row;
}
