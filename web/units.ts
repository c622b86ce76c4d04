/** A value as people read it: number and unit apart, so that a table can align them. */
export interface Human {
  readonly text: string;
  readonly unit: string;
}

/** How a base unit is shown: `shown = value * factor + offset`. */
export interface Scale {
  readonly unit: string;
  readonly factor: number;
  readonly offset: number;
}

const scale = (unit: string, factor = 1, offset = 0): Scale => ({ unit, factor, offset });

/** Steps of one quantity: the largest whose `from` the magnitude reaches is used. */
type Steps = readonly (readonly [from: number, Scale])[];

const metric = (unit: string): Steps => [
  [0, scale(unit)],
  [1e3, scale(`k${unit}`, 1e-3)],
  [1e6, scale(`M${unit}`, 1e-6)],
  [1e9, scale(`G${unit}`, 1e-9)],
];
const hours = (unit: string): Steps => [
  [0, scale(`k${unit}h`, 1 / 3.6e6)],
  [3.6e10, scale(`M${unit}h`, 1 / 3.6e9)],
  [3.6e13, scale(`G${unit}h`, 1 / 3.6e12)],
];

/** Units by UCUM code. Energy is read in kWh, pressure in bar, whatever the base unit is. */
const quantities: Readonly<Record<string, Steps>> = {
  W: metric("W"),
  "V.A": metric("VA"),
  var: metric("var"),
  J: hours("W"),
  "V.A.s": hours("VA"),
  "var.s": hours("var"),
  V: [
    [0, scale("mV", 1e3)],
    [0.5, scale("V")],
    [2000, scale("kV", 1e-3)],
  ],
  A: [
    [0, scale("mA", 1e3)],
    [0.5, scale("A")],
    [2000, scale("kA", 1e-3)],
  ],
  "A.h": [[0, scale("Ah")]],
  Pa: [
    [0, scale("Pa")],
    [100, scale("mbar", 1e-2)],
    [2e4, scale("bar", 1e-5)],
  ],
  Cel: [[0, scale("°C")]],
  Hz: [
    [0, scale("Hz")],
    [1e4, scale("kHz", 1e-3)],
    [1e6, scale("MHz", 1e-6)],
    [1e9, scale("GHz", 1e-9)],
  ],
  By: [
    [0, scale("B")],
    [1024, scale("KiB", 2 ** -10)],
    [2 ** 20, scale("MiB", 2 ** -20)],
    [2 ** 30, scale("GiB", 2 ** -30)],
    [2 ** 40, scale("TiB", 2 ** -40)],
  ],
  // Network rates are spoken of in bits.
  "By/s": [
    [0, scale("bit/s", 8)],
    [125, scale("kbit/s", 8e-3)],
    [1.25e5, scale("Mbit/s", 8e-6)],
    [1.25e8, scale("Gbit/s", 8e-9)],
  ],
  s: [
    [0, scale("ms", 1e3)],
    [1, scale("s")],
    [120, scale("min", 1 / 60)],
    [7200, scale("h", 1 / 3600)],
    [172_800, scale("d", 1 / 86_400)],
  ],
  m: [
    [0, scale("mm", 1e3)],
    [0.5, scale("m")],
    [2000, scale("km", 1e-3)],
  ],
  "m/s": [
    [0, scale("mm/s", 1e3)],
    [0.5, scale("m/s")],
  ],
  m3: [[0, scale("m³")]],
  "m3/s": [[0, scale("m³/h", 3600)]],
  kg: [
    [0, scale("g", 1e3)],
    [1, scale("kg")],
    [1e4, scale("t", 1e-3)],
  ],
  Ohm: [
    [0, scale("Ω")],
    [1e4, scale("kΩ", 1e-3)],
  ],
  deg: [[0, scale("°")]],
  "{rpm}": [[0, scale("rpm")]],
  "[pH]": [[0, scale("pH")]],
  "/h": [[0, scale("per h")]],
  "N.m": [[0, scale("N m")]],
};

/** How values of about this size are shown. A dimensionless metric is a percentage only where its name says ratio. */
export function scaleOf(unit: string, metricName: string, magnitude: number): Scale {
  if (unit === "1" || unit === "") return /_ratio(_|$)/.test(metricName) ? scale("%", 100) : scale("");
  const steps = Object.hasOwn(quantities, unit) ? quantities[unit] : undefined;
  if (steps === undefined) return scale(unit);
  let found = steps[0]?.[1] ?? scale(unit);
  const size = Math.abs(magnitude);
  // Nothing at all is not "0 mV".
  if (size === 0) return steps.find(([, step]) => step.factor === 1)?.[1] ?? found;
  for (const [from, step] of steps) if (size >= from) found = step;
  return found;
}

/** `86.2 °C`, `18.4 kW`, `7.12 bar`, `83.4 %`. */
export function human(value: number, unit: string, metricName: string): Human {
  const { unit: symbol, factor, offset } = scaleOf(unit, metricName, value);
  return { text: formatNumber(value * factor + offset), unit: symbol };
}

/** About four digits, at least whole ones; thousands are grouped by a thin space, as ISO 80000-1 has it. */
export function formatNumber(exact: number): string {
  // A conversion leaves crumbs: 6.000000000000001 is 6.
  const value = Number(exact.toPrecision(12));
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "-∞" : "–";
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  const decimals = Number.isInteger(value) ? 0 : size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const [whole = "", fraction] = value.toFixed(decimals).split(".");
  const grouped = size >= 10_000 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `temperature_celsius` to `temperature`, `if_in_octets_total` to `if in octets`: the unit is shown beside the value. */
export function metricTitle(metricName: string): string {
  return metricName
    .replace(/_total$/, "")
    .replace(
      /_(celsius|watts|volts|amperes|hertz|pascals|joules|seconds|bytes|ratio|rpm|bytes_per_second|meters_per_second|cubic_meters|per_hour)$/,
      "",
    )
    .replaceAll("_", " ");
}
