import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { RangeView, ReadingView } from "../core/reading-view.ts";
import { append, type ChartColumns, columnsOf, magnitudeOf, pointsOf, thresholdLines } from "./chart-data.ts";
import { chartOptions } from "./chart-options.ts";
import { useRemote } from "./remote.ts";
import { collectorNow, usePlant } from "./store.ts";
import { useThemeVersion } from "./theme.ts";
import { clockTime } from "./time.ts";
import { formatNumber, type Scale, scaleOf } from "./units.ts";

export const spans = [
  { text: "15 min", minutes: 15 },
  { text: "1 h", minutes: 60 },
  { text: "6 h", minutes: 360 },
  { text: "24 h", minutes: 1440 },
] as const;

const height = 280;
const maxPoints = 600;

/** One series over time, with its alarm limits; newer values are added as they come. */
export function Chart({ reading, minutes }: { readonly reading: ReadingView; readonly minutes: number }): JSX.Element {
  const { live } = usePlant();
  const path = useRangePath(reading, minutes, useConnections(live));
  const { data, error } = useRemote<RangeView>(path, 0);
  const points = useMemo(() => (data === undefined ? undefined : pointsOf(data, reading.labels)), [data]);
  if (error !== undefined && points === undefined) return <p class="problem">No chart: {error.message}</p>;
  if (points === undefined) return <p class="chart-wait quiet">Loading…</p>;
  const magnitude = magnitudeOf(points, reading.thresholds, reading.value);
  const scale = reading.kind === "state" ? { unit: "", factor: 1, offset: 0 } : scaleOf(reading.unit, reading.metric, magnitude);
  return <Plot key={`${path} ${scale.unit}`} reading={reading} points={points} scale={scale} minutes={minutes} />;
}

/** How often the connection came back: what was missed is fetched then, and what is drawn stays until it has come. */
function useConnections(live: boolean): number {
  const [count, setCount] = useState(0);
  const before = useRef(live);
  useEffect(() => {
    if (live && !before.current) setCount((n) => n + 1);
    before.current = live;
  }, [live]);
  return count;
}

/** The request for what is on the screen; made anew when the span changes or the connection comes back. */
function useRangePath(reading: ReadingView, minutes: number, connections: number): string {
  return useMemo(() => {
    const to = Math.round(collectorNow());
    const query = new URLSearchParams({
      asset: reading.asset,
      metric: reading.metric,
      from: String(to - minutes * 60_000),
      to: String(to + 1),
      // A state has no mean: it is drawn from its readings as they are.
      ...(reading.kind === "state" ? {} : { points: String(maxPoints) }),
    });
    return `/api/v1/readings/range?${query}`;
  }, [reading.asset, reading.metric, minutes, connections]);
}

interface PlotProps {
  readonly reading: ReadingView;
  readonly points: RangeView["series"][number]["points"];
  readonly scale: Scale;
  readonly minutes: number;
}

function Plot({ reading, points, scale, minutes }: PlotProps): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const columns = useRef<ChartColumns | undefined>(undefined);
  columns.current ??= columnsOf(points, scale, reading.every_ms);
  columns.current = append(columns.current, reading, scale, collectorNow() / 1000 - minutes * 60);
  const [cursor, setCursor] = useState<number | null>(null);
  const theme = useThemeVersion();

  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const options = chartOptions({
      width: element.clientWidth,
      height,
      lines: thresholdLines(reading.thresholds, scale, formatNumber),
      states: reading.states,
      spanSeconds: minutes * 60,
      now: collectorNow,
      onCursor: setCursor,
    });
    const made = new uPlot(options, aligned(columns.current), element);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
    };
  }, [theme, minutes]);
  useEffect(() => plot.current?.setData(aligned(columns.current)), [reading.time]);

  return (
    <figure class="chart">
      <div class="plot" ref={holder} role="img" aria-label={describe(columns.current, scale, reading)} />
      <figcaption>
        {cursor === null ? describe(columns.current, scale, reading) : pointText(columns.current, cursor, scale, reading)}
      </figcaption>
    </figure>
  );
}

/** Columns as uPlot takes them: the band between max and min first, the mean above it. */
function aligned(columns: ChartColumns | undefined): uPlot.AlignedData {
  return columns === undefined ? [[]] : [columns.time, columns.max, columns.min, columns.mean];
}

function describe(columns: ChartColumns, scale: Scale, reading: ReadingView): string {
  const known = columns.mean.filter((value) => value !== null);
  if (known.length === 0) return "No readings in this time";
  if (reading.kind === "state") return stateText(reading, columns.mean.at(-1) ?? null);
  const least = columns.min.reduce<number>((low, value) => Math.min(low, value ?? low), Number.POSITIVE_INFINITY);
  const most = columns.max.reduce<number>((high, value) => Math.max(high, value ?? high), Number.NEGATIVE_INFINITY);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return `min ${withUnit(least, scale)}, mean ${withUnit(mean, scale)}, max ${withUnit(most, scale)}`;
}

function pointText(columns: ChartColumns, index: number, scale: Scale, reading: ReadingView): string {
  const time = clockTime((columns.time[index] ?? 0) * 1000, collectorNow());
  const mean = columns.mean[index] ?? null;
  if (mean === null) return `${time}: no value`;
  if (reading.kind === "state") return `${time}: ${stateText(reading, mean)}`;
  const [low, high] = [columns.min[index] ?? mean, columns.max[index] ?? mean];
  const spread = low === high ? "" : ` (${formatNumber(low)} to ${formatNumber(high)})`;
  return `${time}: ${withUnit(mean, scale)}${spread}`;
}

function stateText(reading: ReadingView, value: number | null): string {
  return value === null ? "no value" : (reading.states?.[value] ?? formatNumber(value));
}

function withUnit(value: number, scale: Scale): string {
  return scale.unit === "" ? formatNumber(value) : `${formatNumber(value)} ${scale.unit}`;
}
