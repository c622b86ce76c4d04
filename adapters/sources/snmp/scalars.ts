import { Q, type Quality } from "../../../core/quality.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { Varbind } from "./decode.ts";
import type { ScalarPlan } from "./plan.ts";

import { checkRange, isMissing, readRaw } from "./value.ts";

/** Puts the scalars of one device. */
export class ScalarReader {
  readonly #context: SourceContext;
  /** Series by plan; only those that ever had a value. */
  readonly #series = new Map<ScalarPlan, number>();

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /** Puts one answer for each plan, in order; `time` is ms since epoch. How many were Good. */
  apply(plans: readonly ScalarPlan[], answers: readonly Varbind[], time: number): number {
    let good = 0;
    for (const [i, plan] of plans.entries()) {
      const read = checkRange(plan, readRaw(plan, answers[i]));
      if (isMissing(read) && !this.#series.has(plan)) continue;
      this.#context.sink.put(this.#numberOf(plan), time, read.value, read.quality);
      if (read.quality === Q.Good) good++;
    }
    return good;
  }

  fail(quality: Quality, time: number): void {
    for (const series of this.#series.values()) this.#context.sink.put(series, time, Number.NaN, quality);
  }

  /** The device is asked for these only from now on: the others are gone. */
  keepOnly(plans: readonly ScalarPlan[], time: number): void {
    const kept = new Set(plans);
    for (const [plan, series] of this.#series) {
      if (kept.has(plan)) continue;
      this.#context.sink.put(series, time, Number.NaN, Q.BadNoData);
      this.#series.delete(plan);
    }
  }

  #numberOf(plan: ScalarPlan): number {
    const known = this.#series.get(plan);
    if (known !== undefined) return known;
    const { asset, everyMs, sink } = this.#context;
    const { metric, labels, unit, kind, states, oid } = plan;
    const series = sink.register({ asset, metric, labels, unit, kind, origin: oid, everyMs, ...(states === undefined ? {} : { states }) });
    this.#series.set(plan, series);
    return series;
  }
}
