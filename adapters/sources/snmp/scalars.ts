import { Q, type Quality } from "../../../core/quality.ts";
import type { SourceContext } from "../../../core/source.ts";
import type { SeriesBook } from "./book.ts";
import { numberOf, unsignedOf, type Varbind } from "./decode.ts";
import { oncePer } from "./once.ts";
import type { ScalarPlan } from "./plan.ts";
import { isAbsent } from "./requests.ts";
import { checkRange, isMissing, type Numbers, readRaw } from "./value.ts";

/** A scalar that is asked for: the places in the answer of the values beside it. */
interface Asked {
  readonly plan: ScalarPlan;
  readonly beside: readonly number[];
}

/** What a round asks for: scalars in order, and then what stands beside some of them. */
interface Asking {
  readonly asked: readonly Asked[];
  readonly oids: readonly string[];
}

const nothingBeside: readonly number[] = [];
const askedAlone = oncePer((plan: ScalarPlan): Asked => ({ plan, beside: nothingBeside }));
/** All of a profile's: the same object for all devices. */
const askingForAll = oncePer(askingFor);
const nothingAsked: Asking = { asked: [], oids: [] };
const none = -1;

/** Puts the scalars of one device. */
export class ScalarReader {
  readonly #context: SourceContext;
  readonly #book: SeriesBook;
  #asking = nothingAsked;
  /** Series of each that is asked for; `none` where it never had a value. */
  #series: number[] = [];

  constructor(context: SourceContext, book: SeriesBook) {
    this.#context = context;
    this.#book = book;
  }

  get oids(): readonly string[] {
    return this.#asking.oids;
  }

  /** The device is asked for these from now on: others are gone, and those that it did not have are tried again. */
  use(plans: readonly ScalarPlan[], time: number): void {
    const kept = new Set(plans);
    for (const [i, { plan }] of this.#asking.asked.entries()) {
      const series = this.#series[i] ?? none;
      if (kept.has(plan) || series === none) continue;
      if (series >= 0) this.#context.sink.put(series, time, Number.NaN, Q.BadNoData);
      this.#book.release(plan);
    }
    this.#ask(askingForAll(plans));
  }

  #ask(asking: Asking): void {
    const known = new Map(this.#asking.asked.map(({ plan }, i) => [plan, this.#series[i] ?? none]));
    this.#asking = asking;
    this.#series = asking.asked.map(({ plan }) => known.get(plan) ?? none);
  }

  /** Puts one answer for each of `oids`; `time` is ms since epoch. How many were Good. */
  apply(answers: readonly Varbind[], time: number): number {
    let good = 0;
    let missing = 0;
    for (const [i, { plan, beside }] of this.#asking.asked.entries()) {
      const answer = answers[i];
      const read = checkRange(plan, readRaw(plan, answer, numbersOf(beside, answers)));
      if (isMissing(read) && this.#series[i] === none) {
        if (answer !== undefined && isAbsent(answer)) missing++;
        continue;
      }
      const series = this.#numberOf(i, plan);
      if (series < 0) continue;
      this.#context.sink.put(series, time, read.value, read.quality);
      if (read.quality === Q.Good) good++;
    }
    if (missing > 0) this.#leaveOut(answers);
    return good;
  }

  /** What the device does not have is not asked for again until it is asked what it is. */
  #leaveOut(answers: readonly Varbind[]): void {
    const there = this.#asking.asked.filter((_, i) => {
      const answer = answers[i];
      return this.#series[i] !== none || answer === undefined || !isAbsent(answer);
    });
    this.#ask(askingFor(there.map(({ plan }) => plan)));
  }

  fail(quality: Quality, time: number): void {
    for (const series of this.#series) if (series >= 0) this.#context.sink.put(series, time, Number.NaN, quality);
  }

  #numberOf(i: number, plan: ScalarPlan): number {
    const known = this.#series[i] ?? none;
    if (known !== none) return known;
    const { asset, everyMs } = this.#context;
    const { metric, labels, unit, kind, states, meanings, oid } = plan;
    const series = this.#book.register(plan, {
      ...{ asset, metric, labels, unit, kind, origin: oid, everyMs },
      ...(states === undefined ? {} : { states }),
      ...(meanings === undefined ? {} : { meanings }),
    });
    this.#series[i] = series;
    return series;
  }
}

function askingFor(plans: readonly ScalarPlan[]): Asking {
  const oids = plans.map(({ oid }) => oid);
  const placeOf = (oid: string): number => {
    const known = oids.indexOf(oid);
    return known >= 0 ? known : oids.push(oid) - 1;
  };
  const asked = plans.map((plan) => (plan.beside.length === 0 ? askedAlone(plan) : { plan, beside: plan.beside.map(placeOf) }));
  return { asked, oids };
}

function numbersOf(places: readonly number[], answers: readonly Varbind[]): Numbers {
  const read = (place: number, as: (varbind: Varbind) => number): number => {
    const answer = answers[places[place] ?? -1];
    return answer === undefined || isAbsent(answer) ? Number.NaN : as(answer);
  };
  return { number: (place) => read(place, numberOf), unsigned: (place) => read(place, unsignedOf) };
}
