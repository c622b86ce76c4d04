import type { Quality } from "../../core/quality.ts";
import type { IndexedSeries } from "../../core/store.ts";
import { isRate } from "./bound.ts";
import { describeAnew, newWatch } from "./carry.ts";
import { Deadlines } from "./deadlines.ts";
import { Desk } from "./desk.ts";
import type { KeptAlarm } from "./fact.ts";
import type { KeptHabit } from "./habit.ts";
import type { HandlingEvent } from "./isa.ts";
import type { AlarmLoad } from "./load.ts";
import { fits, type Rule, type RuleBook } from "./rule.ts";
import { setOf } from "./sets.ts";
import { type AlarmEvent, standing } from "./state.ts";
import { dueAt, step } from "./step.ts";
import { type LiveWatch, type Watch, watchId } from "./watch.ts";
import { WatchList } from "./watch-list.ts";

export type { Watch } from "./watch.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type ReadingEvent = Mutable<AlarmEvent & { kind: "reading" }> & { now: number };

/** What was kept of an alarm over a restart; undefined where it was normal. */
export type Carried = (watchId: string) => KeptAlarm | undefined;

/** Applies readings and time to every alarm of a plant. A reading of a series without alarms costs one look-up by index. */
export class AlarmEngine {
  readonly #book: RuleBook;
  readonly #carried: Carried;
  readonly #bySeries: (LiveWatch[] | undefined)[] = [];
  /** Those that are not normal. */
  readonly #byAsset = new Map<number, Watch[]>();
  readonly #byLeaf = new Map<number, Set<Watch>>();
  readonly #byId = new Map<string, LiveWatch>();
  readonly #deadlines = new Deadlines<LiveWatch>();
  readonly #desk = new Desk((watch) => {
    this.#changed.add(watch);
    this.#moved.add(watch);
  });
  readonly #changed = new WatchList(0);
  readonly #moved = new WatchList(1);
  /** Handed to `step` again and again: one object less per reading. */
  readonly #event: ReadingEvent = { kind: "reading", time: 0, value: 0, quality: 0, now: 0 };
  #now = Number.NEGATIVE_INFINITY;

  constructor(book: RuleBook, carried: Carried = () => undefined) {
    this.#book = book;
    this.#carried = carried;
  }

  /** A series is new or described anew: the rules that fit it apply from now on. States that it has are kept. */
  describe(series: IndexedSeries, asset: number, now: number): void {
    const before = this.#bySeries[series.index] ?? [];
    for (const watch of before) if (!fits(watch.rule, series)) this.#rebind(watch, series, now);
    const watches = (this.#book.get(asset) ?? []).filter((rule) => fits(rule, series)).map((rule) => this.#watch(rule, series, asset, now));
    this.#bySeries[series.index] = watches.length === 0 ? undefined : watches;
  }

  /** From now on readings arrive at this time, by the clock of who read them: those past their validity are history. */
  arrive(now: number): void {
    this.#now = now;
  }

  /** One reading, newer or older than what is known. */
  read(series: number, time: number, value: number, quality: Quality): void {
    const watches = this.#bySeries[series];
    if (watches === undefined) return;
    const event = this.#event;
    event.now = this.#now;
    event.time = time;
    event.value = value;
    event.quality = quality;
    for (let i = 0; i < watches.length; i++) {
      const watch = watches[i];
      if (watch !== undefined) this.#step(watch, event);
    }
  }

  /** The newest reading of before the start. One that no longer speaks for the present is only remembered. */
  recall(series: number, reading: { time: number; value: number; quality: Quality }, now: number): void {
    for (const watch of this.#bySeries[series] ?? []) {
      const { time } = reading;
      if (now <= time + watch.bound.validMs) this.#step(watch, { kind: "reading", ...reading });
      else watch.state = { ...watch.state, time, value: reading.value };
    }
  }

  /** Lets the delays run out that are due at `now`. */
  tick(now: number): void {
    this.#now = now;
    this.#desk.tick(now);
    for (let due = this.#deadlines.take(now); due !== undefined; due = this.#deadlines.take(now)) {
      const watch = due.what;
      if (watch.timer !== due.due) continue;
      watch.timer = Number.POSITIVE_INFINITY;
      this.#step(watch, { kind: "time", time: now });
      this.#arm(watch, now);
    }
  }

  /** The alarm of this id, whatever its state. */
  find(id: string): Watch | undefined {
    const found = this.#byId.get(id);
    return found?.rule.feeds === "suppression" ? undefined : found;
  }

  /** Lets a latched alarm go; false where it is not latched. */
  reset(id: string, now: number): boolean {
    const watch = this.#byId.get(id);
    if (watch === undefined || !watch.state.levels.some((level) => level.phase === "latched")) return false;
    this.#step(watch, { kind: "reset", time: now });
    return true;
  }

  /** What people, or the state of the plant, do to an alarm; false where there is none of this id. */
  handle(id: string, event: HandlingEvent): boolean {
    const watch = this.#byId.get(id);
    if (watch === undefined) return false;
    this.#desk.take(watch, event);
    return true;
  }

  /** What went into alarm is announced, unless it is suppressed by now. */
  announce(now: number): void {
    this.#desk.announce(now);
  }

  /** Alarms that are not normal by ISA-18.2, also those whose process is. */
  attended(): ReadonlySet<Watch> {
    return this.#desk.attended();
  }

  /** What to keep of how often alarms come, by their ids: of those where it changed since the last call. */
  takeHabits(): ReadonlyMap<string, KeptHabit> {
    return this.#desk.takeHabits();
  }

  get load(): AlarmLoad {
    return this.#desk.load;
  }

  /** Every alarm there is. */
  all(): IterableIterator<Watch> {
    return this.#byId.values();
  }

  /** Alarms whose standing changed since the last call, in order; for leaves of the graph also those that lost or found their value. */
  takeChanged(): readonly Watch[] {
    return this.#changed.take();
  }

  /** Alarms any of whose levels changed since the last call: what a restart must not lose. */
  takeMoved(): readonly Watch[] {
    return this.#moved.take();
  }

  /** Alarms of an asset that are not normal. */
  standingOf(asset: number): readonly Watch[] {
    return this.#byAsset.get(asset) ?? nothing;
  }

  /** All alarms that are not normal. */
  *standing(): Generator<Watch> {
    for (const set of this.#byAsset.values()) yield* set;
    for (const set of this.#byLeaf.values()) for (const watch of set) if (watch.standing !== undefined) yield watch;
  }

  /** Every watch that feeds a metric leaf of the graph. */
  ofLeaf(leaf: number): ReadonlySet<Watch> {
    return this.#byLeaf.get(leaf) ?? none;
  }

  /** Every watch on a series, also those that are no alarms and only suppress some. */
  ofSeries(series: number): readonly Watch[] {
    return this.#bySeries[series] ?? [];
  }

  #watch(rule: Rule, series: IndexedSeries, asset: number, now: number): LiveWatch {
    const id = watchId(rule, series);
    const known = this.#byId.get(id);
    if (known?.rule === rule && known.series.index === series.index) return this.#rebind(known, series, now);
    const kept = this.#carried(id);
    const watch = newWatch({ id, rule, series, asset, kept, now });
    this.#byId.set(id, watch);
    if (rule.feeds !== "asset") this.#changed.add(watch);
    if (typeof rule.feeds === "number") setOf(this.#byLeaf, rule.feeds).add(watch);
    this.#stand(watch, now);
    if (kept !== undefined) this.#desk.recall(watch, kept, now);
    this.#arm(watch, Number.NEGATIVE_INFINITY);
    return watch;
  }

  /** Its series is described anew. A device may have other limits now, or none: then its alarm is over. */
  #rebind(watch: LiveWatch, series: IndexedSeries, now: number): LiveWatch {
    describeAnew(watch, series);
    if (watch.rule.device === undefined) return watch;
    this.#moved.add(watch);
    this.#stand(watch, now);
    this.#arm(watch, now);
    return watch;
  }

  #step(watch: LiveWatch, event: AlarmEvent): void {
    const before = watch.state;
    const after = step(watch.bound, before, event);
    if (after === before) return;
    watch.state = after;
    if (watch.habit !== undefined && event.kind === "reading") watch.habit.saw(judgedValue(watch));
    if (after.levels !== before.levels || after.tallies !== before.tallies) {
      this.#moved.add(watch);
      this.#stand(watch, Math.max(event.time, this.#now));
      this.#arm(watch, event.time);
    }
    if (watch.rule.feeds === "asset" || Object.is(before.value, after.value)) return;
    // Without limits it is the value itself that counts (a live sum).
    const counts = watch.rule.thresholds.length === 0 || Number.isNaN(before.value) !== Number.isNaN(after.value);
    if (counts) this.#changed.add(watch);
  }

  #stand(watch: LiveWatch, now: number): void {
    const before = watch.standing;
    const after = standing(watch.bound, watch.state);
    if (before?.threshold === after?.threshold && before?.phase === after?.phase && before?.since === after?.since) return;
    watch.standing = after;
    this.#changed.add(watch);
    if (watch.rule.feeds === "suppression") return;
    this.#desk.stood(watch, now);
    if (watch.rule.feeds !== "asset") return;
    if (after === undefined) this.#rests(watch);
    else if (before === undefined) this.#stands(watch);
  }

  #stands(watch: LiveWatch): void {
    const others = this.#byAsset.get(watch.asset);
    if (others === undefined) this.#byAsset.set(watch.asset, [watch]);
    else others.push(watch);
  }

  #rests(watch: LiveWatch): void {
    const all = this.#byAsset.get(watch.asset) ?? [];
    const at = all.indexOf(watch);
    if (at >= 0) all.splice(at, 1);
    if (all.length === 0) this.#byAsset.delete(watch.asset);
  }

  /** Puts the next deadline into the heap where it is sooner than the one that stands there. */
  #arm(watch: LiveWatch, now: number): void {
    const deadline = dueAt(watch.bound, watch.state);
    // Past and yet nothing happened: its last value no longer counts. Looked at again until a value comes.
    const due = deadline <= now ? now + recheckMs : deadline;
    if (due >= watch.timer) return;
    watch.timer = due;
    this.#deadlines.put(due, watch);
  }
}

const recheckMs = 1000;
const none: ReadonlySet<Watch> = new Set();
const nothing: readonly Watch[] = [];

/** What its conditions look at: the value, or for a rule on rates the first one's. */
function judgedValue({ bound, state }: Watch): number {
  return bound.rates ? (state.rates?.[bound.thresholds.findIndex(({ condition }) => isRate(condition))]?.rate ?? Number.NaN) : state.value;
}
