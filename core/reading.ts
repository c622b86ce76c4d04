import type { Quality } from "./quality.ts";

/** gauge: any number; counter: never falls but for resets; state: a number with a name (SNMP enum, machine state). */
export type SeriesKind = "gauge" | "counter" | "state";

/** Sorted by nobody: `seriesKey` sorts. Names and values are text, never empty. */
export type Labels = Readonly<Record<string, string>>;

/** What a device or its profile holds of a state: nothing said means that it is fine. `unknown` is no evidence either way. */
export type StateMeaning = "warning" | "major" | "critical" | "unknown";

/** Limits that the device itself names for a value, in the unit of the series. */
export interface DeviceLimits {
  readonly lowCritical?: number;
  readonly lowWarning?: number;
  readonly highWarning?: number;
  readonly highCritical?: number;
}

/** What a series is: asset + metric + labels identify it, the rest describes it. Sent once, and again when it changes. */
export interface SeriesDescription {
  readonly asset: string;
  /** Prometheus name in base units, without prefix: `active_power_watts`. */
  readonly metric: string;
  readonly labels: Labels;
  /** UCUM code of the base unit: `W`, `Cel`, `1`; empty for states. */
  readonly unit: string;
  readonly kind: SeriesKind;
  /** Where the value comes from: an OID, `holding:3059`, `input:0`, an MQTT topic. */
  readonly origin: string;
  /** How often a value is expected, ms. */
  readonly everyMs: number;
  /** Names of a state's numbers. */
  readonly states?: Readonly<Record<number, string>>;
  /** States that are worse than ok, by number. */
  readonly meanings?: Readonly<Record<number, StateMeaning>>;
  readonly limits?: DeviceLimits;
}

/** One value of one series at one time. The series is a small integer: the agent's number, or the collector's index. */
export interface Reading {
  readonly series: number;
  /** ms since epoch at the source. */
  readonly time: number;
  /** NaN exactly when quality is Bad. */
  readonly value: number;
  readonly quality: Quality;
}

/** Identity of a series as text: for maps at the edges, never per reading. */
export function seriesKey(asset: string, metric: string, labels: Labels): string {
  const names = Object.keys(labels).sort();
  let key = `${asset}\u0000${metric}`;
  for (const name of names) key += `\u0000${name}\u0000${labels[name] ?? ""}`;
  return key;
}

/** What identifies a series, for messages: `filler-31 temperature_celsius{sensor=bearing}`. */
export function seriesName(series: Pick<SeriesDescription, "asset" | "metric" | "labels">): string {
  const labels = Object.entries(series.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  return `${series.asset} ${series.metric}${labels === "" ? "" : `{${labels}}`}`;
}

/** True when both descriptions say the same of a series (identity is not compared). */
export function sameDescription(a: SeriesDescription, b: SeriesDescription): boolean {
  return (
    a.unit === b.unit &&
    a.kind === b.kind &&
    a.origin === b.origin &&
    a.everyMs === b.everyMs &&
    sameText(a.states, b.states) &&
    sameText(a.meanings, b.meanings) &&
    sameLimits(a.limits, b.limits)
  );
}

/** True when both name the same limits. */
export function sameLimits(a: DeviceLimits | undefined, b: DeviceLimits | undefined): boolean {
  return (
    a?.lowCritical === b?.lowCritical &&
    a?.lowWarning === b?.lowWarning &&
    a?.highWarning === b?.highWarning &&
    a?.highCritical === b?.highCritical
  );
}

/** True when both, which are plain data, say the same. */
export function sameText(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
