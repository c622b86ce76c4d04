import { expect, test } from "vitest";
import type { RangeView, ThresholdView } from "../../core/reading-view.ts";
import { append, columnsOf, magnitudeOf, pointsOf, thresholdLines } from "../../web/chart-data.ts";
import { formatNumber, scaleOf } from "../../web/units.ts";

const bar = scaleOf("Pa", "pressure_pascals", 7e5);
const limits: ThresholdView[] = [
  { alarm: "air-low", level: "critical", condition: "below", value: 6e5, clear: null },
  { alarm: "air-gone", level: "critical", condition: "stale", value: 60, clear: null },
  { alarm: "mode", level: "major", condition: "is", value: null, clear: null },
];

test("points become columns in the unit shown; a bad stretch is a gap", () => {
  const columns = columnsOf(
    [
      [1000, 6e5, 7e5, 8e5],
      [2000, null, null, null],
    ],
    bar,
    1000,
  );
  expect(columns.time).toEqual([1, 2]);
  expect(columns.mean[0]).toBeCloseTo(7, 9);
  expect([columns.min[1], columns.mean[1], columns.max[1]]).toEqual([null, null, null]);
});

test("a stretch without readings is a gap: what was lost is not drawn as if it were known", () => {
  const plain = { unit: "", factor: 1, offset: 0 };
  const times = (everyMs: number, ...at: number[]) =>
    columnsOf(
      at.map((time) => [time, 1, "Good"]),
      plain,
      everyMs,
    );
  expect(times(1000, 1000, 2000, 3000, 9000, 10_000)).toMatchObject({ time: [1, 2, 3, 6, 9, 10], mean: [1, 1, 1, null, 1, 1] });
  // Three rounds may be missed, and points of a long span are further apart than readings.
  expect(times(1000, 1000, 2000, 5000).time).toEqual([1, 2, 5]);
  expect(times(1000, 0, 60_000, 120_000, 180_000, 600_000).time).toEqual([0, 60, 120, 180, 390, 600]);
});

test("raw points have one value for all three", () => {
  const columns = columnsOf(
    [
      [1000, 2, "Good"],
      [2000, null, "BadTimeout"],
    ],
    { unit: "", factor: 1, offset: 0 },
    1000,
  );
  expect(columns).toEqual({ time: [1, 2], min: [2, null], mean: [2, null], max: [2, null] });
});

test("the series is found by its labels, in whatever order", () => {
  const series = (labels: Record<string, string>, value: number): RangeView["series"][number] => ({
    asset: "a",
    metric: "m",
    labels,
    unit: "1",
    points: [[1, value, value, value]],
  });
  const range = { series: [series({ a: "1", b: "2" }, 1), series({ a: "2" }, 2)] };
  expect(pointsOf(range, { b: "2", a: "1" })).toEqual([[1, 1, 1, 1]]);
  expect(pointsOf(range, { a: "3" })).toEqual([]);
});

test("newer values are added, older ones ignored, what has left the screen dropped", () => {
  const start = columnsOf(
    [
      [1000, 1, 1, 1],
      [2000, 2, 2, 2],
    ],
    { unit: "", factor: 1, offset: 0 },
    1000,
  );
  const scale = { unit: "", factor: 10, offset: 0 };
  expect(append(start, { time: 2000, value: 9 }, scale, 0)).toBe(start);
  expect(append(start, { time: 3000, value: 3 }, scale, 1.5)).toEqual({ time: [2, 3], min: [2, 30], mean: [2, 30], max: [2, 30] });
  expect(append(start, { time: 3000, value: null }, scale, 2.5).mean).toEqual([null]);
});

test("limits are lines in the unit shown; only above and below have a place on the axis", () => {
  expect(thresholdLines(limits, bar, formatNumber)).toEqual([
    { value: expect.closeTo(6, 9), level: "critical", text: "critical below 6 bar" },
  ]);
  expect(magnitudeOf([[1, 2, 3, -4]], limits, 5)).toBe(6e5);
  expect(magnitudeOf([[1, 2, 3, -4]], [], 3)).toBe(4);
});
