import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { isaStates } from "../core/alarm-view.ts";
import { messageOf } from "../core/errors.ts";
import { check, faultOf } from "./check.ts";
import { deviceLimits, stateMeanings } from "./device-limits.ts";
import { ConfigFaults } from "./fault.ts";
import { namesIn } from "./rules-test-names.ts";
import { actInStory, expectedIncident, expectedNotification } from "./rules-test-people.ts";
import type { Config } from "./schema.ts";
import { parseSelector, selectorText } from "./selector.ts";
import { parseSequence, type Step } from "./sequence.ts";
import { readYaml, type YamlSource } from "./source-map.ts";
import { duration, id, labels, textForm } from "./values.ts";

const assetState = z.enum(["ok", "warning", "major", "critical", "unknown", "maintenance"]);
const level = z.enum(["ok", "warning", "major", "critical"]);

/** `critical`, `unknown` (low and high differ) or `ok..critical` (low..high). */
export type ExpectedLevel = { readonly level: string } | { readonly low: string; readonly high: string };
const levelNames = level.options;

const expectedLevel = textForm<ExpectedLevel>({
  expected: "a level such as critical, an interval such as ok..critical, or unknown",
  type: z.union([z.strictObject({ level: z.string() }), z.strictObject({ low: z.string(), high: z.string() })]),
  parse(text) {
    const names: readonly string[] = levelNames;
    const [low = "", high, more] = text.split("..");
    if (more !== undefined) return undefined;
    if (high === undefined) return low === "unknown" || names.includes(low) ? { level: low } : undefined;
    return names.includes(low) && names.indexOf(high) >= names.indexOf(low) ? { low, high } : undefined;
  },
  format: (one) => ("level" in one ? one.level : `${one.low}..${one.high}`),
});

const sequence = z.codec(
  z.union([z.string(), z.number()]),
  z.array(z.unknown()) as unknown as z.ZodType<readonly Step[], readonly Step[]>,
  {
    decode(text, context) {
      const steps = parseSequence(String(text));
      if (typeof steps !== "string") return steps;
      context.issues.push({ code: "custom", message: steps, input: text });
      return z.NEVER;
    },
    encode: () => "",
  },
);

const instant = textForm({
  expected: "a time such as 2026-11-30T12:00:00Z",
  type: z.number(),
  parse: (text) => (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) || undefined : undefined),
  format: (time) => new Date(time).toISOString(),
});

const series = textForm({
  expected: "a series such as filler-31 temperature_celsius{sensor=bearing}",
  type: z.object({ asset: z.string(), metric: z.string(), labels: z.record(z.string(), z.string()) }),
  parse(text) {
    const [, asset, metric, where = ""] = /^(\S+)\s+([a-z][a-z0-9_]*)(\{.*\})?$/s.exec(text) ?? [];
    const selector = where === "" ? { labels: {} } : parseSelector(where);
    if (asset === undefined || metric === undefined || selector === undefined) return undefined;
    return { asset, metric, labels: { ...selector.labels } };
  },
  format: ({ asset, metric, labels }) => `${asset} ${metric}${selectorText({ labels })}`,
});

const expectedService = z.union([
  expectedLevel,
  z.strictObject({
    level: expectedLevel.optional(),
    causes: z.array(id).optional().describe("assets to blame, in this order"),
    why: z.string().optional().describe("text that the explanation contains"),
  }),
]);
const expectedAlarm = z.strictObject({
  alarm: id,
  asset: id.optional(),
  labels: labels.optional(),
  level: level.optional(),
  state: z.enum(["pending", "active", "clearing", "normal"]).optional().describe("of its process"),
  isa: z.enum(isaStates).optional().describe("what people see of it, by ISA-18.2"),
});
export type ExpectedAlarm = z.output<typeof expectedAlarm>;

const moment = z.strictObject({
  at: duration.describe("time after the start"),
  services: z.record(id, expectedService).default({}),
  assets: z.record(id, expectedLevel).default({}),
  alarms: z.array(expectedAlarm).optional().describe("all alarms that are active then; pending and normal ones only where they are named"),
  incidents: z.array(expectedIncident).optional().describe("all incidents that are open then; resolved ones only where they are named"),
  notifications: z
    .array(expectedNotification)
    .optional()
    .describe("all that channels are told from the last moment with `notifications` (or the start) on until this one"),
});

const readings = z.strictObject({
  series,
  values: sequence.describe("numbers, or names of `states`; _ is no reading, bad one without a value; 60x5, 60+1x5, _x5 repeat"),
  every: duration.optional(),
  unit: z.string().default(""),
  states: z
    .record(z.string().regex(/^-?\d+$/, "a number"), z.string())
    .optional()
    .describe("names of a state's numbers"),
  meanings: stateMeanings.optional().describe("what the device means by them, for alarms with `from_device`"),
  limits: deviceLimits.optional().describe("limits that the device names, for alarms with `from_device`"),
});

const snapshot = z.strictObject({
  name: z.string().min(1).optional(),
  given: z.record(id, assetState).describe("how assets stand; the others are ok"),
  expect: z.record(id, z.union([expectedService, z.array(id)])).describe("services; `causes` lists the assets to blame"),
});
const story = z.strictObject({
  name: z.string().min(1).optional(),
  start: instant.prefault("2026-01-01T00:00:00Z"),
  every: duration.prefault("10s").describe("time between two values"),
  levels: z.record(id, sequence).default({}).describe("how assets stand over time"),
  readings: z.array(readings).default([]),
  acts: z.array(actInStory).default([]).describe("what people do to alarms and incidents"),
  expect: z.array(moment).min(1),
});
/** What stands in a file of rules tests. */
export const rulesTestFile = z.strictObject({
  config: z.string().min(1).describe("the config under test: a file or a folder, from here"),
  tests: z.array(z.union([snapshot, story])).min(1),
});

export type RulesFile = z.output<typeof rulesTestFile>;
export type Snapshot = z.output<typeof snapshot>;
export type Story = z.output<typeof story>;
export type ExpectedService = z.output<typeof expectedService>;

/** A file of rules tests: what stands in it, and where. */
export interface RulesTestFile {
  readonly path: string;
  /** Of the config under test. */
  readonly config: string;
  readonly tests: RulesFile["tests"];
  /** Throws ConfigFaults where it names what the config does not have. */
  bind(config: Config): void;
  lineOf(test: number): number;
}

/** Reads a file of rules tests. Throws ConfigFaults with all that is wrong in it. */
export function readRulesTest(path: string, config?: string): RulesTestFile {
  const source = readYaml(path, readText(path));
  const checked = check(rulesTestFile, source.value);
  const faults = [...source.faults, ...(checked.ok || !source.usable ? [] : checked.findings.map((one) => faultOf(one, placed(source))))];
  if (!checked.ok || faults.length > 0) throw new ConfigFaults(faults);
  return {
    path,
    config: config ?? resolve(dirname(path), checked.value.config),
    tests: checked.value.tests,
    bind(against) {
      const found = checked.value.tests.flatMap((test, i) => namesIn(test, ["tests", i], against));
      if (found.length > 0) throw new ConfigFaults(found.map((one) => faultOf(one, placed(source))));
    },
    lineOf: (test) => source.locate(["tests", test], "value").line,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigFaults([{ file: path, path: "", message: `cannot be read: ${messageOf(error)}` }]);
  }
}

const placed = (source: YamlSource) => ({ locate: source.locate, fileOf: () => source.file });
