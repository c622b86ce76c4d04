import { Q, type Quality } from "../../../core/quality.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { SeriesBook } from "./book.ts";
import { numberOf, unsignedOf, type Varbind } from "./decode.ts";
import type { ScalarPlan } from "./plan.ts";
import { isAbsent } from "./requests.ts";
import { checkRange, isMissing, type Numbers, readRaw } from "./value.ts";

/** A scalar that is asked for: the places in the answer of the values beside it. */
interface Asked {
  readonly plan: ScalarPlan;
  readonly beside: readonly number[];
}

/** Puts the scalars of one device. */
export class ScalarReader {
  readonly #context: SourceContext;
  readonly #book: SeriesBook;
  /** Series by plan; only those that ever had a value. */
  readonly #series = new Map<ScalarPlan, number>();
  #asked: readonly Asked[] = [];
  /** What a round asks for: the scalars in order, and then what stands beside some of them. */
  oids: readonly string[] = [];

  constructor(context: SourceContext, book: SeriesBook) {
    this.#context = context;
    this.#book = book;
  }

  /** The device is asked for these from now on: others are gone, and those that it did not have are tried again. */
  use(plans: readonly ScalarPlan[], time: number): void {
    const kept = new Set(plans);
    for (const [plan, series] of this.#series) {
      if (kept.has(plan)) continue;
      if (series >= 0) this.#context.sink.put(series, time, Number.NaN, Q.BadNoData);
      this.#book.release(plan);
      this.#series.delete(plan);
    }
    this.#ask(plans);
  }

  #ask(plans: readonly ScalarPlan[]): void {
    const oids = plans.map(({ oid }) => oid);
    const placeOf = (oid: string): number => {
      const known = oids.indexOf(oid);
      return known >= 0 ? known : oids.push(oid) - 1;
    };
    this.#asked = plans.map((plan) => ({ plan, beside: plan.beside.map(placeOf) }));
    this.oids = oids;
  }

  /** Puts one answer for each of `oids`; `time` is ms since epoch. How many were Good. */
  apply(answers: readonly Varbind[], time: number): number {
    let good = 0;
    let missing = 0;
    for (const [i, { plan, beside }] of this.#asked.entries()) {
      const answer = answers[i];
      const read = checkRange(plan, readRaw(plan, answer, numbersOf(beside, answers)));
      if (isMissing(read) && !this.#series.has(plan)) {
        if (answer !== undefined && isAbsent(answer)) missing++;
        continue;
      }
      const series = this.#numberOf(plan);
      if (series < 0) continue;
      this.#context.sink.put(series, time, read.value, read.quality);
      if (read.quality === Q.Good) good++;
    }
    if (missing > 0) this.#leaveOut(answers);
    return good;
  }

  /** What the device does not have is not asked for again until it is asked what it is. */
  #leaveOut(answers: readonly Varbind[]): void {
    const there = this.#asked.filter(({ plan }, i) => {
      const answer = answers[i];
      return this.#series.has(plan) || answer === undefined || !isAbsent(answer);
    });
    this.#ask(there.map(({ plan }) => plan));
  }

  fail(quality: Quality, time: number): void {
    for (const series of this.#series.values()) if (series >= 0) this.#context.sink.put(series, time, Number.NaN, quality);
  }

  #numberOf(plan: ScalarPlan): number {
    const known = this.#series.get(plan);
    if (known !== undefined) return known;
    const { asset, everyMs } = this.#context;
    const { metric, labels, unit, kind, states, meanings, oid } = plan;
    const series = this.#book.register(plan, {
      ...{ asset, metric, labels, unit, kind, origin: oid, everyMs },
      ...(states === undefined ? {} : { states }),
      ...(meanings === undefined ? {} : { meanings }),
    });
    this.#series.set(plan, series);
    return series;
  }
}

function numbersOf(places: readonly number[], answers: readonly Varbind[]): Numbers {
  const read = (place: number, as: (varbind: Varbind) => number): number => {
    const answer = answers[places[place] ?? -1];
    return answer === undefined || isAbsent(answer) ? Number.NaN : as(answer);
  };
  return { number: (place) => read(place, numberOf), unsigned: (place) => read(place, unsignedOf) };
}
