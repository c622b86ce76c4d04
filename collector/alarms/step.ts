import type { Level } from "../../core/level.ts";
import { isBad, type Quality } from "../../core/quality.ts";
import type { SeriesDescription } from "../../core/reading.ts";
import type { Condition, Rule } from "./rule.ts";

/**
 * Where one level of an alarm stands. This is the process side of ISA-18.2 only: what an operator does to an alarm
 * (acknowledge, shelve, take out of service) never changes whether the process is in alarm, and will stand beside it.
 */
export type LevelState =
  | { readonly phase: "normal" }
  /** The condition holds since `since`; the on-delay runs. */
  | { readonly phase: "pending"; readonly since: number }
  /** In alarm since `raised`; the condition holds since `since`. */
  | { readonly phase: "active"; readonly since: number; readonly raised: number }
  /** Still in alarm; the condition has ended at `ended` and the off-delay runs. */
  | { readonly phase: "clearing"; readonly since: number; readonly raised: number; readonly ended: number }
  /** The process is normal again since `ended`, the alarm stays until it is reset. */
  | { readonly phase: "latched"; readonly since: number; readonly raised: number; readonly ended: number };

/** State of one rule on one series. */
export interface AlarmState {
  /** Time of the newest reading, ms since epoch. */
  readonly time: number;
  /** Its value; NaN where it is Bad. */
  readonly value: number;
  /** Time of the newest reading that had a value, or when watching began. */
  readonly good: number;
  /** One for each threshold of the rule, in its order. Stays the same object while none of them changes. */
  readonly levels: readonly LevelState[];
}

export type AlarmEvent =
  | { readonly kind: "reading"; readonly time: number; readonly value: number; readonly quality: Quality }
  /** Time has passed and nothing came. */
  | { readonly kind: "time"; readonly time: number }
  /** An operator lets a latched alarm go. */
  | { readonly kind: "reset"; readonly time: number };

/** A threshold with the number of its state: undefined where the series knows no such state. */
interface BoundThreshold {
  readonly level: Level;
  readonly condition: Condition;
  readonly state: number | undefined;
  readonly forMs: number;
  readonly holdMs: number;
}

/** A rule as it applies to one series. */
export interface BoundRule {
  readonly thresholds: readonly BoundThreshold[];
  readonly latch: boolean;
  /** How long a value speaks for the present: 3 intervals, at least 10 s. */
  readonly validMs: number;
}

/** Three intervals without a value and it is no longer known; never sooner than 10 s. */
export function validityMs(everyMs: number): number {
  return Math.max(3 * everyMs, 10_000);
}

/** A rule for one series: names of states become their numbers. */
export function bind(rule: Rule, series: Pick<SeriesDescription, "everyMs" | "states">): BoundRule {
  const thresholds = rule.thresholds.map(({ level, condition, forMs, holdMs }) => ({
    level,
    condition,
    state: condition.kind === "is" || condition.kind === "is_not" ? stateNumber(condition.state, series.states ?? {}) : undefined,
    forMs,
    holdMs,
  }));
  return { thresholds, latch: rule.latch, validMs: validityMs(series.everyMs) };
}

function stateNumber(state: string | number, names: Readonly<Record<number, string>>): number | undefined {
  if (typeof state === "number") return state;
  const entries = Object.entries(names);
  const found = entries.find(([, name]) => name === state) ?? entries.find(([, name]) => name.toLowerCase() === state.toLowerCase());
  if (found !== undefined) return Number(found[0]);
  const number = Number(state);
  return state.trim() === "" || Number.isNaN(number) ? undefined : number;
}

const normal: LevelState = { phase: "normal" };

/** How a rule starts on a series that it has not seen: silent since `now`. */
export function initialState(rule: BoundRule, now: number): AlarmState {
  return { time: 0, value: Number.NaN, good: now, levels: rule.thresholds.map(() => normal) };
}

/**
 * What the event makes of the alarm. A reading older than the newest known changes nothing; a Bad one neither raises nor
 * clears: silence is not evidence. Delays run out by readings and by time, by time only while the last value is still valid.
 */
export function step(rule: BoundRule, before: AlarmState, event: AlarmEvent): AlarmState {
  if (event.kind !== "reading") return withLevels(before, stepLevels(rule, before, event));
  if (event.time < before.time) return before;
  const bad = isBad(event.quality) || Number.isNaN(event.value);
  const seen: AlarmState = {
    time: event.time,
    value: bad ? Number.NaN : event.value,
    good: bad ? before.good : Math.max(before.good, event.time),
    levels: before.levels,
  };
  return withLevels(seen, stepLevels(rule, seen, event));
}

function withLevels(state: AlarmState, levels: readonly LevelState[]): AlarmState {
  return levels === state.levels ? state : { ...state, levels };
}

function stepLevels(rule: BoundRule, state: AlarmState, event: AlarmEvent): readonly LevelState[] {
  let changed: LevelState[] | undefined;
  for (let i = 0; i < rule.thresholds.length; i++) {
    const threshold = rule.thresholds[i];
    const before = state.levels[i];
    if (threshold === undefined || before === undefined) continue;
    const after = stepLevel({ rule, threshold, state }, before, event);
    if (after === before) continue;
    changed ??= state.levels.slice();
    changed[i] = after;
  }
  return changed ?? state.levels;
}

interface At {
  readonly rule: BoundRule;
  readonly threshold: BoundThreshold;
  readonly state: AlarmState;
}

function stepLevel(at: At, before: LevelState, event: AlarmEvent): LevelState {
  if (event.kind === "reset") return before.phase === "latched" ? normal : before;
  const verdict = judge(at, event);
  switch (verdict) {
    case "raise":
      return raised(at.threshold, before, onset(at, event.time), event.time);
    case "band":
      return inBand(before);
    case "clear":
      return cleared(at, before, event.time);
    case "same":
      return later(at, before, event.time);
    case "none":
      return before;
  }
}

/** What an event says of a condition: it holds, it is in the dead band, it has ended; as before, or nothing at all. */
type Verdict = "raise" | "band" | "clear" | "same" | "none";

function judge({ threshold, state }: At, event: AlarmEvent): Verdict {
  const { condition } = threshold;
  if (condition.kind === "stale") return event.time - state.good >= condition.afterMs ? "raise" : "clear";
  if (event.kind !== "reading") return Number.isNaN(state.value) ? "none" : "same";
  const value = state.value;
  if (Number.isNaN(value)) return "none";
  switch (condition.kind) {
    case "above":
      if (condition.inclusive ? value >= condition.limit : value > condition.limit) return "raise";
      return condition.clear === undefined || value <= condition.clear ? "clear" : "band";
    case "below":
      if (condition.inclusive ? value <= condition.limit : value < condition.limit) return "raise";
      return condition.clear === undefined || value >= condition.clear ? "clear" : "band";
    case "is":
      return value === threshold.state ? "raise" : "clear";
    case "is_not":
      // A state that the series does not have says nothing: the alarm would be on for ever.
      return threshold.state !== undefined && value !== threshold.state ? "raise" : "clear";
  }
}

/** Since when the condition holds: silence began to be an alarm before somebody looked. */
function onset({ threshold, state }: At, time: number): number {
  return threshold.condition.kind === "stale" ? Math.min(time, state.good + threshold.condition.afterMs) : time;
}

function raised(threshold: BoundThreshold, before: LevelState, since: number, time: number): LevelState {
  switch (before.phase) {
    case "normal":
    case "latched":
      return delayed(threshold, since, time);
    case "pending":
      return delayed(threshold, before.since, time, before);
    case "active":
      // The on-delay was made longer meanwhile: it has to run out anew (as in Prometheus). What ran out by time alone stays.
      return Math.max(time, before.raised) - before.since < threshold.forMs ? { phase: "pending", since: before.since } : before;
    case "clearing":
      return { phase: "active", since: before.since, raised: before.raised };
  }
}

function delayed(threshold: BoundThreshold, since: number, time: number, before?: LevelState): LevelState {
  if (time - since >= threshold.forMs) return { phase: "active", since, raised: since + threshold.forMs };
  return before ?? { phase: "pending", since };
}

function inBand(before: LevelState): LevelState {
  if (before.phase === "pending") return normal;
  return before.phase === "clearing" ? { phase: "active", since: before.since, raised: before.raised } : before;
}

function cleared(at: At, before: LevelState, time: number): LevelState {
  if (before.phase === "pending") return normal;
  if (before.phase === "clearing") return ended(at, before, time);
  if (before.phase !== "active") return before;
  return ended(at, { phase: "clearing", since: before.since, raised: before.raised, ended: time }, time);
}

function ended({ rule, threshold }: At, state: LevelState & { phase: "clearing" }, time: number): LevelState {
  if (time - state.ended < threshold.holdMs) return state;
  return rule.latch ? { ...state, phase: "latched" } : normal;
}

/** Nothing new: a delay runs out if the last value still counted at that moment. */
function later(at: At, before: LevelState, time: number): LevelState {
  const { rule, threshold, state } = at;
  const validUntil = state.time + rule.validMs;
  if (before.phase === "pending" && before.since + threshold.forMs <= validUntil) return delayed(threshold, before.since, time, before);
  if (before.phase === "clearing" && before.ended + threshold.holdMs <= validUntil) return ended(at, before, time);
  return before;
}

/** When time alone may change the state: the next deadline, ms since epoch, or Infinity. */
export function dueAt(rule: BoundRule, state: AlarmState): number {
  let due = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rule.thresholds.length; i++) {
    const threshold = rule.thresholds[i];
    const level = state.levels[i];
    if (threshold === undefined || level === undefined) continue;
    if (level.phase === "pending") due = Math.min(due, level.since + threshold.forMs);
    else if (level.phase === "clearing") due = Math.min(due, level.ended + threshold.holdMs);
    else if (level.phase === "normal" && threshold.condition.kind === "stale")
      due = Math.min(due, state.good + threshold.condition.afterMs);
  }
  return due;
}

/** What the alarm amounts to: its worst level that is in alarm, or else the worst that is pending. */
export interface Standing {
  /** Position among the rule's thresholds. */
  readonly threshold: number;
  readonly level: Level;
  readonly phase: Exclude<LevelState["phase"], "normal">;
  /** Since when it is in this phase. */
  readonly since: number;
}

/** Undefined while the alarm is normal. */
export function standing(rule: BoundRule, state: AlarmState): Standing | undefined {
  let pending: Standing | undefined;
  for (let i = rule.thresholds.length - 1; i >= 0; i--) {
    const level = state.levels[i];
    const threshold = rule.thresholds[i];
    if (level === undefined || threshold === undefined || level.phase === "normal") continue;
    if (level.phase !== "pending") return { threshold: i, level: threshold.level, phase: level.phase, since: level.raised };
    pending ??= { threshold: i, level: threshold.level, phase: "pending", since: level.since };
  }
  return pending;
}
