import { formatDuration } from "../config/values.ts";

/** A unit as people write it, and when a value is shown in it. */
interface Scale {
  readonly from: number;
  readonly factor: number;
  readonly symbol: string;
}

/** By UCUM code, the largest scale first; what is smaller than all is shown in the last. */
const scales: Readonly<Record<string, readonly Scale[]>> = {
  W: steps("W", 1e6, 1e3),
  "V.A": steps("VA", 1e6, 1e3),
  var: steps("var", 1e6, 1e3),
  J: [
    { from: 3.6e9, factor: 3.6e9, symbol: "MWh" },
    { from: 0, factor: 3.6e6, symbol: "kWh" },
  ],
  Pa: [
    { from: 1e4, factor: 1e5, symbol: "bar" },
    { from: 100, factor: 100, symbol: "mbar" },
    { from: 0, factor: 1, symbol: "Pa" },
  ],
  By: [
    { from: 1024 ** 4, factor: 1024 ** 4, symbol: "TiB" },
    { from: 1024 ** 3, factor: 1024 ** 3, symbol: "GiB" },
    { from: 1024 ** 2, factor: 1024 ** 2, symbol: "MiB" },
    { from: 1024, factor: 1024, symbol: "KiB" },
    { from: 0, factor: 1, symbol: "B" },
  ],
  // Network rates are spoken of in bits.
  "By/s": [
    { from: 1.25e8, factor: 1.25e8, symbol: "Gbit/s" },
    { from: 1.25e5, factor: 1.25e5, symbol: "Mbit/s" },
    { from: 125, factor: 125, symbol: "kbit/s" },
    { from: 0, factor: 1 / 8, symbol: "bit/s" },
  ],
  "m3/s": [{ from: 0, factor: 1 / 3600, symbol: "m³/h" }],
  m3: [{ from: 0, factor: 1, symbol: "m³" }],
  Cel: [{ from: 0, factor: 1, symbol: "°C" }],
  Ohm: [{ from: 0, factor: 1, symbol: "Ω" }],
  "{rpm}": [{ from: 0, factor: 1, symbol: "rpm" }],
  deg: [{ from: 0, factor: 1, symbol: "°" }],
  "[pH]": [{ from: 0, factor: 1, symbol: "pH" }],
  "/h": [{ from: 0, factor: 1, symbol: "per hour" }],
  "A.h": [{ from: 0, factor: 1, symbol: "Ah" }],
};

function steps(symbol: string, mega: number, kilo: number): readonly Scale[] {
  return [
    { from: mega, factor: mega, symbol: `M${symbol}` },
    { from: kilo, factor: kilo, symbol: `k${symbol}` },
    { from: 0, factor: 1, symbol },
  ];
}

/** What a value is of: its UCUM unit, and its metric, since a ratio is shown as a percentage and a count is not. */
export interface QuantityKind {
  readonly unit: string;
  readonly metric: string;
}

/** A value as a person reads it: `92 °C`, `5.2 bar`, `87 %`, `12.4 kW`, `2m30s`. Four digits at most. */
export function formatQuantity(value: number, { unit, metric }: QuantityKind): string {
  if (Number.isNaN(value)) return "no value";
  if (unit === "s" && Math.abs(value) >= 60) return formatDuration(Math.round(value) * 1000);
  if (unit === "1" || unit === "") return metric.endsWith("_ratio") ? `${digits(value * 100)} %` : digits(value);
  const size = Math.abs(value);
  const scale = scales[unit]?.find((one) => size >= one.from);
  return scale === undefined ? `${digits(value)} ${unit}` : `${digits(value / scale.factor)} ${scale.symbol}`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(size >= 100 ? 4 : 3)));
}

const unitSuffix =
  /_(celsius|watts|watt_hours|joules|volts|amperes|volt_amperes|vars|hertz|pascals|ratio|seconds|bytes|bytes_per_second|meters|total|info|status|rpm|dbm)$/;

const words = new Map<string, string>();
/** More names than any plant has: what comes after is not remembered. */
const mostWords = 10_000;

/** A metric as a person says it: `temperature_celsius` is temperature, `if_oper_status` is oper status. */
export function metricWords(metric: string): string {
  const known = words.get(metric);
  if (known !== undefined) return known;
  const made = wordsOf(metric);
  if (words.size < mostWords) words.set(metric, made);
  return made;
}

function wordsOf(metric: string): string {
  const bare = metric.replace(/_total$/, "").replace(unitSuffix, (suffix) => (suffix === "_status" ? "_status" : ""));
  return bare.replace(/^if_/, "").replaceAll("_", " ");
}
