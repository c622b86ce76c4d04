import { Settings } from "luxon";
import { afterEach, expect, test } from "vitest";
import { instantOf, localOf } from "../../config/local-time.ts";

afterEach(() => {
  Settings.now = Date.now;
});

const local = (text: string): number => Date.parse(`${text}Z`);

const cases: readonly (readonly [what: string, zone: string, local: string, instant: string])[] = [
  ["winter", "Europe/Prague", "2026-01-05T06:00", "2026-01-05T05:00Z"],
  ["summer", "Europe/Prague", "2026-07-06T06:00", "2026-07-06T04:00Z"],
  ["skipped in March: the moment of the change", "Europe/Prague", "2026-03-29T02:30", "2026-03-29T01:00Z"],
  ["the end of what is skipped", "Europe/Prague", "2026-03-29T03:00", "2026-03-29T01:00Z"],
  ["repeated in October: the first of the two", "Europe/Prague", "2026-10-25T02:30", "2026-10-25T00:30Z"],
  ["the end of what is repeated", "Europe/Prague", "2026-10-25T03:00", "2026-10-25T02:00Z"],
  ["half an hour of summer time", "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30Z"],
  ["a day that never was", "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z"],
  ["no change of clocks", "UTC", "2026-03-29T02:30", "2026-03-29T02:30Z"],
  ["a quarter of an hour", "Asia/Kathmandu", "2026-03-29T02:30", "2026-03-28T20:45Z"],
];

// Luxon itself answers a repeated time by the season of the day on which it is asked.
test.each(["2026-01-15T12:00Z", "2026-07-15T12:00Z"])("local times, asked on %s", (asked) => {
  Settings.now = () => Date.parse(asked);
  for (const [what, zone, text, instant] of cases)
    expect([what, new Date(instantOf(local(text), zone)).toISOString()]).toEqual([what, new Date(Date.parse(instant)).toISOString()]);
});

test("a moment's local time", () => {
  expect(new Date(localOf(Date.parse("2026-07-06T04:00Z"), "Europe/Prague")).toISOString()).toBe("2026-07-06T06:00:00.000Z");
});
