import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, parseState, stateText, unseen } from "../../../collector/slo/state.ts";
import { budgetOf, costOf, coverageOf, sliOf, type Tally, tally } from "../../../collector/slo/tally.ts";
import { Timeline } from "../../../collector/slo/timeline.ts";
import { compileCalendar } from "../../../config/calendar.ts";
import type { Level } from "../../../core/level.ts";

const hour = 3_600_000;
const nothing: Tally = { scheduled: 0, outside: 0, good: 0, down: 0, planned: 0, unknown: 0 };

describe("how a moment counts", () => {
  const cases: readonly (readonly [low: Level, high: Level, unplanned: Level, level: Level, kind: keyof Tally])[] = [
    [0, 0, 0, 2, "good"],
    [1, 1, 1, 2, "good"],
    [1, 1, 1, 1, "down"],
    [2, 2, 2, 2, "down"],
    [3, 3, 3, 2, "down"],
    [0, 3, 0, 2, "unknown"],
    [0, 1, 0, 2, "good"],
    [2, 3, 2, 3, "unknown"],
    [2, 3, 2, 2, "down"],
    [3, 3, 0, 2, "planned"],
    [3, 3, 1, 2, "planned"],
    [3, 3, 2, 2, "down"],
    [3, 3, 2, 3, "planned"],
    [2, 3, 0, 2, "planned"],
  ];
  test.each(cases)("low %i, high %i, unplanned %i at level %i: %s", (low, high, unplanned, level, kind) => {
    const timeline = new Timeline();
    timeline.note(0, codeOf(low, high, unplanned));
    const sums = tally(timeline, { from: 0, to: 10, spans: [{ from: 2, to: 9 }], level });
    expect(sums).toEqual({ ...nothing, scheduled: 7, outside: 3, [kind]: 7 });
  });

  test("a state reads as it was written", () => {
    for (let code = 0; code < 64; code++) expect(parseState(stateText(code))).toBe(code);
    for (const text of ["", "4", "400", "0000", "alive"]) expect(parseState(text)).toBeUndefined();
  });
});

describe("what is made of it", () => {
  const sums: Tally = { scheduled: 100 * hour, outside: 68 * hour, good: 90 * hour, down: 3 * hour, planned: 5 * hour, unknown: 2 * hour };

  test("the SLI leaves planned work out, and unknown time makes it a range", () => {
    expect(sliOf(sums)).toEqual({ low: 90 / 95, high: 92 / 95 });
    expect(coverageOf(sums)).toBe(0.98);
    expect(sliOf(nothing)).toBeNull();
    expect(coverageOf(nothing)).toBe(1);
  });

  test("the budget is that of scheduled time without planned work", () => {
    const { total, spent, remaining } = budgetOf(sums, 0.9, sums.scheduled);
    expect(total).toBeCloseTo(9.5 * hour);
    expect(spent).toEqual({ low: 3 * hour, high: 5 * hour });
    expect(remaining?.high).toBeCloseTo(1 - 3 / 9.5);
    expect(remaining?.low).toBeCloseTo(1 - 5 / 9.5);
    expect(budgetOf(nothing, 0.9, 0).remaining).toBeNull();
  });

  test("only unplanned downtime within the calendar costs, to the cent", () => {
    expect(costOf(sums, 4000)).toEqual({ low: 12_000, high: 20_000 });
    expect(costOf({ ...nothing, down: 1000 }, 10)).toEqual({ low: 0, high: 0 });
    expect(costOf({ ...nothing, down: 10_000 }, 10)).toEqual({ low: 0.03, high: 0.03 });
  });
});

const schedule = compileCalendar({ zone: "Europe/Prague", open: ["Mon-Fri 06:00-14:00", "Sun-Thu 22:00-06:00"], except: ["2026-10-28"] });
const start = Date.UTC(2026, 9, 19);
const moment = fc.integer({ min: start, max: start + 14 * 24 * hour });
const code = fc.oneof(
  fc.constant(unseen),
  fc.tuple(level(), level(), level()).map(([a, b, c]) => codeOf(min(a, b), max(a, b), min(c, a, b))),
);
const transitions = fc.array(fc.tuple(moment, code), { maxLength: 60 });

function level() {
  return fc.constantFrom<Level>(0, 1, 2, 3);
}
const min = (...levels: Level[]): Level => Math.min(...levels) as Level;
const max = (...levels: Level[]): Level => Math.max(...levels) as Level;

function timelineOf(all: readonly (readonly [number, number])[]): Timeline {
  const timeline = new Timeline();
  for (const [time, state] of [...all].sort((a, b) => a[0] - b[0])) timeline.note(time, state);
  return timeline;
}

test("a period cut in two has the sums of the whole; low <= high; coverage within 0..1", () => {
  fc.assert(
    fc.property(transitions, moment, moment, moment, fc.constantFrom<Level>(1, 2, 3), (all, a, b, c, at) => {
      const [from = 0, cut = 0, to = 0] = [a, b, c].sort((x, y) => x - y);
      const timeline = timelineOf(all);
      const of = (left: number, right: number): Tally =>
        tally(timeline, { from: left, to: right, spans: schedule.spans(left, right), level: at });
      const whole = of(from, to);
      const [left, right] = [of(from, cut), of(cut, to)];
      for (const key of Object.keys(nothing) as (keyof Tally)[]) expect(left[key] + right[key]).toBe(whole[key]);
      expect(whole.good + whole.down + whole.planned + whole.unknown).toBe(whole.scheduled);
      expect(whole.scheduled + whole.outside).toBe(to - from);
      const sli = sliOf(whole);
      if (sli !== null) expect(0 <= sli.low && sli.low <= sli.high && sli.high <= 1).toBe(true);
      expect(coverageOf(whole)).toBeGreaterThanOrEqual(0);
      expect(coverageOf(whole)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});

test("a higher level never counts as more downtime", () => {
  fc.assert(
    fc.property(transitions, (all) => {
      const timeline = timelineOf(all);
      const from = start;
      const to = start + 14 * 24 * hour;
      const spans = schedule.spans(from, to);
      const bad = ([1, 2, 3] as const).map((at) => {
        const { down, planned, unknown } = tally(timeline, { from, to, spans, level: at });
        return down + planned + unknown;
      });
      expect(bad[0]).toBeGreaterThanOrEqual(bad[1] ?? 0);
      expect(bad[1]).toBeGreaterThanOrEqual(bad[2] ?? 0);
    }),
  );
});

test("a year of transitions equals a count minute by minute", () => {
  const minute = 60_000;
  const from = Date.UTC(2026, 0, 1);
  const to = Date.UTC(2027, 0, 1);
  // xorshift: the same year in every run.
  let seed = 20_261_122;
  const random = (below: number): number => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % below;
  };
  const timeline = new Timeline();
  const states: { at: number; code: number }[] = [];
  for (let at = from + 40 * minute; at < to; at += (1 + random(600)) * minute) {
    const low = random(4) as Level;
    const state = codeOf(low, Math.max(low, random(4)) as Level, random(low + 1) as Level);
    timeline.note(at, state);
    states.push({ at, code: state });
  }
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/Prague",
    weekday: "short",
    day: "2-digit",
    month: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const counted = { ...nothing } as Record<keyof Tally, number>;
  let next = 0;
  let current = unseen;
  for (let at = from; at < to; at += minute) {
    while ((states[next]?.at ?? to) <= at) current = states[next++]?.code ?? unseen;
    const [weekday = "", date = "", wall = ""] = clock.format(at).replaceAll(",", "").split(" ");
    counted[isOpen(weekday, date, wall) ? kindOf(current) : "outside"] += minute;
  }
  const scheduled = counted.good + counted.down + counted.planned + counted.unknown;
  expect(tally(timeline, { from, to, spans: schedule.spans(from, to), level: 2 })).toEqual({ ...counted, scheduled });
  expect(states.length).toBeGreaterThan(1000);
});

/** The calendar above, told by the clock on the wall. The night shift of an exception's day reaches into the next. */
function isOpen(weekday: string, date: string, wall: string): boolean {
  const night = ["Sun", "Mon", "Tue", "Wed", "Thu"];
  const week = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const before = week[(week.indexOf(weekday) + 6) % 7] ?? "";
  if (wall < "06:00") return night.includes(before) && date !== "29/10";
  if (date === "28/10") return false;
  return wall >= "22:00" ? night.includes(weekday) : wall < "14:00" && weekday !== "Sat" && weekday !== "Sun";
}

function kindOf(state: number): keyof Tally {
  const text = stateText(state);
  if (Number(text[1]) < 2) return "good";
  if (Number(text[0]) < 2) return "unknown";
  return Number(text[2]) < 2 ? "planned" : "down";
}
