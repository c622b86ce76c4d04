import { Q, type Quality } from "../../../core/quality.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import type { ThresholdView } from "../../../core/reading-view.ts";

/** One series of the sample, with its newest value. */
export interface SampleSeries extends Omit<SeriesDescription, "everyMs" | "labels"> {
  readonly labels?: SeriesDescription["labels"];
  readonly everyMs?: number;
  readonly value: number;
  readonly quality?: Quality;
  /** How old it is, ms. */
  readonly ageMs?: number;
  readonly thresholds?: readonly ThresholdView[];
}

const bearingLimits: ThresholdView[] = [
  { alarm: "bearing-hot", level: "warning", condition: "above", value: 70, clear: 66 },
  { alarm: "bearing-hot", level: "critical", condition: "above", value: 85, clear: 80 },
];

/** Newest values of the sample: a filler that is hot, one that is warm, a server that does not answer. */
export function sampleSeries(): SampleSeries[] {
  const up = { 1: "up", 2: "down", 3: "testing" };
  const filler = (n: string, bearing: number): SampleSeries[] => {
    const asset = `filler-${n}`;
    return [
      {
        asset,
        metric: "temperature_celsius",
        labels: { sensor: "bearing" },
        unit: "Cel",
        kind: "gauge",
        origin: "holding:3059",
        value: bearing,
        thresholds: bearingLimits,
      },
      {
        asset,
        metric: "temperature_celsius",
        labels: { sensor: "motor" },
        unit: "Cel",
        kind: "gauge",
        origin: "holding:3061",
        value: 54.8,
      },
      { asset, metric: "active_power_watts", unit: "W", kind: "gauge", origin: "holding:3063", value: 18_420 },
      { asset, metric: "bottles_filled_total", unit: "1", kind: "counter", origin: "holding:3070", value: 1_823_442 },
      {
        asset,
        metric: "machine_state",
        unit: "",
        kind: "state",
        origin: "holding:3000",
        value: 2,
        states: { 0: "stopped", 1: "idle", 2: "running" },
      },
      { asset, metric: "load_ratio", unit: "1", kind: "gauge", origin: "input:12", value: 0.834 },
      { asset, metric: "energy_joules_total", unit: "J", kind: "counter", origin: "holding:3080", value: 1.284e10 },
    ];
  };
  return [
    ...filler("31", 86.2),
    ...filler("32", 71.3),
    ...filler("33", 64.1),
    {
      asset: "core-sw-1",
      metric: "if_oper_status",
      labels: { if_name: "Gi1/0/1" },
      unit: "",
      kind: "state",
      origin: "1.3.6.1.2.1.2.2.1.8.1",
      value: 1,
      states: up,
      everyMs: 30_000,
    },
    {
      asset: "core-sw-1",
      metric: "if_in_octets_total",
      labels: { if_name: "Gi1/0/1" },
      unit: "By",
      kind: "counter",
      origin: "1.3.6.1.2.1.31.1.1.1.6.1",
      value: 9.2e12,
      everyMs: 30_000,
    },
    {
      asset: "core-sw-1",
      metric: "uptime_seconds",
      unit: "s",
      kind: "gauge",
      origin: "1.3.6.1.2.1.1.3.0",
      value: 8_302_113,
      everyMs: 30_000,
    },
    {
      asset: "compressor",
      metric: "pressure_pascals",
      labels: { sensor: "main" },
      unit: "Pa",
      kind: "gauge",
      origin: "plant/air/main",
      value: 712_000,
      everyMs: 10_000,
      thresholds: [{ alarm: "air-low", level: "critical", condition: "below", value: 600_000, clear: 620_000 }],
    },
    {
      asset: "mes-server",
      metric: "cpu_load_ratio",
      unit: "1",
      kind: "gauge",
      origin: "1.3.6.1.2.1.25.3.3.1.2.1",
      value: Number.NaN,
      quality: Q.BadTimeout,
      ageMs: 25_000,
      everyMs: 30_000,
    },
    { asset: "meter-1", metric: "voltage_volts", labels: { phase: "l1" }, unit: "V", kind: "gauge", origin: "input:0", value: 231.4 },
  ];
}
