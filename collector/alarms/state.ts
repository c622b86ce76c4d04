import type { Level } from "../../core/level.ts";
import type { Quality } from "../../core/quality.ts";
import type { BoundRule } from "./bound.ts";
import type { RateTrace, TallyTrace } from "./trace.ts";

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
  /** By threshold: what those that count remember. Stays the same object while nothing is counted. */
  readonly tallies?: readonly (TallyTrace | undefined)[] | undefined;
  /** By threshold: what those on a rate remember. Not kept over a restart. */
  readonly rates?: readonly (RateTrace | undefined)[] | undefined;
}

export type AlarmEvent =
  /** `now`: when it arrived; at its own time without it. One that is past its validity by then is history: it raises nothing. */
  | { readonly kind: "reading"; readonly time: number; readonly value: number; readonly quality: Quality; readonly now?: number }
  /** Time has passed and nothing came. */
  | { readonly kind: "time"; readonly time: number }
  /** An operator lets a latched alarm go. */
  | { readonly kind: "reset"; readonly time: number };

export const normal: LevelState = { phase: "normal" };

type Active = Extract<LevelState, { phase: "active" }>;
let lastActive: Active = { phase: "active", since: Number.NaN, raised: Number.NaN };

/** In alarm. What is raised at the same moment (all series of one answer of a device) shares it. */
export function active(since: number, raised: number): LevelState {
  if (lastActive.since !== since || lastActive.raised !== raised) lastActive = { phase: "active", since, raised };
  return lastActive;
}

let lastLevels: readonly LevelState[] = [];

/** These levels, or the same that were made last. */
export function sharedLevels(levels: readonly LevelState[]): readonly LevelState[] {
  const same = levels.length === lastLevels.length && levels.every((level, i) => level === lastLevels[i]);
  if (!same) lastLevels = levels;
  return lastLevels;
}

/** How a rule starts on a series that it has not seen: silent since `now`. */
export function initialState(rule: BoundRule, now: number): AlarmState {
  return { time: 0, value: Number.NaN, good: now, levels: rule.atRest };
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

let lastStanding: Standing = { threshold: -1, level: 0, phase: "active", since: Number.NaN };

function sharedStanding(one: Standing): Standing {
  const { threshold, level, phase, since } = lastStanding;
  if (one.threshold !== threshold || one.level !== level || one.phase !== phase || one.since !== since) lastStanding = one;
  return lastStanding;
}

/** Undefined while the alarm is normal. */
export function standing(rule: BoundRule, state: AlarmState): Standing | undefined {
  let pending: Standing | undefined;
  for (let i = rule.thresholds.length - 1; i >= 0; i--) {
    const level = state.levels[i];
    const threshold = rule.thresholds[i];
    if (level === undefined || threshold === undefined || level.phase === "normal") continue;
    if (level.phase !== "pending") return sharedStanding({ threshold: i, level: threshold.level, phase: level.phase, since: level.raised });
    pending ??= { threshold: i, level: threshold.level, phase: "pending", since: level.since };
  }
  return pending;
}
