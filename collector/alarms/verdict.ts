import { type BoundRule, type BoundThreshold, isRate } from "./bound.ts";
import type { AlarmEvent, AlarmState } from "./state.ts";
import { emptyTally, fullUntil, type TallyRule, type TallyTrace, tallyChange, tallyOnset, traceRate } from "./trace.ts";

type Traces = Pick<AlarmState, "rates" | "tallies">;

/** What thresholds that count or look at a rate remember, with one more value; without one, what they did. */
export function traces(rule: BoundRule, before: Traces, reading: { time: number; value: number } | undefined): Traces {
  if (reading === undefined) return { rates: before.rates, tallies: before.tallies };
  const rates = rule.rates
    ? rule.thresholds.map(({ condition }, i) =>
        isRate(condition) ? traceRate(before.rates?.[i], reading, { overMs: condition.overMs, counter: rule.counter }) : undefined,
      )
    : undefined;
  if (!rule.tallies) return { rates };
  const tallies = rule.thresholds.map((threshold, i) =>
    tallied(threshold, before.tallies?.[i], { ...reading, rate: rateAt({ rates }, i) }),
  );
  const same = before.tallies !== undefined && tallies.every((tally, i) => tally === before.tallies?.[i]);
  return { rates, tallies: same ? before.tallies : tallies };
}

function rateAt({ rates }: Pick<AlarmState, "rates">, threshold: number): number {
  return rates?.[threshold]?.rate ?? Number.NaN;
}

interface TalliedReading {
  readonly time: number;
  readonly value: number;
  readonly rate: number;
}

function tallied(threshold: BoundThreshold, before: TallyTrace = emptyTally, reading: TalliedReading): TallyTrace | undefined {
  const { tally, condition } = threshold;
  if (tally === undefined) return undefined;
  if (condition.kind === "changes") return tallyChange(before, reading, tally);
  const verdict = compare(threshold, isRate(condition) ? reading.rate : reading.value);
  const holds = verdict === "raise" ? true : verdict === "clear" ? false : undefined;
  return tallyOnset(before, { time: reading.time, holds }, tally);
}

/** One threshold of a rule, and the state of its alarm with the newest value taken in. */
export interface At {
  readonly rule: BoundRule;
  readonly threshold: BoundThreshold;
  readonly state: AlarmState;
  /** Position of the threshold. */
  readonly at: number;
}

/** What an event says of a condition: it holds, it is in the dead band, it has ended; as before, or nothing at all. */
export type Verdict = "raise" | "band" | "clear" | "same" | "none";

/** What an event says of one threshold. */
export function judge({ threshold, state, rule, at }: At, event: AlarmEvent): Verdict {
  const { condition, tally } = threshold;
  if (condition.kind === "stale") return arrivalOf(event) - state.good >= condition.afterMs ? "raise" : "clear";
  if (Number.isNaN(state.value) || (condition.kind === "means" && condition.silent.includes(state.value))) return "none";
  if (tally !== undefined)
    return judgeTally({ threshold, tally, trace: state.tallies?.[at], valid: isValid(rule, state, event) }, event.time);
  if (event.kind !== "reading") return "same";
  return compare(threshold, isRate(condition) ? rateAt(state, at) : state.value);
}

interface Tallied {
  readonly threshold: BoundThreshold;
  readonly tally: TallyRule;
  readonly trace: TallyTrace | undefined;
  readonly valid: boolean;
}

function judgeTally({ threshold, tally, trace, valid }: Tallied, time: number): Verdict {
  if (trace === undefined || !valid) return "none";
  if (fullUntil(trace, tally) > time) return "raise";
  return threshold.condition.kind !== "changes" && trace.held ? "band" : "clear";
}

function isValid(rule: BoundRule, state: AlarmState, event: AlarmEvent): boolean {
  return event.time <= state.time + rule.validMs;
}

/** Past its validity when it arrived: it may end an alarm, and raises none. */
export function isHistory(rule: BoundRule, event: AlarmEvent & { kind: "reading" }): boolean {
  return event.now !== undefined && event.now > event.time + rule.validMs;
}

function arrivalOf(event: AlarmEvent): number {
  return event.kind === "reading" && event.now !== undefined ? Math.max(event.now, event.time) : event.time;
}

/** What a value (or its rate) says of the condition. */
function compare({ condition, state }: BoundThreshold, value: number): Verdict {
  if (Number.isNaN(value)) return "none";
  switch (condition.kind) {
    case "above":
      if (condition.inclusive ? value >= condition.limit : value > condition.limit) return "raise";
      return condition.clear === undefined || value <= condition.clear ? "clear" : "band";
    case "below":
      if (condition.inclusive ? value <= condition.limit : value < condition.limit) return "raise";
      return condition.clear === undefined || value >= condition.clear ? "clear" : "band";
    case "outside":
      if (value < condition.low || value > condition.high) return "raise";
      return value >= condition.clearLow && value <= condition.clearHigh ? "clear" : "band";
    case "rate_above":
      if (value > condition.limit) return "raise";
      return value <= (condition.clear ?? condition.limit) ? "clear" : "band";
    case "rate_below":
      if (value < condition.limit) return "raise";
      return value >= (condition.clear ?? condition.limit) ? "clear" : "band";
    case "is":
      return value === state ? "raise" : "clear";
    case "is_not":
      // A state that the series does not have says nothing: the alarm would be on for ever.
      return state !== undefined && value !== state ? "raise" : "clear";
    case "means":
      return condition.states.includes(value) || condition.worse.includes(value) ? "raise" : "clear";
    case "changes":
    case "stale":
      return "none";
  }
}
