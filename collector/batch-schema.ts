import { createHash } from "node:crypto";
import { z } from "zod";
import { idPattern } from "../config/values.ts";
import { eventKinds, eventLevels } from "../core/asset-event.ts";
import type { BatchPreamble, NumberedSeries } from "../core/batch.ts";
import { topologySchema } from "./topology/schema.ts";

/** Most characters of any text that an agent sends. */
const maxText = 1024;
const maxLabels = 64;
const maxSeries = 100_000;
const maxStates = 1000;
const maxFacts = 200;
const maxTopologies = 100;

const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Text of a device: whatever its length or form, it must not cost its neighbours the batch. What is too long is cut and marked
 * with a digest, so that two long texts stay two; half a surrogate pair, which UTF-8 cannot write, becomes U+FFFD.
 */
const text = z.string().transform((value) => {
  const cut = value.length <= maxText ? value : `${value.slice(0, maxText - 20)}\u2026${digest(value)}`;
  return cut.replace(/\p{Surrogate}/gu, "\ufffd");
});
const id = z.string().max(maxText).regex(idPattern, "is not an id");
const whole = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const time = z.int().min(0).max(8.64e15);

/** A map of texts; its names are checked here, because z.record passes over `__proto__` in silence. */
function texts(most: number, fault: (name: string) => string | undefined) {
  return z
    .unknown()
    .superRefine((map, context) => {
      const names = typeof map === "object" && map !== null ? Object.keys(map) : [];
      if (names.length > most) context.addIssue({ code: "custom", message: `${names.length} entries, at most ${most}` });
      for (const name of names) {
        const why = name.length > maxText ? "is too long" : fault(name);
        if (why !== undefined) context.addIssue({ code: "custom", message: `${JSON.stringify(name.slice(0, 80))} ${why}` });
      }
    })
    .pipe(z.record(z.string(), text));
}

const labels = texts(maxLabels, (name) => {
  if (!labelPattern.test(name)) return "is not a label name";
  // Others that Prometheus reserves are legal here and renamed in /metrics.
  return name.startsWith("__") || name === "asset" ? "is a reserved label name" : undefined;
});

const states = texts(maxStates, (name) => (/^-?\d{1,15}$/.test(name) ? undefined : "is not the number of a state"));

const meanings = z.record(z.string().regex(/^-?\d{1,15}$/), z.enum(["warning", "major", "critical", "unknown"]));
const limit = z.number().optional();
const limits = z.object({ lowCritical: limit, lowWarning: limit, highWarning: limit, highCritical: limit });

const series = z.object({
  number: z.int().min(0).max(0xffff_ffff),
  asset: id,
  metric: z
    .string()
    .max(maxText)
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "is not a metric name"),
  labels,
  unit: z
    .string()
    .max(64)
    .regex(/^[!-~]*$/, "is not a UCUM code"),
  kind: z.enum(["gauge", "counter", "state"]),
  origin: text,
  everyMs: z.number().min(0).max(Number.MAX_SAFE_INTEGER).transform(Math.round),
  states: states.optional(),
  meanings: meanings.refine((map) => Object.keys(map).length <= maxStates, "has too many states").optional(),
  limits: limits.optional(),
});

const source = z.object({
  asset: id,
  protocol: z.enum(["snmp", "modbus", "mqtt"]),
  target: text,
  state: z.enum(["starting", "up", "down"]),
  reason: text,
  lastOk: time.nullable(),
});

const facts = texts(maxFacts, (name) => (name === "__proto__" ? "is not a name" : undefined));
const inventory = z.object({ asset: id, facts });

const event = z.object({
  asset: id,
  time,
  kind: z.enum(eventKinds),
  name: text,
  level: z.enum(eventLevels),
  text,
  labels,
  origin: text,
  values: facts,
});

/** By outcome; a newer agent may know more of them. */
const traps = z
  .record(
    z
      .string()
      .max(40)
      .regex(/^[a-z_]+$/),
    whole,
  )
  .refine((counts) => Object.keys(counts).length <= 40, "has too many outcomes");

const gap = z
  .object({ firstSeq: whole, lastSeq: whole, count: whole, reason: text, time })
  .refine(({ firstSeq, lastSeq }) => firstSeq <= lastSeq, "ends before it begins");

const preamble = z.object({
  series: z.array(series).max(maxSeries).optional(),
  sources: z.array(source).max(maxSeries).optional(),
  inventory: z.array(inventory).max(maxSeries).optional(),
  topologies: z
    .array(z.object({ asset: id, topology: topologySchema(text) }))
    .max(maxTopologies)
    .optional(),
  gaps: z.array(gap).max(10_000).optional(),
  events: z.array(event).max(10_000).optional(),
  traps: traps.optional(),
});

function digest(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}

/** What an agent says is not what docs/delivery.md allows. */
export class PreambleError extends Error {
  override readonly name = "PreambleError";
}

/** The preamble of a batch, checked and with unknown members left out. Throws PreambleError with the first few faults. */
export function readPreamble(from: unknown): BatchPreamble {
  return check(preamble, from) as BatchPreamble;
}

/** Body of a description request: `{series: [...]}`, at most `most` of them. Throws PreambleError. */
export function readDescriptions(from: unknown, most: number): readonly NumberedSeries[] {
  return check(z.object({ series: z.array(series).max(most) }), from).series as readonly NumberedSeries[];
}

function check<T>(schema: z.ZodType<T>, from: unknown): T {
  const result = schema.safeParse(from);
  if (result.success) return result.data;
  const shown = result.error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join(".") || "the preamble"}: ${issue.message}`);
  const more = result.error.issues.length - shown.length;
  throw new PreambleError(`${shown.join("; ")}${more > 0 ? ` and ${more} more` : ""}`);
}
