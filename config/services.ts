import { z } from "zod";
import { parseSelector, type Selector, selectorLine } from "./selector.ts";
import { id, idPattern, parseDuration } from "./values.ts";

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
      readonly kind: "sum";
      readonly members: Selector;
      /** Name of the attribute that is each member's weight. */
      readonly weight: string;
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

const quorumPattern = /^(?:(\d+)|(\d+(?:\.\d+)?)%|(all)|(any))$/;

/** `2`, `60%`, `all`, `any`; undefined where it is none of them. */
export function parseQuorum(text: string): Quorum | undefined {
  const match = quorumPattern.exec(text.trim());
  if (match === null) return undefined;
  if (match[1] !== undefined) return Number(match[1]) > 0 ? { count: Number(match[1]) } : undefined;
  if (match[3] !== undefined) return { percent: 100 };
  if (match[4] !== undefined) return { count: 1 };
  const percent = Number(match[2]);
  return percent > 0 && percent <= 100 ? { percent } : undefined;
}

const needForms =
  'expected "service ID", "asset ID", "N of {label=value}", "N% of {label=value}" or "ASSET METRIC >= NUMBER [for 30s] [clear NUMBER]"';
const metricLine = /^(\S+)\s+([a-z][a-z0-9_]*)(\{[^}]*\})?\s*(>=|<=|>|<)\s*([-+0-9.eE]+)(?:\s+for\s+(\S+))?(?:\s+clear\s+([-+0-9.eE]+))?$/;

/** Reads one line of `needs`; the text says what is wrong where it cannot be read. */
export function parseNeed(line: string): Need | string {
  const text = line.trim();
  const named = /^(service|asset)\s+(\S+)$/.exec(text);
  if (named !== null) {
    const name = named[2] ?? "";
    if (!idPattern.test(name)) return `${JSON.stringify(name)} is not an id`;
    return named[1] === "service"
      ? { kind: "service", service: name, worst: "critical" }
      : { kind: "asset", asset: name, worst: "critical" };
  }
  const members = /^(\S+)\s+of\s+(\{.*\})$/s.exec(text);
  if (members !== null) {
    const quorum = parseQuorum(members[1] ?? "");
    const selector = parseSelector(members[2] ?? "");
    if (quorum === undefined) return `${JSON.stringify(members[1])} is not a number, a percentage, all or any`;
    if (selector === undefined) return `${JSON.stringify(members[2])} is not a selector such as {type=filler,line=3}`;
    return { kind: "members", members: selector, quorum, minMembers: 1, worst: "critical" };
  }
  return parseMetricNeed(text);
}

function parseMetricNeed(text: string): Need | string {
  const match = metricLine.exec(text);
  if (match === null) return `${JSON.stringify(text)} is not a need: ${needForms}`;
  const [, asset = "", metric = "", where, comparison, value, forText, clearText] = match;
  const selector = where === undefined ? { labels: {} } : parseSelector(where);
  if (selector === undefined) return `${JSON.stringify(where)} is not a list of labels such as {sensor=main}`;
  const forMs = forText === undefined ? 0 : parseDuration(forText);
  if (forMs === undefined) return `${JSON.stringify(forText)} is not a duration such as 30s`;
  const limit = Number(value);
  const clear = clearText === undefined ? undefined : Number(clearText);
  if (Number.isNaN(limit) || Number.isNaN(clear ?? 0)) return `${JSON.stringify(text)}: a limit is not a number`;
  const rising = comparison === ">=" || comparison === ">";
  if (clear !== undefined && (rising ? clear < limit : clear > limit))
    return `clear ${clear} would end the alarm while ${metric} is still ${rising ? "below" : "above"} ${limit}`;
  return {
    kind: "metric",
    asset,
    metric,
    where: selector.labels,
    comparison: comparison as Comparison,
    value: limit,
    forMs,
    ...(clear === undefined ? {} : { clear }),
    worst: "critical",
  };
}

const worst = z.enum(["warning", "major", "critical"]).default("critical");
const minMembers = z.int().min(1).default(1);

const needLine = z.string().transform((line, context): Need => {
  const need = parseNeed(line);
  if (typeof need !== "string") return need;
  context.addIssue({ code: "custom", message: need });
  return z.NEVER;
});

const quorum = z.union([z.int().min(1), z.string()]).transform((value, context): Quorum => {
  const found = parseQuorum(String(value));
  if (found !== undefined) return found;
  context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is not a number, a percentage, all or any` });
  return z.NEVER;
});

const needObject = z.union([
  z.strictObject({ asset: id, worst }).transform((need): Need => ({ kind: "asset", ...need })),
  z.strictObject({ service: id, worst }).transform((need): Need => ({ kind: "service", ...need })),
  z.strictObject({ of: selectorLine, at_least: quorum, degraded_below: quorum.optional(), worst, min_members: minMembers }).transform(
    (need): Need => ({
      kind: "members",
      members: need.of,
      quorum: need.at_least,
      ...(need.degraded_below === undefined ? {} : { degradedBelow: need.degraded_below }),
      minMembers: need.min_members,
      worst: need.worst,
    }),
  ),
  z
    .strictObject({
      sum: selectorLine,
      weight: z.string().min(1),
      at_least: z.number().positive(),
      degraded_below: z.number().positive().optional(),
      worst,
      min_members: minMembers,
    })
    .transform(
      (need): Need => ({
        kind: "sum",
        members: need.sum,
        weight: need.weight,
        atLeast: need.at_least,
        ...(need.degraded_below === undefined ? {} : { degradedBelow: need.degraded_below }),
        minMembers: need.min_members,
        worst: need.worst,
      }),
    ),
  z.strictObject({ metric: z.string().min(1), worst }).transform((need, context): Need => {
    const parsed = parseNeed(need.metric);
    if (typeof parsed !== "string") return { ...parsed, worst: need.worst };
    context.addIssue({ code: "custom", path: ["metric"], message: parsed });
    return z.NEVER;
  }),
]);

const percent = z.string().transform((text, context): number => {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / 100;
  if (value > 0 && value < 1) return value;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not a percentage between 0% and 100%, such as 99.5%` });
  return z.NEVER;
});

const cost = z.union([z.string(), z.number()]).transform((value, context): { amount: number; currency: string } => {
  const match = /^(\d+(?:\.\d+)?)(?:\s*([A-Za-z]{3}))?$/.exec(String(value).trim());
  if (match !== null) return { amount: Number(match[1]), currency: (match[2] ?? "").toUpperCase() };
  context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is not an amount such as 4000 EUR` });
  return z.NEVER;
});

/** Something the business delivers or relies on. */
export const service = z.strictObject({
  name: z.string().min(1).optional(),
  owner: z.string().min(1).optional(),
  needs: z.array(z.union([needLine, needObject])).min(1),
  calendar: id.optional(),
  /** 0..1 in the typed config. */
  slo: percent.optional(),
  cost_per_hour: cost.optional(),
});
export type ServiceConfig = z.output<typeof service>;

/** When a service is meant to be delivered. */
export const calendar = z.strictObject({
  zone: z.string().refine(isZone, "is not a time zone of the IANA data base, such as Europe/Prague"),
  open: z
    .array(
      z
        .string()
        .regex(
          /^[A-Z][a-z]{2}(-[A-Z][a-z]{2})?(,[A-Z][a-z]{2}(-[A-Z][a-z]{2})?)*\s+\d{2}:\d{2}-\d{2}:\d{2}$/,
          'is not "Mon-Fri 06:00-22:00"',
        ),
    )
    .min(1),
  except: z
    .array(z.string().regex(/^\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?$/, 'is not "2026-12-24" or "2026-12-24..2026-12-26"'))
    .default([]),
});
export type CalendarConfig = z.output<typeof calendar>;

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
