import type { RangeView, ThresholdView } from "../core/reading-view.ts";
import type { Scale } from "./units.ts";

/** Points of one series side by side, as uPlot takes them: s since epoch, and values in the unit shown; null is a gap. */
export interface ChartColumns {
  readonly time: number[];
  readonly min: (number | null)[];
  readonly mean: (number | null)[];
  readonly max: (number | null)[];
}

/** A horizontal line of the chart. */
export interface ThresholdLine {
  readonly value: number;
  readonly level: ThresholdView["level"];
  readonly text: string;
}

/** Points of the series with these labels, [time, min, mean, max] or [time, value, quality] in the base unit; none where there is no such series. */
export function pointsOf(range: RangeView, labels: Readonly<Record<string, string>>): RangeView["series"][number]["points"] {
  const wanted = canonical(labels);
  return range.series.find((series) => canonical(series.labels) === wanted)?.points ?? [];
}

function canonical(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Largest absolute value of points and thresholds: one unit serves the whole chart. */
export function magnitudeOf(
  points: RangeView["series"][number]["points"],
  thresholds: readonly ThresholdView[],
  latest: number | null,
): number {
  let size = Math.abs(latest ?? 0);
  for (const point of points) for (let i = 1; i < point.length; i++) size = Math.max(size, Math.abs(Number(point[i] ?? 0)) || 0);
  for (const { value, condition } of thresholds) if (isLimit(condition)) size = Math.max(size, Math.abs(value ?? 0));
  return size;
}

/** How much longer than expected values stay away before the line ends: what was lost, or never read, is not drawn as if it were known. */
const missedRounds = 3;

/** `everyMs`: how often a value is expected; a longer silence is a gap. */
export function columnsOf(points: RangeView["series"][number]["points"], scale: Scale, everyMs: number): ChartColumns {
  const columns: ChartColumns = { time: [], min: [], mean: [], max: [] };
  const longest = missedRounds * Math.max(everyMs, usualStep(points));
  let before = Number.POSITIVE_INFINITY;
  for (const [time, first, second, third] of points) {
    if (typeof time !== "number") continue;
    if (time - before > longest) pushGap(columns, (before + time) / 2000);
    before = time;
    const [min, mean, max] = third === undefined ? [first, first, first] : [first, second, third];
    columns.time.push(time / 1000);
    columns.min.push(shown(min, scale));
    columns.mean.push(shown(mean, scale));
    columns.max.push(shown(max, scale));
  }
  return columns;
}

/** Middle of the steps between points, ms: those of a long span stand for a stretch each. */
function usualStep(points: RangeView["series"][number]["points"]): number {
  const steps = points.slice(1).map(([time], at) => Number(time) - Number(points[at]?.[0]));
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}

function pushGap(columns: ChartColumns, time: number): void {
  columns.time.push(time);
  for (const line of [columns.min, columns.mean, columns.max]) line.push(null);
}

function shown(value: number | string | null | undefined, { factor, offset }: Scale): number | null {
  return typeof value === "number" ? value * factor + offset : null;
}

/** Adds a newer value (null: a gap) and drops what is older than `from`, s; what is not newer changes nothing. */
export function append(columns: ChartColumns, reading: { time: number; value: number | null }, scale: Scale, from: number): ChartColumns {
  const time = reading.time / 1000;
  if (time <= (columns.time.at(-1) ?? 0)) return columns;
  const value = shown(reading.value, scale);
  const first = columns.time.findIndex((each) => each >= from);
  const keep = <T>(all: readonly T[], last: T): T[] => [...(first < 0 ? [] : all.slice(first)), last];
  return {
    time: keep(columns.time, time),
    min: keep(columns.min, value),
    mean: keep(columns.mean, value),
    max: keep(columns.max, value),
  };
}

function isLimit(condition: ThresholdView["condition"]): boolean {
  return condition === "above" || condition === "below";
}

/** Limits that are lines: `critical above 85 °C`. */
export function thresholdLines(thresholds: readonly ThresholdView[], scale: Scale, format: (value: number) => string): ThresholdLine[] {
  return thresholds.flatMap(({ value, condition, level }) => {
    const at = shown(value, scale);
    if (at === null || !isLimit(condition)) return [];
    return [{ value: at, level, text: `${level} ${condition} ${format(at)}${scale.unit === "" ? "" : ` ${scale.unit}`}` }];
  });
}
