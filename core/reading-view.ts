/** Values and their limits as the HTTP interface shows them (DESIGN §9). */
import type { LevelName } from "./level.ts";
import type { DeviceLimits, Labels, SeriesKind, StateMeaning } from "./reading.ts";

export interface ReadingView {
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number | null;
  readonly unit: string;
  readonly time: number;
  readonly quality: string;
  readonly origin: string;
  readonly kind: SeriesKind;
  /** Name of a state's value, where there is one. */
  readonly state: string | null;
  /** Names of a state's numbers, for charts. */
  readonly states?: Readonly<Record<number, string>>;
  /** What the device or its profile holds of them. */
  readonly meanings?: Readonly<Record<number, StateMeaning>>;
  /** Limits that the device itself names. */
  readonly limits?: DeviceLimits;
  /** How often a value is expected, ms. */
  readonly every_ms: number;
  readonly thresholds: readonly ThresholdView[];
}

/** A limit of an alarm on this series: a line in a chart. */
export interface ThresholdView {
  readonly alarm: string;
  readonly level: LevelName;
  readonly condition: "above" | "below" | "is" | "is_not" | "rate_above" | "rate_below" | "changes" | "stale";
  /** In the base unit; the same a second for rates; how often for changes; seconds for stale; null where the limit is a state's name. */
  readonly value: number | null;
  readonly clear: number | null;
}

export interface RangeView {
  readonly series: readonly {
    readonly asset: string;
    readonly metric: string;
    readonly labels: Labels;
    readonly unit: string;
    /** Raw: [time, value, quality name]; with `points`: [time, min, mean, max] (DESIGN §9). */
    readonly points: readonly (readonly (number | string | null)[])[];
  }[];
}

/** One changed value. `series` is the collector's index, as in /api/v1/readings/latest's order only by asset, metric and labels. */
export interface ReadingUpdate {
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number | null;
  readonly time: number;
  readonly quality: string;
  readonly state: string | null;
}
