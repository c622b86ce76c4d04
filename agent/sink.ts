import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { isBad, Q, type Quality, qualityName } from "../core/quality.ts";
import type { SeriesDescription } from "../core/reading.ts";
import type { ReadingSink, SourceStatus } from "../core/source.ts";
import type { Topology } from "../core/topology.ts";
import { MalformedCount } from "./malformed.ts";
import type { SeriesRegistry } from "./registry.ts";
import { type Place, type SeriesStates, SourceSeries } from "./states.ts";

/** Where the runner's readings go. */
export interface RunnerOut {
  put(series: number, time: number, value: number, quality: Quality): void;
  /** A source's state or reason changed. */
  status(status: SourceStatus): void;
  /** Text facts of an asset that are new or changed. */
  inventory(asset: string, facts: Readonly<Record<string, string>>): void;
  /** What an asset tells of the network around it, new or changed. */
  topology(asset: string, topology: Topology): void;
}

export interface SinkPlace {
  readonly asset: string;
  readonly registry: SeriesRegistry;
  readonly states: SeriesStates;
  readonly out: RunnerOut;
  readonly clock: Clock;
  readonly log: Log;
}

/** A source that names more series than this has run wild (a topic per message, a counter in a label). */
const mostSeries = 50_000;
/** Longest text of a device that identifies a series, in all; a thousand such series still fit one batch. */
const mostText = 4096;
const mostLabels = 64;
const mostFacts = 200;
/** Last moment of a Date (ECMA-262 §21.4.1.1). */
const latestTime = 8.64e15;
/** Given for a series that is not taken; puts to it are ignored. */
const refused = -1;

/** Between one source and the rest: what it puts is checked, bad news passes once, and what it must not do harms nobody. */
export class SourceSink implements ReadingSink {
  readonly #place: SinkPlace;
  readonly #series: SourceSeries;
  readonly #malformed: MalformedCount;
  #facts = "";
  #topology = "";
  #closed: boolean;
  #puts = 0;
  /** What the round could not read: what the source says of it, and else the first value that was Bad. */
  #lack = "";
  #firstBad: { readonly series: number; readonly quality: Quality } | undefined;
  /** Called at the next put, once. */
  onHeard: (() => void) | undefined;

  constructor(place: SinkPlace, series = new SourceSeries(place.states)) {
    this.#place = place;
    this.#series = series;
    this.#malformed = new MalformedCount(place);
    this.#closed = false;
  }

  register(description: SeriesDescription): number {
    const fault = sizeFault(description);
    if (fault !== undefined) {
      this.malformed(fault);
      return refused;
    }
    const number = this.#place.registry.register(description);
    if (this.#closed || this.#series.find(number) !== 0) return number;
    if (this.#series.size >= mostSeries) {
      this.malformed(`more than ${mostSeries} series`);
      return refused;
    }
    const place = this.#series.add(number);
    const { states, clock } = this.#place;
    states.quality[place] = Q.Good;
    states.time[place] = 0;
    states.heard[place] = clock.monotonic();
    states.everyMs[place] = description.everyMs;
    return number;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    const place = this.#series.find(series);
    if (place === 0 || this.#closed) return;
    this.#place.states.heard[place] = this.#place.clock.monotonic();
    this.#puts++;
    const usable = isBad(quality) || Number.isFinite(value);
    if (!usable) this.malformed(`a value of ${value}`);
    const at = time >= 1 && time <= latestTime ? Math.round(time) : this.#place.clock.now();
    const worth = usable ? quality : Q.BadDecodingError;
    if (isBad(worth) && worth !== Q.BadNoData) this.#firstBad ??= { series, quality: worth };
    this.#tell(place, { time: at, value, quality: worth });
    const heard = this.onHeard;
    this.onHeard = undefined;
    heard?.();
  }

  inventory(facts: Readonly<Record<string, string>>): void {
    const few = Object.entries(facts).slice(0, mostFacts);
    const short = Object.fromEntries(few.map(([name, value]) => [name, value.slice(0, mostText)]));
    const text = JSON.stringify(short);
    if (text === this.#facts || this.#closed) return;
    this.#facts = text;
    this.#place.out.inventory(this.#place.asset, short);
  }

  topology(topology: Topology): void {
    const text = JSON.stringify({ ...topology, time: 0 });
    if (text === this.#topology || this.#closed) return;
    this.#topology = text;
    this.#place.out.topology(this.#place.asset, topology);
  }

  incomplete(what: string): void {
    if (this.#lack === "") this.#lack = what.slice(0, mostText);
  }

  /** What could not be read since this was last asked; empty where that is nothing. A value that is not there is no lack. */
  lack(): string {
    const bad = this.#firstBad;
    const text = this.#lack !== "" || bad === undefined ? this.#lack : `${this.#nameOf(bad.series)}: ${qualityName(bad.quality)}`;
    this.#lack = "";
    this.#firstBad = undefined;
    return text;
  }

  #nameOf(series: number): string {
    const { metric = "a series", labels = {} } = this.#place.registry.describe(series) ?? {};
    return [metric, ...Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(" ");
  }

  malformed(what: string): void {
    this.#malformed.add(what);
  }

  get malformedCount(): number {
    return this.#malformed.total;
  }

  /** How many puts there were: tells whether a stretch of time was silent. */
  get puts(): number {
    return this.#puts;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The source failed: none of its series has a usable value. */
  fail(quality: Quality): void {
    for (const place of this.#series.places()) this.#bad(place, quality);
  }

  /** The source is not run any more: its series have no value, and nothing that is still put has. */
  end(quality: Quality): void {
    this.fail(quality);
    this.#closed = true;
    this.#series.clear();
  }

  /** Series that said nothing in so many of their intervals have no usable value. True when that is all of them. */
  expire(intervals: number, quality: Quality): boolean {
    const { states, clock } = this.#place;
    const now = clock.monotonic();
    let silent = 0;
    for (const place of this.#series.places()) {
      if ((states.heard[place] ?? 0) > now - intervals * (states.everyMs[place] ?? 0)) continue;
      silent++;
      if (!isBad(states.quality[place] ?? Q.Good)) this.#bad(place, quality);
    }
    return silent === this.#series.size;
  }

  /** A sink with the same series for the source's successor; what is still put into this one is ignored. */
  successor(): SourceSink {
    this.#closed = true;
    return new SourceSink(this.#place, this.#series);
  }

  #bad(place: Place, quality: Quality): void {
    // Never at a time that a reading of the series already has: engines would take it for that reading.
    const time = Math.max(this.#place.clock.now(), (this.#place.states.time[place] ?? 0) + 1);
    this.#tell(place, { time, value: Number.NaN, quality });
  }

  #tell(place: Place, reading: { readonly time: number; readonly value: number; readonly quality: Quality }): void {
    const { states, out } = this.#place;
    const { time, value, quality } = reading;
    const bad = isBad(quality);
    if (bad && states.quality[place] === quality) return;
    states.quality[place] = quality;
    states.time[place] = Math.max(states.time[place] ?? 0, time);
    out.put(states.series[place] ?? 0, time, bad ? Number.NaN : value, quality);
  }
}

/** One series whose device sends it endless text must not cost a thousand others their batch. */
function sizeFault({ metric, labels, origin }: SeriesDescription): string | undefined {
  const values = Object.values(labels);
  if (values.length > mostLabels) return `${metric} with ${values.length} labels, at most ${mostLabels}`;
  const length = values.reduce((sum, value) => sum + value.length, origin.length);
  return length > mostText ? `${metric} with ${length} characters of labels and origin, at most ${mostText}` : undefined;
}
