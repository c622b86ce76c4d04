import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCalendar } from "../../config/calendar.ts";
import { openingOf, spanAtOrAfter } from "../../config/opening.ts";

const iso = (time: number | undefined): string | undefined => (time === undefined ? undefined : new Date(time).toISOString().slice(0, 16));
const week = (open: readonly string[], zone = "UTC", except: readonly string[] = []) => compileCalendar({ zone, open, except });
const span = (of: ReturnType<typeof week>, at: string) => {
  const found = spanAtOrAfter(of, Date.parse(`${at}Z`));
  return [iso(found?.from), iso(found?.to)];
};

describe("hours of a week", () => {
  // 2026-11-29 is a Sunday.
  it.each([
    ["2026-11-29T21:59", ["2026-11-29T22:00", "2026-11-30T02:00"]],
    ["2026-11-29T22:00", ["2026-11-29T22:00", "2026-11-30T02:00"]],
    ["2026-11-30T01:59", ["2026-11-29T22:00", "2026-11-30T02:00"]],
    ["2026-11-30T02:00", ["2026-12-06T22:00", "2026-12-07T02:00"]],
  ])("Sun 22:00-02:00 at %s", (at, expected) => expect(span(week(["Sun 22:00-02:00"]), at)).toEqual(expected));

  it.each([
    // The night in which summer time ends is an hour longer, the one in which it begins an hour shorter.
    ["2026-10-24T23:00", ["2026-10-24T20:00", "2026-10-25T05:00"]],
    ["2026-03-28T22:00", ["2026-03-28T21:00", "2026-03-29T04:00"]],
  ])("Sat 22:00-06:00 in Prague at %s", (at, expected) => expect(span(week(["Sat 22:00-06:00"], "Europe/Prague"), at)).toEqual(expected));

  it("a shift that begins on a day that is excepted does not take place; one that only ends there does", () => {
    const shifts = week(["Mon-Sun 22:00-06:00"], "UTC", ["2026-12-24..2026-12-25"]);
    expect(span(shifts, "2026-12-24T01:00")).toEqual(["2026-12-23T22:00", "2026-12-24T06:00"]);
    expect(span(shifts, "2026-12-24T07:00")).toEqual(["2026-12-26T22:00", "2026-12-27T06:00"]);
  });

  it("asked each time or remembered, the answer is the same", () => {
    const shifts = week(["Mon-Fri 06:00-14:00", "Mon-Sun 22:00-06:00"], "Europe/Prague", ["2026-12-24"]);
    const opening = openingOf(shifts);
    const start = Date.UTC(2026, 9, 23);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90 * 24 * 60 }), { minLength: 1, maxLength: 30 }), (minutes) => {
        for (const minute of minutes.sort((a, b) => a - b)) {
          const now = start + minute * 60_000;
          const found = spanAtOrAfter(shifts, now);
          expect(opening(now)).toBe(found !== undefined && found.from <= now);
        }
      }),
    );
  });
});
