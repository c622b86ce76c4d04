import { z } from "zod";
import { selectorMap } from "./selector.ts";
import { duration, id, labels, metricName } from "./values.ts";

const conditions = ["above", "below", "is", "is_not", "stale"] as const;

/** When one level of an alarm is reached, and when it is left. */
export const threshold = z
  .strictObject({
    above: z.number().optional(),
    below: z.number().optional(),
    /** Name or number of a state. */
    is: z.union([z.string(), z.number()]).optional(),
    is_not: z.union([z.string(), z.number()]).optional(),
    /** No Good reading for this long. */
    stale: duration.optional(),
    /** Dead band: an `above` alarm ends only at or below this, a `below` alarm at or above. */
    clear: z.number().optional(),
    /** On-delay: the condition must hold this long. */
    for: duration.prefault("0s"),
    /** Off-delay: its end must hold this long. */
    hold: duration.prefault("0s"),
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
    on: selectorMap.optional(),
    asset: id.optional(),
    metric: metricName,
    /** Labels that the series must carry. */
    where: labels.default({}),
    warning: threshold.optional(),
    major: threshold.optional(),
    critical: threshold.optional(),
    latch: z.boolean().default(false),
    text: z.string().optional(),
    runbook: z.url().optional(),
  })
  .superRefine((rule, context) => {
    if ((rule.on === undefined) === (rule.asset === undefined))
      context.addIssue({ code: "custom", message: "needs either `on` (a label selector) or `asset`" });
    if (rule.warning === undefined && rule.major === undefined && rule.critical === undefined) {
      context.addIssue({ code: "custom", message: "needs at least one of warning, major, critical" });
    }
  });
export type AlarmConfig = z.output<typeof alarm>;
