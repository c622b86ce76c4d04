import { afterEach, expect, test, vi } from "vitest";
import { clockTime, duration, fullTime, weekdayTime, zoneText } from "../../web/time.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  [-5, "0 s"],
  [999, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [3_900_000, "1 h 5 min"],
  [86_400_000, "1 d"],
  [273_600_000, "3 d 4 h"],
])("%d ms is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("a time of today is given to the second, another day's with its date", () => {
  const now = new Date(2026, 0, 5, 14, 3, 12).getTime();
  expect(clockTime(now, now)).toBe("14:03:12");
  expect(clockTime(now - 86_400_000, now)).toBe("2026-01-04 14:03");
  expect(fullTime(now)).toMatch(/^2026-01-05 14:03:12 UTC/);
  expect(weekdayTime(now, now)).toBe("14:03");
  expect(weekdayTime(now, now - 86_400_000)).toBe("Mon 14:03");
});

// The hour that the end of summer time repeats is told apart by its offset alone.
test.each([
  ["UTC", "2026-10-25T00:30:00Z", "2026-10-25 00:30:00 UTC"],
  ["Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00 UTC+2"],
  ["Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00 UTC+1"],
  ["America/New_York", "2026-11-01T05:30:00Z", "2026-11-01 01:30:00 UTC−4"],
  ["America/New_York", "2026-11-01T06:30:00Z", "2026-11-01 01:30:00 UTC−5"],
  ["Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-05 01:45:00 UTC+11"],
  ["Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-05 01:45:00 UTC+10:30"],
  ["Asia/Kathmandu", "2026-06-01T00:00:00Z", "2026-06-01 05:45:00 UTC+5:45"],
])("in %s %s is %s", (zone, time, text) => {
  vi.stubEnv("TZ", zone);
  expect(fullTime(Date.parse(time))).toBe(text);
  expect(text.endsWith(zoneText(Date.parse(time)))).toBe(true);
});
