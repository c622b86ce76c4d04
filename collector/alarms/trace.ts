/** How fast a value changes: what has to be remembered of earlier readings to say so. */
export interface RateTrace {
  readonly time: number;
  readonly value: number;
  /** The value with resets of a counter taken out. */
  readonly total: number;
  /** Earlier totals, the oldest first; the first is the newest one that is at least the whole window old, where there is one. */
  readonly anchors: readonly { readonly time: number; readonly total: number }[];
  /** Change a second; NaN while the window is not filled yet. */
  readonly rate: number;
}

export interface RateWindow {
  readonly overMs: number;
  /** A fall is a reset to zero and not a fall. */
  readonly counter: boolean;
}

/** How many anchors a window is divided by: so exact is its length. */
const anchorsInWindow = 16;

/** Takes in one value. One that is not newer changes nothing. */
export function traceRate(before: RateTrace | undefined, reading: { time: number; value: number }, window: RateWindow): RateTrace {
  const { time, value } = reading;
  if (before === undefined) return { time, value, total: value, anchors: [], rate: Number.NaN };
  if (time <= before.time) return before;
  const fall = value < before.value;
  const total = before.total + (window.counter && fall ? value : value - before.value);
  const anchors = anchored(before, time, window.overMs);
  const start = anchors[0];
  const span = start === undefined ? 0 : time - start.time;
  const filled = start !== undefined && span > 0 && span >= window.overMs;
  return { time, value, total, anchors, rate: filled ? (1000 * (total - start.total)) / span : Number.NaN };
}

function anchored(before: RateTrace, time: number, overMs: number): RateTrace["anchors"] {
  const last = before.anchors[before.anchors.length - 1];
  const wanted = last === undefined || before.time - last.time >= overMs / anchorsInWindow;
  const anchors = wanted ? [...before.anchors, { time: before.time, total: before.total }] : before.anchors;
  let first = 0;
  while (first + 1 < anchors.length && (anchors[first + 1]?.time ?? time) <= time - overMs) first++;
  return first === 0 ? anchors : anchors.slice(first);
}

/** How often something happened: the times of it, as many of the newest as a threshold asks for. */
export interface TallyTrace {
  /** The newest value; NaN before the first. */
  readonly value: number;
  /** What is counted by onsets holds at the moment. */
  readonly held: boolean;
  /** Ascending. */
  readonly marks: readonly number[];
}

/** A threshold that counts: `times` within `withinMs`. */
export interface TallyRule {
  readonly times: number;
  readonly withinMs: number;
}

export const emptyTally: TallyTrace = { value: Number.NaN, held: false, marks: [] };

/** Counts a value that differs from the one before. */
export function tallyChange(before: TallyTrace, reading: { time: number; value: number }, rule: TallyRule): TallyTrace {
  if (reading.value === before.value) return before;
  const first = Number.isNaN(before.value);
  return { value: reading.value, held: false, marks: first ? before.marks : marked(before, reading.time, rule) };
}

/** Counts a condition that begins to hold; `undefined` (its dead band) leaves it as it was. */
export function tallyOnset(before: TallyTrace, at: { time: number; holds: boolean | undefined }, rule: TallyRule): TallyTrace {
  const { holds = before.held } = at;
  if (holds === before.held) return before;
  return { ...before, held: holds, marks: holds ? marked(before, at.time, rule) : before.marks };
}

function marked(before: TallyTrace, time: number, rule: TallyRule): readonly number[] {
  return [...before.marks, time].slice(-rule.times);
}

/** When a tally ceases to be full, ms since epoch; -Infinity where it is not. Full is `times` within `withinMs`, its end not included. */
export function fullUntil(trace: TallyTrace, rule: TallyRule): number {
  const oldest = trace.marks[trace.marks.length - rule.times];
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + rule.withinMs;
}
