/** What a device says in, and how it becomes the base unit: `base = value * factor + offset`. */
export interface UnitConversion {
  /** UCUM code of the base unit. */
  readonly ucum: string;
  readonly factor: number;
  readonly offset: number;
}

const base = (ucum: string, factor = 1, offset = 0): UnitConversion => ({ ucum, factor, offset });

/**
 * Units that a profile or a mapping may name: UCUM codes, and the names found in device manuals. One pascal is one pascal
 * (SI Brochure 9th ed.); psi from NIST SP 811; TimeTicks are hundredths of a second (RFC 2578 §7.1.8).
 */
const units: Readonly<Record<string, UnitConversion>> = {
  "1": base("1"),
  "": base("1"),
  ratio: base("1"),
  "%": base("1", 0.01),
  percent: base("1", 0.01),
  ppm: base("1", 1e-6),
  V: base("V"),
  mV: base("V", 1e-3),
  kV: base("V", 1e3),
  A: base("A"),
  mA: base("A", 1e-3),
  kA: base("A", 1e3),
  "A.h": base("A.h"),
  W: base("W"),
  mW: base("W", 1e-3),
  kW: base("W", 1e3),
  MW: base("W", 1e6),
  VA: base("V.A"),
  "V.A": base("V.A"),
  kVA: base("V.A", 1e3),
  var: base("var"),
  kvar: base("var", 1e3),
  J: base("J"),
  kJ: base("J", 1e3),
  MJ: base("J", 1e6),
  Wh: base("J", 3600),
  kWh: base("J", 3.6e6),
  MWh: base("J", 3.6e9),
  varh: base("var.s", 3600),
  kvarh: base("var.s", 3.6e6),
  VAh: base("V.A.s", 3600),
  kVAh: base("V.A.s", 3.6e6),
  Hz: base("Hz"),
  mHz: base("Hz", 1e-3),
  kHz: base("Hz", 1e3),
  rpm: base("{rpm}"),
  "{rpm}": base("{rpm}"),
  Cel: base("Cel"),
  degC: base("Cel"),
  "°C": base("Cel"),
  K: base("Cel", 1, -273.15),
  degF: base("Cel", 5 / 9, -160 / 9),
  "°F": base("Cel", 5 / 9, -160 / 9),
  Pa: base("Pa"),
  hPa: base("Pa", 100),
  kPa: base("Pa", 1e3),
  MPa: base("Pa", 1e6),
  mbar: base("Pa", 100),
  bar: base("Pa", 1e5),
  psi: base("Pa", 6894.757293168),
  s: base("s"),
  ms: base("s", 1e-3),
  us: base("s", 1e-6),
  min: base("s", 60),
  h: base("s", 3600),
  d: base("s", 86400),
  ticks: base("s", 0.01),
  By: base("By"),
  B: base("By"),
  kB: base("By", 1e3),
  MB: base("By", 1e6),
  GB: base("By", 1e9),
  KiB: base("By", 1024),
  MiB: base("By", 1024 ** 2),
  GiB: base("By", 1024 ** 3),
  "By/s": base("By/s"),
  // Prometheus' base unit is the byte, and promtool refuses names in bits; screens show bits per second again.
  "bit/s": base("By/s", 1 / 8),
  "kbit/s": base("By/s", 1e3 / 8),
  "Mbit/s": base("By/s", 1e6 / 8),
  "Gbit/s": base("By/s", 1e9 / 8),
  dBm: base("dBm"),
  dB: base("dB"),
  m: base("m"),
  mm: base("m", 1e-3),
  cm: base("m", 0.01),
  km: base("m", 1e3),
  "m/s": base("m/s"),
  "mm/s": base("m/s", 1e-3),
  m3: base("m3"),
  l: base("m3", 1e-3),
  "m3/s": base("m3/s"),
  "m3/h": base("m3/s", 1 / 3600),
  "l/min": base("m3/s", 1e-3 / 60),
  "l/s": base("m3/s", 1e-3),
  kg: base("kg"),
  g: base("kg", 1e-3),
  t: base("kg", 1e3),
  N: base("N"),
  "N.m": base("N.m"),
  Ohm: base("Ohm"),
  kOhm: base("Ohm", 1e3),
  lx: base("lx"),
  "W/m2": base("W/m2"),
  deg: base("deg"),
  pH: base("[pH]"),
  "/h": base("/h"),
  "/min": base("/h", 60),
  "/s": base("/h", 3600),
};

/** Names that may stand in a profile, for messages and the JSON Schema. */
export const unitNames: readonly string[] = Object.keys(units);

/** The conversion of a unit's name, or undefined where nobody knows that unit. */
export function unitOf(name: string): UnitConversion | undefined {
  return Object.hasOwn(units, name) ? units[name] : undefined;
}
