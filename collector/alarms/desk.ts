import type { Level } from "../../core/level.ts";
import { Deadlines } from "./deadlines.ts";
import type { KeptAlarm } from "./fact.ts";
import { FirstOut } from "./first-out.ts";
import { Habit, type KeptHabit } from "./habit.ts";
import { type HandlingEvent, handle, isaState, isNews } from "./isa.ts";
import { AlarmLoad } from "./load.ts";
import { isLatched, type LiveWatch, type Watch } from "./watch.ts";
import { WatchList } from "./watch-list.ts";

/**
 * The operator's side of all alarms (ISA-18.2): takes what their processes do and what people do to them, keeps what is put aside
 * and for how long, which came first, how often each comes, and how much there is to see. It never judges a reading.
 */
export class Desk {
  readonly load = new AlarmLoad();
  /** Not normal by ISA-18.2, whatever their process. */
  readonly #attended = new Set<Watch>();
  readonly #shelves = new Deadlines<LiveWatch>();
  readonly #news = new WatchList(2);
  /** Watches that were raised or ended since `takeHabits`. */
  readonly #habits = new WatchList(3);
  readonly #firstOut = new FirstOut<number | string, LiveWatch>({
    raisedAt: ({ standing }) => standing?.since ?? Number.POSITIVE_INFINITY,
    isFirst: ({ handling }) => handling.first ?? false,
    mark: (watch, first) => this.take(watch, { kind: "first", first }),
  });
  readonly #changed: (watch: LiveWatch) => void;

  /** `changed` hears of every watch that is handled otherwise than before. */
  constructor(changed: (watch: LiveWatch) => void) {
    this.#changed = changed;
  }

  /** A watch that was known before a restart, and stands as it was carried over. */
  recall(watch: LiveWatch, kept: KeptAlarm, now: number): void {
    const { habit } = kept;
    if (habit !== undefined) watch.habit = Habit.recalled(habit, watch.bound.thresholds[habit.threshold]?.condition);
    const { shelf, first } = watch.handling;
    if (shelf !== undefined) this.#shelves.put(shelf.until, watch);
    if (first === true) this.#firstOut.recall(groupOf(watch), watch);
    // Its thresholds may be others now, and its process no longer in alarm.
    if (watch.standing === undefined && (watch.handling.level > 0 || watch.handling.announced)) this.stood(watch, now);
    else if (watch.handling.level > 0) this.#firstOut.raised(groupOf(watch), watch);
    this.#attend(watch);
  }

  /** What a watch stands at has changed. */
  stood(watch: LiveWatch, now: number): void {
    const before = watch.handling.level;
    const { standing } = watch;
    const level: Level = standing === undefined || standing.phase === "pending" ? 0 : standing.level;
    this.take(watch, { kind: "process", level, pending: standing?.phase === "pending" });
    this.#attend(watch);
    if (before === 0 && level > 0) this.#raised(watch);
    else if (before > 0 && level === 0) this.#ended(watch, now);
  }

  take(watch: LiveWatch, event: HandlingEvent): void {
    const before = watch.handling;
    const after = handle(before, event);
    if (after === before) return;
    watch.handling = after;
    if (isNews(after)) this.#news.add(watch);
    if (after.shelf !== undefined && after.shelf !== before.shelf) this.#shelves.put(after.shelf.until, watch);
    this.#attend(watch);
    this.#changed(watch);
  }

  /** What went into alarm, and still is, is announced: called once it is known what is suppressed. */
  announce(now: number): void {
    for (const watch of this.#news.take()) {
      if (!isNews(watch.handling)) continue;
      this.take(watch, { kind: "announce" });
      this.load.announced(now);
    }
  }

  /** Ends the shelves whose time has come. */
  tick(now: number): void {
    for (let due = this.#shelves.take(now); due !== undefined; due = this.#shelves.take(now)) {
      if (due.what.handling.shelf?.until === due.due) this.take(due.what, { kind: "unshelve" });
    }
  }

  /** What to keep of habits that changed since the last call, by the id of the watch. */
  takeHabits(): ReadonlyMap<string, KeptHabit> {
    const kept = new Map<string, KeptHabit>();
    for (const watch of this.#habits.take()) {
      const habit = watch.habit?.kept(watch.raisedAs);
      if (habit !== undefined) kept.set(watch.id, habit);
    }
    return kept;
  }

  attended(): ReadonlySet<Watch> {
    return this.#attended;
  }

  #raised(watch: LiveWatch): void {
    const { standing, bound } = watch;
    const condition = standing === undefined ? undefined : bound.thresholds[standing.threshold]?.condition;
    if (standing === undefined || condition === undefined) return;
    watch.habit ??= new Habit();
    watch.habit.raised(standing.since, condition);
    watch.raisedAs = standing.threshold;
    this.#habits.add(watch);
    this.#firstOut.raised(groupOf(watch), watch);
  }

  #ended(watch: LiveWatch, now: number): void {
    watch.habit?.ended(Math.max(watch.state.time, 0) || now);
    this.#habits.add(watch);
    this.#firstOut.ended(groupOf(watch), watch);
  }

  #attend(watch: LiveWatch): void {
    if (isaState(watch.handling, isLatched(watch)) === "normal") this.#attended.delete(watch);
    else this.#attended.add(watch);
  }
}

/** The alarms of one asset, by its position, or those of rules that name the same group. */
function groupOf({ rule, asset }: Watch): number | string {
  return rule.group ?? asset;
}
