import { isBad } from "../../core/quality.ts";
import type { BoundRule, BoundThreshold } from "./bound.ts";
import { type AlarmEvent, type AlarmState, active, type LevelState, normal, sharedLevels } from "./state.ts";
import { fullUntil, type TallyRule, type TallyTrace } from "./trace.ts";
import { type At, isHistory, judge, traces, type Verdict } from "./verdict.ts";

/**
 * What the event makes of the alarm. A reading older than the newest known changes nothing; a Bad one neither raises nor
 * clears: silence is not evidence. Delays run out by readings and by time, by time only while the last value is still valid.
 */
export function step(rule: BoundRule, before: AlarmState, event: AlarmEvent): AlarmState {
  if (event.kind !== "reading") return withLevels(before, stepLevels(rule, before, event));
  if (event.time < before.time) return before;
  const bad = isBad(event.quality) || Number.isNaN(event.value);
  const plain: AlarmState = {
    time: event.time,
    value: bad ? Number.NaN : event.value,
    good: bad || event.time < before.good ? before.good : event.time,
    levels: before.levels,
  };
  // Apart, since a spread doubles the cost of the many that remember nothing.
  const seen = rule.tallies || rule.rates ? { ...plain, ...traces(rule, before, bad ? undefined : event) } : plain;
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
    const after = stepLevel({ rule, threshold, state, at: i }, before, event);
    if (after === before) continue;
    changed ??= state.levels.slice();
    changed[i] = after;
  }
  if (changed === undefined) return state.levels;
  return changed.every((level) => level === normal) ? rule.atRest : sharedLevels(changed);
}

function stepLevel(at: At, before: LevelState, event: AlarmEvent): LevelState {
  if (event.kind === "reset") return before.phase === "latched" ? normal : before;
  const verdict: Verdict = judge(at, event);
  switch (verdict) {
    case "raise":
      if (event.kind === "reading" && isHistory(at.rule, event)) return before.phase === "clearing" ? inBand(before) : before;
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

/** Since when the condition holds: silence began to be an alarm before somebody looked. */
function onset({ threshold, state }: At, time: number): number {
  return threshold.condition.kind === "stale" ? Math.min(time, state.good + threshold.condition.afterMs) : time;
}

function raised(threshold: BoundThreshold, before: LevelState, since: number, time: number): LevelState {
  switch (before.phase) {
    case "normal":
      return delayed(threshold, since, time);
    case "pending":
      return delayed(threshold, before.since, time, before);
    case "active":
      // The on-delay was made longer meanwhile: it has to run out anew (as in Prometheus). What ran out by time alone stays.
      return Math.max(time, before.raised) - before.since < threshold.forMs ? { phase: "pending", since: before.since } : before;
    case "clearing":
    case "latched":
      return active(before.since, before.raised);
  }
}

function delayed(threshold: BoundThreshold, since: number, time: number, before?: LevelState): LevelState {
  if (time - since >= threshold.forMs) return active(since, since + threshold.forMs);
  return before ?? { phase: "pending", since };
}

function inBand(before: LevelState): LevelState {
  if (before.phase === "pending") return normal;
  return before.phase === "clearing" ? active(before.since, before.raised) : before;
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
  // A pending one whose last value has gone stale since then waits: nothing is raised on history.
  if (before.phase === "pending" && before.since + threshold.forMs <= validUntil && time <= validUntil)
    return delayed(threshold, before.since, time, before);
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
    if (threshold.tally !== undefined && level.phase !== "normal") due = Math.min(due, tallyEnd(threshold.tally, state.tallies?.[i]));
  }
  return due;
}

/** When a full tally ceases to be; Infinity where it is not full. */
function tallyEnd(tally: TallyRule, trace: TallyTrace | undefined): number {
  const until = trace === undefined ? Number.NEGATIVE_INFINITY : fullUntil(trace, tally);
  return until === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : until;
}
