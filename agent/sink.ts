import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { isBad, Q, type Quality, qualityName } from "../core/quality.ts";
import type { SeriesDescription } from "../core/reading.ts";
import type { ReadingSink, SourceStatus } from "../core/source.ts";
import type { Topology } from "../core/topology.ts";
import { MalformedCount } from "./malformed.ts";
import type { SeriesRegistry } from "./registry.ts";

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
  readonly out: RunnerOut;
  readonly clock: Clock;
  readonly log: Log;
}

interface SeriesState {
  quality: Quality;
  /** ms since epoch of the newest reading. */
  time: number;
  /** Monotonic ms of the last put, dropped or not. */
  heard: number;
  /** How often it is read, where that is less often than its source; ms. */
  readonly everyMs: number;
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
  readonly #series = new Map<number, SeriesState>();
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

  constructor(place: SinkPlace) {
    this.#place = place;
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
    if (this.#series.has(number)) return number;
    if (this.#series.size >= mostSeries) {
      this.malformed(`more than ${mostSeries} series`);
      return refused;
    }
    this.#series.set(number, { quality: Q.Good, time: 0, heard: this.#place.clock.monotonic(), everyMs: description.everyMs });
    return number;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    const state = this.#series.get(series);
    if (state === undefined || this.#closed) return;
    state.heard = this.#place.clock.monotonic();
    this.#puts++;
    const usable = isBad(quality) || Number.isFinite(value);
    if (!usable) this.malformed(`a value of ${value}`);
    const at = time >= 1 && time <= latestTime ? Math.round(time) : this.#place.clock.now();
    const worth = usable ? quality : Q.BadDecodingError;
    if (isBad(worth) && worth !== Q.BadNoData) this.#firstBad ??= { series, quality: worth };
    this.#tell(series, state, { time: at, value, quality: worth });
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
    for (const [series, state] of this.#series) this.#bad(series, state, quality);
  }

  /** Series that said nothing in so many of their intervals have no usable value. True when that is all of them. */
  expire(intervals: number, quality: Quality): boolean {
    const now = this.#place.clock.monotonic();
    let silent = 0;
    for (const [series, state] of this.#series) {
      if (state.heard > now - intervals * state.everyMs) continue;
      silent++;
      if (!isBad(state.quality)) this.#bad(series, state, quality);
    }
    return silent === this.#series.size;
  }

  /** A sink with the same series for the source's successor; what is still put into this one is ignored. */
  successor(): SourceSink {
    const next = new SourceSink(this.#place);
    for (const [series, state] of this.#series) next.#series.set(series, state);
    this.#closed = true;
    return next;
  }

  #bad(series: number, state: SeriesState, quality: Quality): void {
    // Never at a time that a reading of the series already has: engines would take it for that reading.
    const time = Math.max(this.#place.clock.now(), state.time + 1);
    this.#tell(series, state, { time, value: Number.NaN, quality });
  }

  #tell(series: number, state: SeriesState, reading: { readonly time: number; readonly value: number; readonly quality: Quality }): void {
    const { time, value, quality } = reading;
    const bad = isBad(quality);
    if (bad && state.quality === quality) return;
    state.quality = quality;
    state.time = Math.max(state.time, time);
    this.#place.out.put(series, time, bad ? Number.NaN : value, quality);
  }
}

/** One series whose device sends it endless text must not cost a thousand others their batch. */
function sizeFault({ metric, labels, origin }: SeriesDescription): string | undefined {
  const values = Object.values(labels);
  if (values.length > mostLabels) return `${metric} with ${values.length} labels, at most ${mostLabels}`;
  const length = values.reduce((sum, value) => sum + value.length, origin.length);
  return length > mostText ? `${metric} with ${length} characters of labels and origin, at most ${mostText}` : undefined;
}
