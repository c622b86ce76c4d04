import { fractionOf } from "../core/fraction.ts";

/** When a source is read: ticks at `start + k * everyMs` of the monotonic clock, for ever, whatever a round takes. */
export interface Schedule {
  readonly start: number;
  readonly everyMs: number;
}

/** The first round is not put off for a whole interval: a restarted agent shows values soon. */
const firstWithinMs = 3000;
const mostProbeMs = 60_000;
const leastProbeCeilingMs = 2000;

/** Sources are spread over their interval by their key, so that they do not all ask at once. */
export function scheduleOf(key: string, everyMs: number, now: number): Schedule {
  return { start: now + fractionOf(key) * everyMs, everyMs };
}

/** When the first round begins: spread too, but within a few seconds. */
export function firstRound(key: string, everyMs: number, now: number): number {
  return now + fractionOf(key) * Math.min(everyMs, firstWithinMs);
}

/** The first tick after `now`, at least `apartMs` after it. What was missed meanwhile is skipped, not made up for. */
export function nextTick(schedule: Schedule, now: number, apartMs = 0): number {
  const passed = Math.floor((now + apartMs - schedule.start) / schedule.everyMs);
  return schedule.start + Math.max(0, passed + 1) * schedule.everyMs;
}

/**
 * How long a source that failed this many times in a row is left alone, in whole intervals: 1, 1, 2, 3, ... A dead device costs
 * less and less, but one that returns is seen within three intervals, of 60 s at most where an interval is not longer itself.
 */
export function probeEveryMs(everyMs: number, failures: number): number {
  const ceiling = Math.min(8 * everyMs, Math.max(3 * everyMs, leastProbeCeilingMs), mostProbeMs);
  const most = Math.max(1, Math.floor(ceiling / everyMs));
  return Math.max(1, Math.min(failures - 1, most)) * everyMs;
}
