import { expect, test } from "vitest";
import { clockTime, duration, fullTime } from "../../web/time.ts";

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
  expect(fullTime(now)).toBe("2026-01-05 14:03:12");
});
