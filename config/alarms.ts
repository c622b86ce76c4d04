import { z } from "zod";
import { fromDevice } from "./from-device.ts";
import { selectorMap } from "./selector.ts";
import { type LevelKey, levelKeys, orderFaults, type Threshold, threshold } from "./thresholds.ts";
import { id, labels, metricName } from "./values.ts";

export type { Threshold } from "./thresholds.ts";

/** What an asset or a service may be for an alarm to be suppressed; a level means that one or a worse. */
const suppressor = z.enum(["down", "maintenance", "warning", "major", "critical"]);

/** A state of the plant in which an alarm says nothing new. */
const suppressWhen = z.union([
  z.strictObject({
    asset: id.optional().describe("the asset that is looked at; the alarm's own without it"),
    is: suppressor.describe("`down` (no data), `maintenance`, or a level: that one or a worse"),
  }),
  z.strictObject({
    service: id.describe("the service that is looked at"),
    is: z.enum(["warning", "major", "critical"]).describe("its level: that one or a worse"),
  }),
  z.strictObject({
    asset: id.optional().describe("the asset whose metric is looked at; the alarm's own without it"),
    metric: metricName.describe("the metric that is looked at"),
    where: labels.default({}).describe("labels that its series must carry"),
    while: threshold.describe("what it has to do, as in a level"),
  }),
  z.strictObject({ via: z.literal("down").describe("there is no way to the alarm's own asset") }),
]);
export type SuppressWhen = z.output<typeof suppressWhen>;

const levelOverride = z.union([z.literal("none"), threshold]);
const override = z.strictObject({
  warning: levelOverride.optional(),
  major: levelOverride.optional(),
  critical: levelOverride.optional(),
});

/** A threshold rule on the series of one metric, of one asset or of all that a selector finds. */
export const alarm = z
  .strictObject({
    on: selectorMap.optional().describe("the assets it watches, by their labels"),
    asset: id.optional().describe("the one asset it watches"),
    metric: z
      .union([metricName, z.array(metricName).min(1)])
      .optional()
      .describe("the metric it watches; with `from_device` also a list, or all without it"),
    where: labels.default({}).describe("labels that the series must carry"),
    warning: threshold.optional(),
    major: threshold.optional(),
    critical: threshold.optional(),
    from_device: fromDevice
      .optional()
      .describe("in place of levels: each series is judged by the limits that its device names, and by what its states mean"),
    override: z.record(id, override).default({}).describe("levels that differ for single assets, by their ids; `none` takes one out"),
    latch: z.boolean().default(false).describe("stays until an operator resets it"),
    suppress_when: z.array(suppressWhen).default([]).describe("suppressed by design while any of these holds"),
    group: id.optional().describe("alarms that tell among each other which came first; those of one asset without it"),
    text: z.string().optional().describe("what people read; {asset.name} and {value} are filled in"),
    runbook: z
      .url({ protocol: /^https?$/, error: "an http:// or https:// URL" })
      .optional()
      .describe("URL of what to do"),
  })
  .superRefine((rule, context) => {
    if ((rule.on === undefined) === (rule.asset === undefined))
      context.addIssue({ code: "custom", message: "needs `on` (a label selector) or `asset`, and not both" });
    for (const { path, message } of formFaults(rule)) context.addIssue({ code: "custom", message, path });
    for (const fault of orderFaults(rule)) context.addIssue({ code: "custom", message: fault.message, path: fault.path });
    for (const asset of Object.keys(rule.override)) {
      // Faults of the rule itself are told once, not again with each override.
      if (orderFaults(rule).length > 0) break;
      for (const fault of orderFaults(levelsFor(rule, asset)))
        context.addIssue({ code: "custom", message: fault.message, path: ["override", asset] });
    }
  });
export type AlarmConfig = z.output<typeof alarm>;

/** What the levels are taken from: the config, or devices, and never both. */
function formFaults(
  rule: Pick<AlarmConfig, LevelKey | "override" | "from_device" | "metric">,
): readonly { path: string[]; message: string }[] {
  const levels = levelKeys.filter((name) => rule[name] !== undefined);
  const overrides = Object.keys(rule.override).length > 0;
  if (rule.from_device !== undefined) {
    const both = [...levels, ...(overrides ? ["override"] : [])];
    return both.map((key) => ({
      path: [key],
      message: "stands beside from_device, which takes the levels from the devices: expected one of both",
    }));
  }
  const faults =
    levels.length === 0 && !overrides ? [{ path: [], message: "needs at least one of warning, major, critical, or from_device" }] : [];
  if (rule.metric === undefined) return [...faults, { path: ["metric"], message: "is missing, expected text" }];
  return typeof rule.metric === "string"
    ? faults
    : [...faults, { path: ["metric"], message: "is a list, which is for from_device only, expected text" }];
}

/** The metrics that a rule is about; of one with `from_device` all, where there is none. */
export function metricsOf({ metric }: Pick<AlarmConfig, "metric">): readonly string[] {
  return metric === undefined ? [] : typeof metric === "string" ? [metric] : metric;
}

type Levels = { readonly [L in LevelKey]?: Threshold | undefined };

/** The levels that a rule has on one asset: its own, or what is overridden there. */
export function levelsFor(rule: Pick<AlarmConfig, LevelKey | "override">, asset: string): Levels {
  const own = rule.override[asset] ?? {};
  const chosen = (name: LevelKey): Threshold | undefined => {
    const level = own[name] ?? rule[name];
    return level === "none" ? undefined : level;
  };
  return { warning: chosen("warning"), major: chosen("major"), critical: chosen("critical") };
}
