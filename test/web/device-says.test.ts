import { expect, test } from "vitest";
import type { ThresholdView } from "../../core/reading-view.ts";
import { allLimits, meaningOf } from "../../web/device-says.ts";

test("limits that a device names are shown beside those of alarms, each once", () => {
  const own: ThresholdView = { alarm: "hot", level: "critical", condition: "above", value: 85, clear: 80 };
  const limits = { lowWarning: 5, highWarning: 70, highCritical: 85 };
  expect(allLimits({ thresholds: [own], limits }).map(({ alarm, level, condition, value }) => [alarm, level, condition, value])).toEqual([
    ["hot", "critical", "above", 85],
    ["named by the device", "warning", "below", 5],
    ["named by the device", "warning", "above", 70],
  ]);
  expect(allLimits({ thresholds: [own] })).toEqual([own]);
});

test.each([
  [2, { 2: "critical" }, "critical"],
  [1, { 2: "critical" }, undefined],
  [null, { 2: "critical" }, undefined],
  [2, undefined, undefined],
] as const)("%j of %j means %j", (value, meanings, level) => {
  expect(meaningOf({ value, ...(meanings === undefined ? {} : { meanings }) })).toBe(level);
});
