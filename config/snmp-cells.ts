import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { labelName } from "./values.ts";

export const oid = z.string().regex(/^[0-2](\.(0|[1-9]\d*)){2,}$/, "an OID in dotted numbers, such as 1.3.6.1.2.1.1.3.0");
export const pattern = z
  .string()
  .min(1)
  .refine((text) => regexOf(text) !== undefined, "is no regular expression");

/** Undefined where the text is no regular expression. */
function regexOf(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}

/** How many groups a regular expression captures: with an empty alternative it matches anything, and shows them all. */
function groupsOf(text: string): number {
  const any = regexOf(`${text}|`);
  return any === undefined ? 0 : ("".match(any)?.length ?? 1) - 1;
}

/** A column: its number under `rows`, or the OID of a column of another table with the same index (an augmenting one). */
export const ownColumn = z.union([z.int().min(1), oid]);

const place = z.union([z.int().min(1), z.int().max(-1)]);
const joinOf = <By extends z.ZodType>(by: By) =>
  z
    .strictObject({
      column: oid,
      /** The row's own index from this sub-identifier on (1 is the first, -1 the last), this many; all that follow without a count. */
      index: z.union([z.tuple([place]), z.tuple([place, z.int().min(1)])]).optional(),
      /** The row whose index is the value of this cell. */
      by: by.optional(),
    })
    .refine((join) => join.index === undefined || join.by === undefined, "has index and by: one of them says which row is meant");
const nearJoin = joinOf(ownColumn);
/** A cell of another table: of the row with the same index, with a part of it, or of the row that a cell of this one names. */
const join = joinOf(z.union([ownColumn, nearJoin]));
/** One value of the device that all rows share. */
const shared = z.strictObject({ scalar: oid });

/** A cell of the row, or what belongs to the row elsewhere. That is fetched by its instance when a row is first met, and then hourly. */
export const column = z.union([ownColumn, join, shared]);
export type SnmpColumnRef = z.output<typeof column>;

/** How a raw value becomes one in the base unit. */
export const conversion = {
  /** Multiplies the raw value before the unit is converted. */
  scale: z.number().default(1),
  offset: z.number().default(0),
  unit: z.enum(unitNames).default(""),
  /** Raw values that mean "not available": no reading, and Bad where there was one before. */
  absent: z.array(z.number()).default([]),
  /** A negative INTEGER is one that overflowed 31 bits: 2^32 is added. */
  unsigned: z.boolean().default(false),
  /** A number without sign is one of so many bits with it: 65535 of 16 is -1. */
  signed: z.union([z.literal(8), z.literal(16), z.literal(32)]).optional(),
  /** The value is text with a number in it: its first, or what the expression's group finds. Text without one is "not available". */
  text: z
    .union([z.literal(true), pattern.refine((text) => groupsOf(text) === 1, "needs one group: what is in it is the number")])
    .optional(),
  /** The value is a word that means a number: case does not matter. Other words are "not available". */
  words: z.record(z.string().min(1), z.number()).optional(),
  /** The value is one bit of an OCTET STRING (0 is the first byte's highest, RFC 2578 §7.1.4) or of a number (0 is the lowest): 0 or 1. */
  bit: z.int().min(0).max(1023).optional(),
};

/** Other values that make the conversion. */
export const factors = <Ref extends z.ZodType>(ref: Ref) => ({
  /** The value is multiplied with this one: hrStorageSize with hrStorageAllocationUnits. */
  times: ref.optional(),
  /** The value is divided by this one: hrStorageUsed by hrStorageSize. Where that is 0 there is no reading. */
  over: ref.optional(),
  /** Holds an EntitySensorDataScale (RFC 3433): 8 is milli, 9 units, 10 kilo. */
  si_scale: ref.optional(),
  /** Holds how many decimal digits the value has: 1 for tenths. */
  digits: ref.optional(),
  /** Holds the power of ten of the value: -1 for tenths. */
  exponent: ref.optional(),
});

/** A cell of a row, and what to make of it. */
export const snmpCell = z.strictObject({
  column: ownColumn,
  /** The value of every row that has the cell, whatever it says: where rows are conditions, or for what such a row leaves unsaid. */
  fixed: z.number().optional(),
  ...conversion,
  ...factors(column),
});
export type SnmpCell = z.output<typeof snmpCell>;

/** A part of the row's index: a sub-identifier (1 is the first, -1 the last); or text whose length stands there, or that fills the rest. */
const indexPart = z.strictObject({ index: place, as: z.enum(["number", "text", "text_to_end"]).default("number") });
const filterValues = z.array(z.union([z.number(), z.string()]).transform(String)).min(1);
/** A condition on a cell, or on a part of the index: that it is one of these, none of these, or like an expression. */
export const filter = z
  .strictObject({
    column: z.union([column, indexPart]),
    in: filterValues.optional(),
    not_in: filterValues.optional(),
    like: pattern.optional(),
  })
  .refine((one) => [one.in, one.not_in, one.like].filter((kind) => kind !== undefined).length === 1, "needs one of in, not_in and like");
export type SnmpFilter = z.output<typeof filter>;

const labelFrom = z.union([column, z.literal("index"), indexPart]);
export type SnmpLabelFrom = z.output<typeof labelFrom>;

/** Where a label's text comes from: the first of these that has any. `names` translates it. */
export const label = z
  .union([
    labelFrom,
    z.array(labelFrom).min(1),
    z.strictObject({ from: z.array(labelFrom).min(1), names: z.record(z.string(), z.string().min(1)) }),
  ])
  .transform((from): SnmpLabel => {
    if (Array.isArray(from)) return { from, names: {} };
    return typeof from === "object" && "from" in from ? from : { from: [from], names: {} };
  });
export interface SnmpLabel {
  readonly from: readonly SnmpLabelFrom[];
  readonly names: Readonly<Record<string, string>>;
}
export const labelsFrom = z.record(labelName, label);
