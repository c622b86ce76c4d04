import { z } from "zod";
import { parseDayRange, parseOpenHours } from "./calendar.ts";
import { needLine, parseNeed, parseQuorum, quorumText } from "./need-line.ts";
import { type NeedPart, needParts } from "./need-parts.ts";
import { quote } from "./quote.ts";
import { type Selector, selectorLine } from "./selector.ts";
import { slo } from "./slo.ts";
import { id, labels, metricName, zone } from "./values.ts";

export type Comparison = ">=" | ">" | "<=" | "<";

/** How many of the members must be ok. */
export type Quorum = { readonly count: number } | { readonly percent: number };

/** One line of `needs`, as the roll-up takes it. `worst` caps what it can do to the service. */
export type Need = { readonly worst: "warning" | "major" | "critical" } & (
  | { readonly kind: "asset"; readonly asset: string }
  | { readonly kind: "service"; readonly service: string }
  | {
      readonly kind: "members";
      readonly members: Selector;
      readonly quorum: Quorum;
      readonly degradedBelow?: Quorum;
      readonly minMembers: number;
    }
  | {
      /** Assets and services by name; a quorum is a share of their weights. */
      readonly kind: "parts";
      readonly parts: readonly NeedPart[];
      readonly quorum: Quorum;
      readonly degradedBelow?: Quorum;
    }
  | {
      readonly kind: "sum";
      readonly members: Selector;
      /** Name of the attribute that is each member's weight; with `live` what it gives where its value is not known. */
      readonly weight: string;
      /** The metric whose value is each member's weight while it is Good. */
      readonly live?: { readonly metric: string; readonly where: Readonly<Record<string, string>> };
      readonly atLeast: number;
      readonly degradedBelow?: number;
      readonly minMembers: number;
    }
  | {
      readonly kind: "metric";
      readonly asset: string;
      readonly metric: string;
      readonly where: Readonly<Record<string, string>>;
      /** What must hold. */
      readonly comparison: Comparison;
      readonly value: number;
      readonly forMs: number;
      readonly clear?: number;
    }
);

const worst = z.enum(["warning", "major", "critical"]).default("critical").describe("the worst that this need can do to the service");
const minMembers = z.int().min(1).default(1).describe("fewer members than this is a mistake in the config");

// Enough to tell a need from other values; what is in it parseNeed and fromObject see to.
const needType = z.looseObject({ kind: z.string() }) as unknown as z.ZodType<Need, Need>;
const quorumType: z.ZodType<Quorum, Quorum> = z.union([z.strictObject({ count: z.number() }), z.strictObject({ percent: z.number() })]);

const needText: z.ZodType<Need, string> = z.codec(z.string(), needType, {
  decode(line, context) {
    const need = parseNeed(line);
    if (typeof need !== "string") return need;
    context.issues.push({ code: "custom", message: need, input: line });
    return z.NEVER;
  },
  encode(need, context) {
    const line = needLine(need);
    if (line !== undefined) return line;
    context.issues.push({ code: "custom", message: "needs the long form", input: need });
    return z.NEVER;
  },
});

const quorum = z.codec(z.union([z.int().min(1), z.string()]), quorumType, {
  decode(value, context) {
    const found = parseQuorum(String(value));
    if (found !== undefined) return found;
    context.issues.push({ code: "custom", message: `${quote(value)} is not a number, a percentage, all or any`, input: value });
    return z.NEVER;
  },
  encode: (value) => ("count" in value ? value.count : quorumText(value)),
});

const needAsset = z.strictObject({ asset: id, worst });
const needService = z.strictObject({ service: id, worst });
const needMembers = z.strictObject({
  of: z.union([selectorLine, needParts]).describe("the members: a selector, or a list of assets and services, each with a weight or not"),
  at_least: quorum.describe("how many members (of a list: how much of their weight) must be ok: a number, a percentage, all or any"),
  degraded_below: quorum.optional().describe("fewer than this is a warning"),
  worst,
  min_members: minMembers,
});
const attribute = z.string().min(1);
const liveWeight = z.strictObject({
  metric: metricName.describe("its value is the member's weight while it is Good"),
  where: labels.default({}).describe("labels that the series must carry"),
  nominal: attribute.describe("the attribute that says what a member gives when all is well"),
});
const needSum = z.strictObject({
  sum: selectorLine,
  weight: z.union([attribute, liveWeight]).describe("the attribute that is each member's weight, or a metric that says it live"),
  at_least: z.number().positive().describe("the sum of the ok members' weights must reach this"),
  degraded_below: z.number().positive().optional().describe("a lower sum than this is a warning"),
  worst,
  min_members: minMembers,
});
const needMetric = z.strictObject({ metric: needText.describe("ASSET METRIC >= NUMBER [for 30s] [clear NUMBER]"), worst });
const needObject = z.union([needAsset, needService, needMembers, needSum, needMetric]);
type NeedObject = z.output<typeof needObject>;

function fromObject(need: NeedObject): Need {
  if ("asset" in need) return { kind: "asset", ...need };
  if ("service" in need) return { kind: "service", ...need };
  if ("metric" in need) return { ...need.metric, worst: need.worst };
  const degraded = need.degraded_below;
  const common = { minMembers: need.min_members, worst: need.worst };
  if ("sum" in need) {
    const sum = { kind: "sum" as const, members: need.sum, ...weightOf(need.weight), atLeast: need.at_least };
    return { ...sum, ...(typeof degraded === "number" ? { degradedBelow: degraded } : {}), ...common };
  }
  const quorums = { quorum: need.at_least, ...(typeof degraded === "object" ? { degradedBelow: degraded } : {}) };
  if (Array.isArray(need.of)) return { kind: "parts", parts: need.of, ...quorums, worst: need.worst };
  return { kind: "members", members: need.of as Selector, ...quorums, ...common };
}

function weightOf(weight: string | z.output<typeof liveWeight>): Pick<Need & { kind: "sum" }, "weight" | "live"> {
  if (typeof weight === "string") return { weight };
  return { weight: weight.nominal, live: { metric: weight.metric, where: weight.where } };
}

function toObject(need: Need): NeedObject {
  const worst = need.worst;
  if (need.kind === "asset") return { asset: need.asset, worst };
  if (need.kind === "service") return { service: need.service, worst };
  if (need.kind === "metric") return { metric: { ...need, worst: "critical" }, worst };
  const common = { worst, min_members: need.kind === "parts" ? 1 : need.minMembers };
  if (need.kind === "sum") {
    const degraded = need.degradedBelow === undefined ? {} : { degraded_below: need.degradedBelow };
    const weight = need.live === undefined ? need.weight : { ...need.live, nominal: need.weight };
    return { sum: need.members, weight, at_least: need.atLeast, ...degraded, ...common };
  }
  const degraded = need.degradedBelow === undefined ? {} : { degraded_below: need.degradedBelow };
  return { of: need.kind === "parts" ? [...need.parts] : need.members, at_least: need.quorum, ...degraded, ...common };
}

const needLong: z.ZodType<Need, z.input<typeof needObject>> = z.codec(needObject, needType, {
  decode: fromObject,
  encode: toObject,
});

interface Cost {
  readonly amount: number;
  /** ISO 4217, or empty. */
  readonly currency: string;
}

const cost = z.codec(z.union([z.string(), z.number()]), z.object({ amount: z.number(), currency: z.string() }), {
  decode(value, context): Cost {
    const match = /^(\d+(?:\.\d+)?)(?:\s*([A-Za-z]{3}))?$/.exec(String(value).trim());
    if (match !== null) return { amount: Number(match[1]), currency: (match[2] ?? "").toUpperCase() };
    context.issues.push({ code: "custom", message: `${quote(value)} is not an amount such as 4000 EUR`, input: value });
    return z.NEVER;
  },
  encode: ({ amount, currency }) => `${amount} ${currency}`.trim(),
});

/** Something the business delivers or relies on. */
export const service = z.strictObject({
  name: z.string().min(1).optional().describe("what people call it; the id without it"),
  owner: z.string().min(1).optional().describe("who answers for it: notify routes choose by it"),
  needs: z
    .array(z.union([needText, needLong]))
    .min(1)
    .describe("what the service needs to be ok"),
  calendar: id.optional().describe("when it is meant to be delivered: an id of calendars"),
  slo: slo
    .optional()
    .describe("the share of scheduled time that it is meant to be good, such as 97%, or a mapping with target, level, window"),
  cost_per_hour: cost.optional().describe("what an hour without it costs, such as 4000 EUR"),
});

/** A text that `parse` understands; what it says otherwise is the fault. */
const readable = (parse: (text: string) => object | string) =>
  z.string().superRefine((text, context) => {
    const found = parse(text);
    if (typeof found === "string") context.addIssue({ code: "custom", message: `${quote(text)}: ${found}` });
  });

/** When a service is meant to be delivered. */
export const calendar = z.strictObject({
  zone: zone.describe("time zone of the IANA data base"),
  open: z.array(readable(parseOpenHours)).min(1).describe('days and hours of a week, such as "Mon-Fri 06:00-14:00,14:00-22:00"'),
  except: z.array(readable(parseDayRange)).default([]).describe('days on which it is closed, such as "2026-12-24..2026-12-26"'),
});
