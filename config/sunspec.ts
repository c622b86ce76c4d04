import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { stateMeanings } from "./device-limits.ts";
import { stateNames } from "./modbus.ts";
import { labelName, labels, metricName } from "./values.ts";

/** The profile that stands for whatever SunSpec models a device has. */
export const sunspecProfile = "sunspec";

/** Types of SunSpec points that are numbers (SunSpec Device Information Model Specification, "Point types"). */
export const sunspecTypes = [
  "int16",
  "uint16",
  "acc16",
  "enum16",
  "bitfield16",
  "count",
  "int32",
  "uint32",
  "acc32",
  "enum32",
  "bitfield32",
  "int64",
  "uint64",
  "acc64",
  "float32",
  "float64",
] as const;
export type SunspecType = (typeof sunspecTypes)[number];

/** What a limit is to the values it is for; a magnitude bounds both directions; of trip points the nearest warns, the furthest is critical. */
export const limitKinds = [
  "low_critical",
  "low_warning",
  "high_warning",
  "high_critical",
  "magnitude_warning",
  "magnitude_critical",
  "trip_low",
  "trip_high",
] as const;
export type LimitKind = (typeof limitKinds)[number];

const register = z.int().min(0).max(65_535);
const text = z.string().min(1);

/** Of what else a value is a limit. */
const pointLimits = z.strictObject({
  of: text.describe("kind of the models that have the limited points"),
  points: z.array(text).min(1),
  as: z.enum(limitKinds),
  near: text.optional().describe("only points that were once within 20 % of this point of the same model"),
  share_of: z.array(text).optional().describe("it is a share of the first of these points, of any model, which has a value; and near it"),
});

/** One number of a model. */
export const sunspecPoint = z
  .strictObject({
    point: text.describe("its name in the model"),
    at: register.describe("registers after the model's first, which holds its number; of a block, after the block's first"),
    type: z.enum(sunspecTypes),
    scale: text.optional().describe("one of the model's scales: a register with the exponent of ten"),
    exponent: z.int().min(-10).max(10).default(0).describe("exponent of ten that is fixed in the model"),
    unit: z.enum(unitNames).default(""),
    metric: metricName,
    labels: labels.default({}),
    kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
    states: stateNames.optional().describe("names of an enumeration's numbers"),
    bits: stateNames.optional().describe("names of a bit field's bits: each becomes a series with the label event"),
    meanings: stateMeanings.optional().describe("states, or bits that are set, which are worse than ok"),
    limits: pointLimits.optional(),
  })
  .superRefine((point, context) => {
    const names = { ...point.states, ...point.bits };
    const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (point.bits !== undefined && !point.type.startsWith("bitfield")) refuse("bits", "only a bitfield has bits");
    if (point.states !== undefined && point.kind !== "state") refuse("states", "only kind: state has names of states");
    for (const number of Object.keys(point.meanings ?? {})) if (names[number] === undefined) refuse("meanings", `${number} has no name`);
  });
export type SunspecPoint = z.output<typeof sunspecPoint>;

/** The curve past which a device disconnects itself: its points are limits, and no series. Offsets are the model's, then the curve's, as with blocks. */
const tripCurve = z.strictObject({
  enabled: register.describe("register whose lowest bit is set while it applies"),
  curve: register.optional().describe("register with the number of the active curve, from 1; the first one without it"),
  at: register.describe("where the first curve begins"),
  registers: z.int().min(1).max(65_535).optional().describe("how many registers each curve has, where it may be another than the first"),
  active: register.describe("register of the curve that says how many points it has"),
  first: register.describe("value of its first point"),
  every: z.int().min(1).max(100).describe("registers from one point's value to the next"),
  type: z.enum(sunspecTypes),
  scale: text,
  unit: z.enum(unitNames),
  limits: pointLimits,
});

/** What is read of a model: a file of config/profiles/sunspec. Models that are alike have one file. */
export const sunspecModel = z
  .strictObject({
    kind: text.describe("what limits of other models may be for: inverter, meter, battery, ..."),
    registers: register.describe("registers after number and length, without repeated blocks"),
    facts: z
      .array(z.strictObject({ name: labelName, at: register, length: z.int().min(1).max(125) }))
      .default([])
      .describe("texts of the asset"),
    scales: z.record(text, register).default({}).describe("where the exponents are"),
    points: z.array(sunspecPoint).default([]),
    blocks: z
      .strictObject({
        label: labelName.describe("label that numbers the blocks from 1"),
        at: register.describe("where the first begins"),
        registers: z.int().min(1).max(65_535).describe("how many registers each has"),
        count: register.optional().describe("register that says how many there are; without it as many as the model has room for"),
        points: z.array(sunspecPoint).min(1),
      })
      .optional(),
    trip: tripCurve.optional(),
  })
  .superRefine((model, context) => {
    if (model.trip !== undefined && model.scales[model.trip.scale] === undefined)
      context.addIssue({ code: "custom", path: ["trip", "scale"], message: `${model.trip.scale} is none of its scales` });
    const known = (path: (string | number)[], { scale, limits }: SunspecPoint): void => {
      const unknown = [
        ...(scale !== undefined && model.scales[scale] === undefined ? [`${scale} is none of its scales`] : []),
        ...(limits?.near !== undefined && !model.points.some(({ point }) => point === limits.near)
          ? [`${limits.near} is none of its points`]
          : []),
      ];
      for (const message of unknown) context.addIssue({ code: "custom", path, message });
    };
    for (const [i, point] of model.points.entries()) known(["points", i], point);
    for (const [i, point] of (model.blocks?.points ?? []).entries()) known(["blocks", "points", i], point);
  });
export type SunspecModel = z.output<typeof sunspecModel>;

/** config/profiles/modbus/sunspec.yaml: every public model by its number. */
export const sunspecCatalogue = z.strictObject({
  profile: z.literal(sunspecProfile),
  source: text,
  models: z.record(
    z.string().regex(/^\d{1,5}$/, "a model's number"),
    z.strictObject({ name: text, points: text.optional().describe("the file that says what is read of it") }),
  ),
});
export type SunspecCatalogue = z.output<typeof sunspecCatalogue>;
