import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aroundTheClock,
  type CalendarLines,
  compileCalendar,
  monthOf,
  parseOpenHours,
  periodSpan,
  type Span,
} from "../../config/calendar.ts";

const hour = 3_600_000;
const at = (text: string): number => Date.parse(text);
const iso = (spans: readonly Span[]): string[] => spans.map(({ from, to }) => `${short(from)} ${short(to)}`);
const short = (time: number): string => new Date(time).toISOString().slice(0, 16);
const prague = (open: readonly string[], except: readonly string[] = []): CalendarLines => ({ zone: "Europe/Prague", open, except });
const hoursOf = (spans: readonly Span[]): number => spans.reduce((sum, { from, to }) => sum + (to - from), 0) / hour;

describe("spans of a calendar", () => {
  const cases: readonly { what: string; lines: CalendarLines; from: string; to: string; spans: readonly string[] }[] = [
    {
      what: "two shifts that touch are one span",
      lines: prague(["Mon-Fri 06:00-14:00,14:00-22:00"]),
      from: "2026-11-06T00:00Z",
      to: "2026-11-09T12:00Z",
      spans: ["2026-11-06T05:00 2026-11-06T21:00", "2026-11-09T05:00 2026-11-09T12:00"],
    },
    {
      what: "a break between two ranges of a day",
      lines: prague(["Mon 06:00-10:00,10:30-14:00"]),
      from: "2026-11-02T00:00Z",
      to: "2026-11-03T00:00Z",
      spans: ["2026-11-02T05:00 2026-11-02T09:00", "2026-11-02T09:30 2026-11-02T13:00"],
    },
    {
      what: "a shift over midnight is there when the period begins within it",
      lines: prague(["Sun-Thu 22:00-06:00"]),
      from: "2026-11-03T01:00Z",
      to: "2026-11-03T22:00Z",
      spans: ["2026-11-03T01:00 2026-11-03T05:00", "2026-11-03T21:00 2026-11-03T22:00"],
    },
    {
      what: "the night into summer time has 7 hours",
      lines: prague(["Sat 22:00-06:00"]),
      from: "2026-03-28T00:00Z",
      to: "2026-03-30T00:00Z",
      spans: ["2026-03-28T21:00 2026-03-29T04:00"],
    },
    {
      what: "the night out of summer time has 9 hours",
      lines: prague(["Sat 22:00-06:00"]),
      from: "2026-10-24T00:00Z",
      to: "2026-10-26T00:00Z",
      spans: ["2026-10-24T20:00 2026-10-25T05:00"],
    },
    {
      what: "the clock's hours stay the same after the change (Zabbix steps by 604,800 s and is an hour off)",
      lines: prague(["Mon 06:00-14:00"]),
      from: "2026-03-23T00:00Z",
      to: "2026-04-01T00:00Z",
      spans: ["2026-03-23T05:00 2026-03-23T13:00", "2026-03-30T04:00 2026-03-30T12:00"],
    },
    {
      what: "a range within the hour that is skipped is empty, one around it shorter",
      lines: prague(["Sun 02:15-02:45,01:30-03:30"]),
      from: "2026-03-29T00:00Z",
      to: "2026-03-30T00:00Z",
      spans: ["2026-03-29T00:30 2026-03-29T01:30"],
    },
    {
      what: "an exception closes what begins on its days, past midnight too, and nothing that began before",
      lines: prague(["Mon-Sun 22:00-06:00"], ["2026-12-24..2026-12-25"]),
      from: "2026-12-23T12:00Z",
      to: "2026-12-27T12:00Z",
      spans: ["2026-12-23T21:00 2026-12-24T05:00", "2026-12-26T21:00 2026-12-27T05:00"],
    },
    {
      what: "days of a week that go over its end, and 24:00",
      lines: { zone: "UTC", open: ["Sat-Mon 00:00-24:00"], except: [] },
      from: "2026-11-06T12:00Z",
      to: "2026-11-11T00:00Z",
      spans: ["2026-11-07T00:00 2026-11-10T00:00"],
    },
    {
      what: "overlapping ranges count once",
      lines: { zone: "UTC", open: ["Mon 06:00-14:00", "Mon,Tue 12:00-16:00"], except: [] },
      from: "2026-11-02T00:00Z",
      to: "2026-11-04T00:00Z",
      spans: ["2026-11-02T06:00 2026-11-02T16:00", "2026-11-03T12:00 2026-11-03T16:00"],
    },
  ];
  test.each(cases)("$what", ({ lines, from, to, spans }) => {
    expect(iso(compileCalendar(lines).spans(at(from), at(to)))).toEqual(spans);
  });

  test("a year of three shifts around the clock is the year", () => {
    const schedule = compileCalendar(prague(["Mon-Sun 06:00-14:00,14:00-22:00,22:00-06:00"]));
    const year = periodSpan("2026-01-01..2026-12-31", "Europe/Prague") ?? { from: 0, to: 0 };
    expect(schedule.spans(year.from, year.to)).toEqual([year]);
    expect(hoursOf(schedule.shifts(year.from, year.to))).toBe(365 * 24);
  });
});

test("shifts are named by their hours and listed under the day on which they began", () => {
  const schedule = compileCalendar(prague(["Mon 06:00-14:00,22:00-06:00"]));
  const shifts = schedule.shifts(at("2026-11-02T00:00Z"), at("2026-11-04T00:00Z"));
  expect(shifts.map(({ day, shift }) => `${day} ${shift}`)).toEqual(["2026-11-02 06:00-14:00", "2026-11-02 22:00-06:00"]);
});

test("around the clock there is one span, and a shift a day", () => {
  const schedule = aroundTheClock("Europe/Prague");
  const month = periodSpan("2026-10", "Europe/Prague") ?? { from: 0, to: 0 };
  expect(schedule.spans(month.from, month.to)).toEqual([month]);
  expect(schedule.shifts(month.from, month.to)).toHaveLength(31);
  expect(schedule.spans(5, 5)).toEqual([]);
});

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((m) => `${String(Math.floor(m / 60)).padStart(2, "0")}:${String(m % 60).padStart(2, "0")}`);
const days = fc.constantFrom("Mon", "Mon-Fri", "Sat,Sun", "Fri-Mon", "Mon-Sun");
const line = fc
  .tuple(days, time, time)
  .filter(([, from, to]) => from !== to)
  .map(([which, from, to]) => `${which} ${from}-${to}`);
const calendars = fc.record({
  zone: fc.constantFrom("Europe/Prague", "UTC", "America/New_York", "Australia/Lord_Howe"),
  open: fc.array(line, { minLength: 1, maxLength: 3 }),
  except: fc.constant(["2026-10-23..2026-10-24"]),
});
const moment = fc.integer({ min: at("2026-10-20T00:00Z"), max: at("2026-11-10T00:00Z") });

test("spans are in order, apart, within the period, and do not depend on where it is cut", () => {
  fc.assert(
    fc.property(calendars, moment, moment, moment, (lines, a, b, c) => {
      const [from = 0, cut = 0, to = 0] = [a, b, c].sort((x, y) => x - y);
      const schedule = compileCalendar(lines);
      const whole = schedule.spans(from, to);
      for (const [i, span] of whole.entries()) {
        expect(span.to).toBeGreaterThan(span.from);
        expect(span.from).toBeGreaterThanOrEqual(i === 0 ? from : (whole[i - 1]?.to ?? 0) + 1);
        expect(span.to).toBeLessThanOrEqual(to);
      }
      expect(hoursOf(schedule.spans(from, cut)) + hoursOf(schedule.spans(cut, to))).toBeCloseTo(hoursOf(whole), 9);
    }),
    { numRuns: 200 },
  );
});

test("what is open says the clock on the wall", () => {
  const schedule = compileCalendar(prague(["Mon-Fri 06:00-14:00", "Sun-Thu 22:00-06:00"]));
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Prague", weekday: "short", hour: "2-digit", minute: "2-digit" });
  fc.assert(
    fc.property(moment, (when) => {
      const [weekday = "", wall = ""] = clock.format(when).replace(",", "").split(" ");
      const before = { Mon: "Sun", Tue: "Mon", Wed: "Tue", Thu: "Wed", Fri: "Thu", Sat: "Fri", Sun: "Sat" }[weekday] ?? "";
      const early = /Mon|Tue|Wed|Thu|Fri/.test(weekday) && wall >= "06:00" && wall < "14:00";
      const night = (/Sun|Mon|Tue|Wed|Thu/.test(weekday) && wall >= "22:00") || (/Sun|Mon|Tue|Wed|Thu/.test(before) && wall < "06:00");
      expect(schedule.spans(when, when + 1).length > 0).toBe(early || night);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["2026-11", "2026-10-31T23:00 2026-11-30T23:00"],
  ["2026-10", "2026-09-30T22:00 2026-10-31T23:00"],
  ["2026-03-29", "2026-03-28T23:00 2026-03-29T22:00"],
  ["2026-11-02..2026-11-08", "2026-11-01T23:00 2026-11-08T23:00"],
  ["2026-13", undefined],
  ["2026-02-30", undefined],
  ["November", undefined],
  ["2026-11-08..2026-11-02", undefined],
])("period %s", (text, span) => {
  const found = periodSpan(text, "Europe/Prague");
  expect(found === undefined ? undefined : iso([found])[0]).toBe(span);
});

test("the month of a moment is that of the zone", () => {
  expect(monthOf(at("2026-11-30T23:30Z"), "Europe/Prague")).toBe("2026-12");
  expect(monthOf(at("2026-11-30T23:30Z"), "UTC")).toBe("2026-11");
  expect(monthOf(at("2026-01-10T00:00Z"), "UTC", 1)).toBe("2025-12");
});

test("any text as open hours is understood or told what is wrong", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const found = parseOpenHours(text);
      expect(typeof found === "string" ? found.length : found.ranges.length).toBeGreaterThan(0);
    }),
  );
});
