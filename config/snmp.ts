import { z } from "zod";
import { unitNames, unitOf } from "../core/unit.ts";
import { column, conversion, factors, filter, labelsFrom, oid, ownColumn, pattern, snmpCell } from "./snmp-cells.ts";
import { duration, labelName, labels, metricName } from "./values.ts";

export { oid } from "./snmp-cells.ts";

const oidPattern = z.string().regex(/^[0-2](\.(0|[1-9]\d*))+(\.\*)?$/, "an OID, or one that ends in .* for all below it");
export const stateNames = z.record(z.string().regex(/^-?\d+$/, "a state's number"), z.string().min(1));

const series = {
  metric: metricName,
  labels: labels.default({}),
  kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
  /** Names of a state's numbers. */
  states: stateNames.optional(),
  /** States that are worse than ok, by number. `unknown` is no evidence either way. */
  meanings: z.record(z.string(), z.enum(["warning", "major", "critical", "unknown"])).optional(),
  /** Plausible range in the base unit: outside it the reading is BadOutOfRange. */
  range: z.tuple([z.number(), z.number()]).optional(),
};

interface Stated {
  readonly kind: string;
  readonly states?: Readonly<Record<string, string>> | undefined;
  readonly meanings?: Readonly<Record<string, string>> | undefined;
}

/** Says what is wrong with a value's states. */
function checkStates({ kind, states, meanings }: Stated, context: z.RefinementCtx): void {
  const fault = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  if (kind === "state" && states === undefined) fault(["states"], "a state needs states: the names of its numbers");
  if (kind !== "state" && states !== undefined) fault(["states"], "states are for kind: state");
  for (const number of Object.keys(meanings ?? {}))
    if (states?.[number] === undefined) fault(["meanings", number], `${number} is none of the states`);
}

/** One value of the device. */
export const snmpScalar = z
  .strictObject({
    ...series,
    /** With the instance: 1.3.6.1.2.1.1.3.0. */
    oid,
    ...conversion,
    ...factors(oid),
  })
  .superRefine(checkStates);
export type SnmpScalar = z.output<typeof snmpScalar>;

const limitColumns = {
  low_critical: column.optional(),
  low_warning: column.optional(),
  high_warning: column.optional(),
  high_critical: column.optional(),
};

export const snmpColumn = z
  .strictObject({
    ...series,
    ...snmpCell.shape,
    /** Only of rows whose cells are like this: several metrics may read one column, each of other rows. */
    where: z.array(filter).default([]),
    /** Where the device keeps limits of the value, in the value's raw unit: columns, or `rows` of limits_from. */
    limits: z.union([z.strictObject(limitColumns), z.literal("rows")]).optional(),
    /** Used, in this order, for rows that have no such cell: the 32-bit counter where there is no 64-bit one. */
    or: z.array(snmpCell).default([]),
    /** Good reading for a row that is gone, instead of Bad. */
    when_gone: z.number().optional(),
  })
  .superRefine((metric, context) => {
    checkStates(metric, context);
    for (const [i, other] of metric.or.entries()) {
      if (unitOf(other.unit)?.ucum !== unitOf(metric.unit)?.ucum)
        context.addIssue({ code: "custom", path: ["or", i, "unit"], message: `is not of the same quantity as ${metric.unit || "1"}` });
    }
  });
export type SnmpColumn = z.output<typeof snmpColumn>;

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

const numbers = z.array(z.int()).min(1);
/** Limits as rows of another table, whose index is this one's and a number more. */
const thresholds = z.strictObject({
  rows: oid,
  /** Column of the limit, in the raw unit of the value. */
  value: z.int().min(1),
  /** Column of how bad it is, and what its numbers mean; others are no limits. */
  level: z.strictObject({ column: z.int().min(1), warning: numbers, critical: numbers }),
  /** Column of the side that the limit is on. */
  side: z.strictObject({ column: z.int().min(1), low: numbers, high: numbers }),
});
export type SnmpThresholds = z.output<typeof thresholds>;

export const snmpTable = z
  .strictObject({
    /** The row object, whose columns are right below it: ifEntry, 1.3.6.1.2.1.2.2.1. */
    rows: oid,
    /** Identify a row, and stay with it when its index moves. */
    labels: labelsFrom,
    /** Added to rows that the labels above do not tell apart. */
    distinguish: labelsFrom.default({}),
    /** Only rows of which all of these hold. */
    keep: z.array(filter).default([]),
    /** Not rows of which one of these holds. */
    skip: z.array(filter).default([]),
    /** TimeTicks of sysUpTime when the row's counters last lost continuity: ifCounterDiscontinuityTime. */
    discontinuity: ownColumn.optional(),
    /** Read this often, where that is less often than the device: neighbours, fans, serial numbers of optics. */
    every: duration.optional(),
    /** Limits of the metrics that say `limits: rows`. */
    limits_from: thresholds.optional(),
    max_rows: z.int().min(1).max(1_000_000).default(20_000),
    /** Bytes of answers after which the rest of the table is not read. */
    max_bytes: z
      .int()
      .min(1024)
      .default(8 * 1024 * 1024),
    metrics: z.array(snmpColumn).min(1),
    rates: z.array(rate).default([]),
  })
  .superRefine((table, context) => {
    for (const [i, { limits }] of table.metrics.entries())
      if (limits === "rows" && table.limits_from === undefined)
        context.addIssue({ code: "custom", path: ["metrics", i, "limits"], message: "rows needs limits_from: where they are" });
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

/** What a profile says of itself before what it reads: enough to tell which devices it is for. */
const head = {
  profile: z.string().min(1),
  source: z.string().min(1).meta({ description: "the document or public file that the OIDs and scales come from" }),
  /** For `profile: auto`: every condition that is given must hold, one of each list. Several profiles may match and are combined. */
  match: z
    .strictObject({
      sys_object_id: z.array(oidPattern).min(1).optional(),
      /** The device has something at or below one of these. */
      present: z.array(oid).min(1).optional(),
      /** sysDescr is like this expression. */
      sys_descr: pattern.optional(),
    })
    .refine((match) => Object.keys(match).length > 0, "needs sys_object_id, present or sys_descr")
    .optional(),
  /** Profiles that auto leaves out where this one matches: it reads the same things better. */
  replaces: z.array(z.string().min(1)).default([]),
};
export const snmpHead = z.strictObject(head);
export type SnmpHead = Pick<z.output<typeof snmpHead>, "profile" | "match"> & { readonly replaces: readonly string[] };

/** A file of config/profiles/snmp. */
export const snmpProfile = z
  .strictObject({
    ...head,
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
