import { z } from "zod";
import { unitNames, unitOf } from "../core/unit.ts";
import { labelName, labels, metricName } from "./values.ts";

export const oid = z.string().regex(/^[0-2](\.(0|[1-9]\d*)){2,}$/, "an OID in dotted numbers, such as 1.3.6.1.2.1.1.3.0");
const oidPattern = z.string().regex(/^[0-2](\.(0|[1-9]\d*))+(\.\*)?$/, "an OID, or one that ends in .* for all below it");
export const stateNames = z.record(z.string().regex(/^-?\d+$/, "a state's number"), z.string().min(1));

/** A column: its number under `rows`, or the OID of a column of another table with the same index (an augmenting one). */
const column = z.union([z.int().min(1), oid]);

/** How a raw value becomes one in the base unit. */
const conversion = {
  /** Multiplies the raw value before the unit is converted. */
  scale: z.number().default(1),
  offset: z.number().default(0),
  unit: z.enum(unitNames).default(""),
  /** Raw values that mean "not available": they make no reading. */
  absent: z.array(z.number()).default([]),
  /** A negative INTEGER is one that overflowed 31 bits: 2^32 is added. */
  unsigned: z.boolean().default(false),
};

const series = {
  metric: metricName,
  labels: labels.default({}),
  kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
  /** Names of a state's numbers. */
  states: stateNames.optional(),
  /** Plausible range in the base unit: outside it the reading is BadOutOfRange. */
  range: z.tuple([z.number(), z.number()]).optional(),
};

function statesFault(metric: { readonly kind: string; readonly states?: unknown }): string | undefined {
  if ((metric.kind === "state") === (metric.states !== undefined)) return undefined;
  return metric.kind === "state" ? "a state needs states: the names of its numbers" : "states are for kind: state";
}

/** One value of the device. */
export const snmpScalar = z
  .strictObject({
    ...series,
    /** With the instance: 1.3.6.1.2.1.1.3.0. */
    oid,
    ...conversion,
  })
  .superRefine((scalar, context) => {
    const fault = statesFault(scalar);
    if (fault !== undefined) context.addIssue({ code: "custom", path: ["states"], message: fault });
  });
export type SnmpScalar = z.output<typeof snmpScalar>;

/** A cell of a row, and what to make of it. */
const cell = {
  column,
  ...conversion,
  /** The cell is multiplied with this one of the same row: hrStorageSize with hrStorageAllocationUnits. */
  times: column.optional(),
  /** The cell is divided by this one of the same row: hrStorageUsed by hrStorageSize. Where that is 0 there is no reading. */
  over: column.optional(),
};
const alternative = z.strictObject(cell);
export type SnmpCell = z.output<typeof alternative>;

export const snmpColumn = z
  .strictObject({
    ...series,
    ...cell,
    /** Used, in this order, for rows that have no such cell: the 32-bit counter where there is no 64-bit one. */
    or: z.array(alternative).default([]),
    /** The reading of every row that exists, whatever the cell says: for tables whose rows are conditions. */
    fixed: z.number().optional(),
    /** Good reading for a row that is gone, instead of Bad. */
    when_gone: z.number().optional(),
  })
  .superRefine((metric, context) => {
    const fault = statesFault(metric);
    if (fault !== undefined) context.addIssue({ code: "custom", path: ["states"], message: fault });
    for (const [i, other] of metric.or.entries()) {
      if (unitOf(other.unit)?.ucum !== unitOf(metric.unit)?.ucum)
        context.addIssue({ code: "custom", path: ["or", i, "unit"], message: `is not of the same quantity as ${metric.unit || "1"}` });
    }
  });
export type SnmpColumn = z.output<typeof snmpColumn>;

const labelFrom = z.union([column, z.literal("index")]);
/** Where a label's text comes from: the first of these that has any. `names` translates it. */
const label = z
  .union([
    labelFrom,
    z.array(labelFrom).min(1),
    z.strictObject({ from: z.array(labelFrom).min(1), names: z.record(z.string(), z.string().min(1)) }),
  ])
  .transform((from): SnmpLabel => {
    if (Array.isArray(from)) return { from, names: {} };
    return typeof from === "object" ? from : { from: [from], names: {} };
  });
export interface SnmpLabel {
  readonly from: readonly (number | string)[];
  readonly names: Readonly<Record<string, string>>;
}

const filter = z.strictObject({ column, in: z.array(z.union([z.number(), z.string()]).transform(String)).min(1) });

/** Computed over two rounds from a counter of the same row. */
const rate = z.strictObject({
  metric: metricName,
  labels: labels.default({}),
  /** The counter: a metric of this table. */
  of: metricName,
  /** Divides the rate: another metric of this table, such as if_speed_bytes_per_second. */
  per: metricName.optional(),
  /** Multiplies the rate: 8 makes bits of bytes. */
  scale: z.number().default(1),
  unit: z.enum(unitNames).default(""),
  /** What the scaled rate cannot exceed, where `per` is not that already: another metric of this table. */
  limit: metricName.optional(),
});
export type SnmpRate = z.output<typeof rate>;

export const snmpTable = z
  .strictObject({
    /** The row object, whose columns are right below it: ifEntry, 1.3.6.1.2.1.2.2.1. */
    rows: oid,
    /** Identify a row, and stay with it when its index moves. */
    labels: z.record(labelName, label),
    /** Added to rows that the labels above do not tell apart. */
    distinguish: z.record(labelName, label).default({}),
    /** Only rows whose cell is one of these. */
    keep: z.array(filter).default([]),
    /** Not rows whose cell is one of these. */
    skip: z.array(filter).default([]),
    /** TimeTicks of sysUpTime when the row's counters last lost continuity: ifCounterDiscontinuityTime. */
    discontinuity: column.optional(),
    max_rows: z.int().min(1).max(1_000_000).default(20_000),
    metrics: z.array(snmpColumn).min(1),
    rates: z.array(rate).default([]),
  })
  .superRefine((table, context) => {
    for (const [i, { of, per, limit }] of table.rates.entries()) {
      const counter = table.metrics.find((metric) => metric.metric === of);
      if (counter?.kind !== "counter")
        context.addIssue({ code: "custom", path: ["rates", i, "of"], message: `${of} is not a counter of this table` });
      for (const [key, name] of Object.entries({ per, limit })) {
        if (name !== undefined && !table.metrics.some((metric) => metric.metric === name))
          context.addIssue({ code: "custom", path: ["rates", i, key], message: `${name} is not a metric of this table` });
      }
    }
  });
export type SnmpTable = z.output<typeof snmpTable>;

/** A file of config/profiles/snmp. */
export const snmpProfile = z
  .strictObject({
    profile: z.string().min(1),
    source: z.string().min(1).meta({ description: "the document or public file that the OIDs and scales come from" }),
    /** For `profile: auto`: every condition that is given must hold, one of each list. Several profiles may match and are combined. */
    match: z
      .strictObject({
        sys_object_id: z.array(oidPattern).min(1).optional(),
        /** The device has something at or below one of these. */
        present: z.array(oid).min(1).optional(),
      })
      .refine((match) => match.sys_object_id !== undefined || match.present !== undefined, "needs sys_object_id or present")
      .optional(),
    /** Text of the asset, by name of the fact: OIDs with the instance. */
    inventory: z.record(labelName, oid).default({}),
    scalars: z.array(snmpScalar).default([]),
    table: z.array(snmpTable).default([]),
  })
  .refine(
    (profile) => profile.scalars.length > 0 || profile.table.length > 0 || Object.keys(profile.inventory).length > 0,
    "needs scalars, a table or inventory",
  );
export type SnmpProfile = z.output<typeof snmpProfile>;
