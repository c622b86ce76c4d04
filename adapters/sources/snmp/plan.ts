import type { SnmpProfile } from "../../../config/snmp.ts";
import type { DeviceLimits, Labels, SeriesKind, StateMeaning } from "../../../core/reading.ts";

/** Raw to base unit: `raw * multiply / divide + add`. Tenths are divided by 10, not multiplied by 0.1: 2301 becomes 230.1. */
export interface Conversion {
  readonly multiply: number;
  readonly divide: number;
  readonly add: number;
}

/** What every value of a profile has in common. */
export interface ValuePlan {
  readonly metric: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
  /** UCUM. */
  readonly unit: string;
  readonly states: Readonly<Record<number, string>> | undefined;
  readonly meanings: Readonly<Record<number, StateMeaning>> | undefined;
  readonly range: readonly [number, number] | undefined;
}

export interface RawPlan {
  readonly conversion: Conversion;
  readonly absent: ReadonlySet<number>;
  readonly unsigned: boolean;
  /** Where the value is not plainly a number. */
  readonly special: SpecialPlan | undefined;
}

/** How a number is found in what is none: one of these. */
export interface SpecialPlan {
  /** The number is what the group finds in the text. */
  readonly text: RegExp | undefined;
  /** Words in lower case. */
  readonly words: ReadonlyMap<string, number> | undefined;
  readonly bit: number | undefined;
  readonly signed: number | undefined;
}

/** Other values that make a conversion: slots of the row, or places among the scalars. */
export interface FactorPlan {
  readonly times: number | undefined;
  readonly over: number | undefined;
  readonly siScale: number | undefined;
  readonly digits: number | undefined;
  readonly exponent: number | undefined;
}

export interface ScalarPlan extends ValuePlan, RawPlan {
  readonly oid: string;
  /** By place in `beside`. */
  readonly factors: FactorPlan | undefined;
  /** OIDs of other values that its conversion needs. */
  readonly beside: readonly string[];
}

/** A cell that a metric may be read from; slots number the columns of its table. */
export interface CellPlan extends RawPlan {
  readonly slot: number;
  /** The value, whatever the cell says. */
  readonly fixed: number | undefined;
  readonly factors: FactorPlan | undefined;
  /** All slots that it needs, its own the first. */
  readonly needs: readonly number[];
}

/** Cells that hold the limits of a value. */
export interface LimitPlan {
  readonly limit: keyof DeviceLimits;
  readonly cell: CellPlan;
}

export interface MetricPlan extends ValuePlan {
  /** In order of preference. */
  readonly cells: readonly CellPlan[];
  readonly where: readonly FilterPlan[];
  readonly limits: readonly LimitPlan[];
  /** Whether the table's thresholds are limits of it. */
  readonly limitRows: boolean;
  readonly whenGone: number | undefined;
}

/** A rate over two rounds. `of` numbers the table's counted metrics; `per` and `limit` number its metrics. */
export interface RatePlan {
  readonly metric: string;
  readonly labels: Labels;
  readonly unit: string;
  readonly of: number;
  readonly per: number | undefined;
  readonly limit: number | undefined;
  readonly scale: number;
}

export interface LabelPlan {
  readonly name: string;
  readonly from: readonly (number | "index" | IndexPart)[];
  /** A map, for a device may call itself `constructor`. */
  readonly names: ReadonlyMap<string, string>;
}

/** A sub-identifier of the index, or the text that it is the length of; see config/snmp-cells.ts. */
export interface IndexPart {
  readonly index: number;
  readonly as: "number" | "text" | "text_to_end";
}

export interface FilterPlan {
  readonly slot: number | IndexPart;
  /** What the cell's text, or its number, is held against. */
  readonly test: FilterTest;
}
export type FilterTest =
  | { readonly kind: "numbers"; readonly in: ReadonlySet<number>; readonly wanted: boolean }
  | { readonly kind: "texts"; readonly in: ReadonlySet<string>; readonly wanted: boolean }
  | { readonly kind: "like"; readonly like: RegExp };

/** A slot that is filled from elsewhere: the instance `column.key`, fetched once and kept. */
export interface JoinPlan {
  readonly slot: number;
  readonly column: string;
  readonly key: JoinKey;
}
export type JoinKey =
  | { readonly kind: "none" }
  | { readonly kind: "index"; readonly first: number; readonly count: number | undefined }
  | { readonly kind: "cell"; readonly slot: number };

/** Another table that keeps limits: OIDs of its columns, and the limit by side and level as `SIDE LEVEL`. */
export interface ThresholdPlan {
  readonly value: string;
  readonly level: string;
  readonly side: string;
  readonly limits: ReadonlyMap<string, keyof DeviceLimits>;
}

export interface TablePlan {
  readonly rows: string;
  /** OID of each slot. */
  readonly columns: readonly string[];
  /** Slots that are not walked; a join that another one needs stands before it. */
  readonly joins: readonly JoinPlan[];
  /** By slot: it and those that it takes to fill it. */
  readonly needs: readonly (readonly number[])[];
  /** Whether the slot is a column of `rows` itself: such a cell makes a row. */
  readonly own: readonly boolean[];
  /** Slots that every walk asks for; the others only once a row needs them. */
  readonly always: readonly number[];
  readonly labels: readonly LabelPlan[];
  readonly distinguish: readonly LabelPlan[];
  readonly keep: readonly FilterPlan[];
  readonly skip: readonly FilterPlan[];
  readonly discontinuity: number | undefined;
  /** How often it is read, ms, where that is less often than the device; 0 otherwise. */
  readonly everyMs: number;
  readonly thresholds: ThresholdPlan | undefined;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly metrics: readonly MetricPlan[];
  /** Metrics that some rate is computed of, by number. */
  readonly counted: readonly number[];
  readonly rates: readonly RatePlan[];
}

/** A profile as it is polled. */
export interface ProfilePlan {
  readonly profile: string;
  readonly match: SnmpProfile["match"];
  readonly replaces: readonly string[];
  readonly inventory: readonly { readonly fact: string; readonly oid: string }[];
  readonly scalars: readonly ScalarPlan[];
  readonly tables: readonly TablePlan[];
}

export function convert({ multiply, divide, add }: Conversion, raw: number): number {
  return (raw * multiply) / divide + add;
}
