import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { burnFactor, burnRates, lastOf, rulesOf, usualRules } from "../../../collector/slo/burn.ts";
import { codeOf, unseen } from "../../../collector/slo/state.ts";
import { Timeline } from "../../../collector/slo/timeline.ts";
import { compileCalendar, type Span } from "../../../config/calendar.ts";
import { highestBurn, type Slo } from "../../../config/slo.ts";
import { parseDuration } from "../../../config/values.ts";
import { MAJOR } from "../../../core/level.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 30, 12);

interface SlothWindow {
  readonly errorBudgetPercent: number;
  readonly shortWindow: string;
  readonly longWindow: string;
}
interface Sloth {
  readonly windows: Readonly<
    Record<string, { page: { quick: SlothWindow; slow: SlothWindow }; ticket: { quick: SlothWindow; slow: SlothWindow } }>
  >;
  readonly expected: readonly { period: string; objective: number; factors: readonly number[]; error_budget_pct: number }[];
}
const slothFile = new URL("../../../../shared/data/alarms/sloth_burnrate.json", import.meta.url);
const sloth: Sloth = existsSync(slothFile) ? JSON.parse(readFileSync(slothFile, "utf8")) : { windows: {}, expected: [] };
const ms = (text: string): number => parseDuration(text) ?? Number.NaN;

describe.skipIf(!existsSync(slothFile))("the usual rules are Sloth's (needs ../shared/data)", () => {
  test.each(sloth.expected)("$period at $objective %", ({ period, objective, factors }) => {
    const rules = rulesOf({ target: objective / 100, windowMs: ms(period) });
    expect(rules.map(({ factor }) => Number(factor.toPrecision(10)))).toEqual(factors.map((factor) => Number(factor.toPrecision(10))));
    const { page, ticket } = sloth.windows[period] ?? { page: undefined, ticket: undefined };
    const windows = [page?.quick, page?.slow, ticket?.quick, ticket?.slow];
    expect(rules.map(({ longMs, shortMs }) => [longMs, shortMs])).toEqual(
      windows.map((window) => [ms(window?.longWindow ?? ""), ms(window?.shortWindow ?? "")]),
    );
    for (const [i, window] of windows.entries()) {
      const factor = burnFactor((window?.errorBudgetPercent ?? 0) / 100, ms(period), ms(window?.longWindow ?? ""));
      expect(factor).toBeCloseTo(factors[i] ?? 0, 9);
    }
  });

  test("a period that Sloth has no windows for scales them and keeps the factors", () => {
    const rules = usualRules(90 * day);
    expect(rules.map(({ factor }) => Number(factor.toPrecision(6)))).toEqual([14.4, 6, 3, 1]);
    expect(rules.map(({ longMs }) => longMs / hour)).toEqual([3, 18, 72, 216]);
  });
});

test("no usual rule is silently dead, whatever the target", () => {
  for (let percent = 1; percent < 1000; percent++) {
    const target = percent / 1000;
    for (const [i, rule] of rulesOf({ target, windowMs: 30 * day }).entries()) {
      const usual = usualRules(30 * day)[i] ?? rule;
      expect(rule.factor).toBeLessThan(highestBurn(target));
      // The same share of the budget: what the factor loses the window gains.
      expect(rule.factor * rule.longMs).toBeCloseTo(usual.factor * usual.longMs, 3);
    }
  }
  expect(rulesOf({ target: 0.9, windowMs: 30 * day })[0]).toMatchObject({ factor: 7.2, longMs: 2 * hour, shortMs: 10 * minute });
});

const slo: Slo = { target: 0.99, level: "major", windowMs: 30 * day, minScheduledMs: 5 * minute };
const always: readonly Span[] = [{ from: now - 30 * day, to: now }];
const ok = codeOf(0, 0, 0);
const down = codeOf(3, 3, 3);

/** ok for a month, but for these: [minutes before now, for how many minutes, state]. */
function timelineOf(...troubles: readonly (readonly [before: number, minutes: number, code: number])[]): Timeline {
  const timeline = new Timeline();
  timeline.note(now - 40 * day, ok);
  for (const [before, minutes, code] of troubles) {
    timeline.note(now - before * minute, code);
    timeline.note(now - (before - minutes) * minute, ok);
  }
  return timeline;
}

const firing = (timeline: Timeline, spans = always, of: Slo = slo): string[] =>
  burnRates({ timeline, spans, slo: of, level: MAJOR })
    .filter((rate) => rate.firing)
    .map(({ rule }) => String(Number(rule.factor.toPrecision(6))));

describe("a rule fires while long and short window are above its factor", () => {
  const cases: readonly (readonly [what: string, timeline: Timeline, fired: readonly string[]])[] = [
    ["all is good", timelineOf(), []],
    // 1 % of an hour is 36 s: 14.4 times that is 8 min 38 s.
    ["8 min: not yet 14.4 over an hour", timelineOf([8, 8, down]), []],
    ["9 min: 14.4 over an hour and five minutes", timelineOf([9, 9, down]), ["14.4"]],
    ["9 min that ended 6 min ago: the short window lets go", timelineOf([15, 9, down]), []],
    ["30 min: 6 over six hours is 21 min 36 s", timelineOf([30, 30, down]), ["14.4", "6"]],
    ["45 min: 3 over a day and 1 over three are 43 min 12 s", timelineOf([45, 45, down]), ["14.4", "6", "3", "1"]],
    ["45 min of planned work", timelineOf([45, 45, codeOf(3, 3, 0)]), []],
    ["45 min of not knowing: what pages is known", timelineOf([45, 45, unseen]), []],
    ["two days of a slow leak, 1 min in an hour", timelineOf(...leak(48, 1.4)), ["1"]],
  ];
  test.each(cases)("%s", (_what, timeline, fired) => {
    expect(firing(timeline)).toEqual(fired);
  });
});

function leak(hours: number, minutes: number): (readonly [number, number, number])[] {
  return Array.from({ length: hours }, (_, i) => [(hours - i) * 60, minutes, down] as const);
}

describe("windows are scheduled time", () => {
  const schedule = compileCalendar({ zone: "UTC", open: ["Mon-Fri 06:00-22:00"], except: [] });
  const monday = Date.UTC(2026, 10, 30, 6, 6);
  const spans = schedule.spans(monday - 30 * day, monday);

  test("the last two hours on Monday at 06:06 are mostly Friday's", () => {
    const iso = lastOf(spans, 2 * hour).map(({ from, to }) => `${new Date(from).toISOString()} ${(to - from) / minute}`);
    expect(iso).toEqual(["2026-11-27T20:06:00.000Z 114", "2026-11-30T06:00:00.000Z 6"]);
  });

  test("six minutes after a weekend are no burnt hour; nor does downtime of the weekend count", () => {
    const timeline = new Timeline();
    timeline.note(monday - 40 * day, ok);
    timeline.note(Date.UTC(2026, 10, 28), down);
    const [rate] = burnRates({ timeline, spans, slo, level: MAJOR });
    expect(rate?.long).toBeCloseTo(6 / 60 / 0.01);
    expect(rate?.short).toBeCloseTo(100);
    expect(rate?.firing).toBe(false);
  });

  test("too little scheduled time says nothing", () => {
    const little = [{ from: now - 4 * minute, to: now }];
    const rates = burnRates({ timeline: timelineOf([60, 60, down]), spans: little, slo, level: MAJOR });
    expect(rates.map(({ long, firing: fires }) => [long, fires])).toEqual(rates.map(() => [null, false]));
    expect(burnRates({ timeline: new Timeline(), spans: [], slo, level: MAJOR }).every(({ long }) => long === null)).toBe(true);
  });
});

test("rules of config take the place of the usual ones", () => {
  const own: Slo = { ...slo, burn: [{ factor: 99, longMs: 10 * minute, shortMs: minute, level: "critical" }] };
  expect(firing(timelineOf([9, 9, down]), always, own)).toEqual([]);
  expect(firing(timelineOf([10, 10, down]), always, own)).toEqual(["99"]);
});
