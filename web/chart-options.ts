import uPlot from "uplot";
import type { ThresholdLine } from "./chart-data.ts";
import { formatNumber } from "./units.ts";

export interface ChartLook {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly ThresholdLine[];
  /** Names of numbers, where the series is a state: drawn in steps. */
  readonly states: Readonly<Record<number, string>> | undefined;
  /** Length of the time axis, s. */
  readonly spanSeconds: number;
  now(): number;
  /** Index of the point under the cursor; null where there is none. */
  onCursor(index: number | null): void;
}

/** uPlot's options; colours are read from the style sheet, so they follow the theme. */
export function chartOptions(look: ChartLook): uPlot.Options {
  const css = getComputedStyle(document.documentElement);
  const colour = (name: string): string => css.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--quiet"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const stepped = look.states === undefined ? {} : steppedPaths();
  const plain = { ...stepped, points: { show: false } };
  return {
    width: look.width,
    height: look.height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [look.now() / 1000 - look.spanSeconds, look.now() / 1000] },
      y: { range: (_plot, min, max) => valueRange(min, max, look) },
    },
    axes: [
      { ...axis, space: 70, size: 32, values: (_plot, splits, _axis, _space, step) => splits.map((at) => timeLabel(at, step)) },
      { ...axis, size: look.states === undefined ? 56 : 84, ...valueAxis(look) },
    ],
    series: [
      {},
      { ...plain, stroke: "transparent" },
      { ...plain, stroke: "transparent" },
      { ...plain, stroke: colour("--trace"), width: 1.5 },
    ],
    bands: look.states === undefined ? [{ series: [1, 2], fill: colour("--trace-band") }] : [],
    hooks: {
      draw: [(plot) => drawLines(plot, look.lines, colour)],
      setCursor: [(plot) => look.onCursor(plot.cursor.idx ?? null)],
    },
  };
}

function steppedPaths(): Pick<uPlot.Series, "paths"> {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return stepped === undefined ? {} : { paths: stepped };
}

/** All of the data and the limits, and some air; a flat line gets room too. */
function valueRange(min: number | null, max: number | null, look: ChartLook): [number, number] {
  const values = [min, max, ...look.lines.map((line) => line.value)].filter((value) => value !== null && Number.isFinite(value));
  if (values.length === 0) return [0, 1];
  const low = Math.min(...(values as number[]));
  const high = Math.max(...(values as number[]));
  const air = look.states === undefined ? (high - low) * 0.1 || Math.abs(high) * 0.05 || 1 : 0.5;
  return [low >= 0 && low - air < 0 ? Math.min(0, low) : low - air, high + air];
}

function valueAxis(look: ChartLook): Pick<uPlot.Axis, "values" | "splits"> {
  const { states } = look;
  if (states === undefined) return { values: (_plot, splits) => splits.map((value) => formatNumber(Number(value.toPrecision(10)))) };
  return {
    splits: (_plot, _axis, low, high) =>
      Object.keys(states)
        .map(Number)
        .filter((n) => n >= low && n <= high),
    values: (_plot, splits) => splits.map((n) => states[n] ?? String(n)),
  };
}

function timeLabel(at: number, step: number): string {
  const date = new Date(at * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step < 60 ? `${time}:${two(date.getSeconds())}` : time;
}

/** Dashed lines with their names at the left: limits have to be readable without a legend. */
function drawLines(plot: uPlot, lines: readonly ThresholdLine[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * pixel}px system-ui, sans-serif`;
  ctx.lineWidth = 1.5 * pixel;
  ctx.setLineDash([6 * pixel, 4 * pixel]);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  for (const line of lines) {
    const y = plot.valToPos(line.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colour(`--${line.level}`);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    // A halo keeps the words readable where the trace crosses them.
    ctx.lineJoin = "round";
    ctx.fillStyle = colour(`--text-${line.level}`);
    const [dash, width] = [ctx.getLineDash(), ctx.lineWidth];
    ctx.setLineDash([]);
    ctx.lineWidth = 4 * pixel;
    ctx.strokeStyle = colour("--page");
    ctx.strokeText(line.text, bbox.left + 8 * pixel, y - 5 * pixel);
    ctx.fillText(line.text, bbox.left + 8 * pixel, y - 5 * pixel);
    ctx.setLineDash(dash);
    ctx.lineWidth = width;
  }
  ctx.restore();
}
