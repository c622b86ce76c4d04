import { z } from "zod";
import { selectorMap } from "./selector.ts";
import { duration, id, labels, metricName } from "./values.ts";

const conditions = ["above", "below", "is", "is_not", "stale"] as const;

const state = z.union([z.string(), z.number()]);

/** When one level of an alarm is reached, and when it is left. */
export const threshold = z
  .strictObject({
    above: z.number().optional().describe("true while the value is above this, in the metric's base unit"),
    below: z.number().optional().describe("true while the value is below this, in the metric's base unit"),
    is: state.optional().describe("true while the state has this name or number"),
    is_not: state.optional().describe("true while the state has any other name or number"),
    stale: duration.optional().describe("true when no Good reading came for this long"),
    clear: z.number().optional().describe("dead band: an `above` alarm ends only at or below this, a `below` alarm at or above"),
    for: duration.prefault("0s").describe("on-delay: the condition must hold this long"),
    hold: duration.prefault("0s").describe("off-delay: its end must hold this long"),
  })
  .superRefine((level, context) => {
    const given = conditions.filter((name) => level[name] !== undefined);
    if (given.length !== 1) {
      context.addIssue({
        code: "custom",
        message: `has ${given.length === 0 ? "no condition" : given.join(" and ")}, expected exactly one of ${conditions.join(", ")}`,
      });
    }
    if (level.clear === undefined) return;
    if (level.above !== undefined && level.clear > level.above) {
      context.addIssue({
        code: "custom",
        path: ["clear"],
        message: `${level.clear} is above the threshold of ${level.above}: the alarm would end while it is still true`,
      });
    } else if (level.below !== undefined && level.clear < level.below) {
      context.addIssue({
        code: "custom",
        path: ["clear"],
        message: `${level.clear} is below the threshold of ${level.below}: the alarm would end while it is still true`,
      });
    } else if (level.above === undefined && level.below === undefined) {
      context.addIssue({ code: "custom", path: ["clear"], message: "clear is a dead band for above and below only" });
    }
  });
export type Threshold = z.output<typeof threshold>;

/** A threshold rule on the series of one metric, of one asset or of all that a selector finds. */
export const alarm = z
  .strictObject({
    on: selectorMap.optional().describe("the assets it watches, by their labels"),
    asset: id.optional().describe("the one asset it watches"),
    metric: metricName.describe("the metric it watches"),
    where: labels.default({}).describe("labels that the series must carry"),
    warning: threshold.optional(),
    major: threshold.optional(),
    critical: threshold.optional(),
    latch: z.boolean().default(false).describe("stays until an operator resets it"),
    text: z.string().optional().describe("what people read; {asset.name} and {value} are filled in"),
    runbook: z
      .url({ protocol: /^https?$/, error: "an http:// or https:// URL" })
      .optional()
      .describe("URL of what to do"),
  })
  .superRefine((rule, context) => {
    if ((rule.on === undefined) === (rule.asset === undefined))
      context.addIssue({ code: "custom", message: "needs `on` (a label selector) or `asset`, and not both" });
    if (rule.warning === undefined && rule.major === undefined && rule.critical === undefined)
      context.addIssue({ code: "custom", message: "needs at least one of warning, major, critical" });
    for (const fault of orderFaults(rule)) context.addIssue({ code: "custom", ...fault });
  });
export type AlarmConfig = z.output<typeof alarm>;

interface Levels {
  readonly warning?: Threshold | undefined;
  readonly major?: Threshold | undefined;
  readonly critical?: Threshold | undefined;
}

const rising = ["warning", "major", "critical"] as const;

/** A worse level that is reached before a milder one would hide it: its threshold must lie further out. */
function orderFaults(levels: Levels): { path: PropertyKey[]; message: string }[] {
  const faults: { path: PropertyKey[]; message: string }[] = [];
  for (const side of ["above", "below"] as const) {
    let milder: { name: string; limit: number } | undefined;
    for (const name of rising) {
      const limit = levels[name]?.[side];
      if (limit === undefined) continue;
      if (milder !== undefined && (side === "above" ? limit < milder.limit : limit > milder.limit)) {
        const message = `${name} ${side} ${limit} is reached before ${milder.name} ${side} ${milder.limit}: expected ${milder.limit} or ${side === "above" ? "more" : "less"}`;
        faults.push({ path: [name, side], message });
      }
      milder = { name, limit };
    }
  }
  return faults;
}
