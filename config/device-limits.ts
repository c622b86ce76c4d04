import { z } from "zod";
import type { DeviceLimits } from "../core/reading.ts";

const limit = z.number().optional();

/** Limits that a device has for a value, in the base unit of its metric. */
export const deviceLimits = z
  .strictObject({ low_critical: limit, low_warning: limit, high_warning: limit, high_critical: limit })
  .superRefine((limits, context) => {
    let before: { name: string; value: number } | undefined;
    for (const name of ["low_critical", "low_warning", "high_warning", "high_critical"] as const) {
      const value = limits[name];
      if (value === undefined) continue;
      if (before !== undefined && value < before.value)
        context.addIssue({ code: "custom", path: [name], message: `${value} is below ${before.name}, which is ${before.value}` });
      before = { name, value };
    }
  });

/** What a device means by its states, by number. */
export const stateMeanings = z.record(z.string().regex(/^-?\d+$/, "a state's number"), z.enum(["warning", "major", "critical", "unknown"]));

export function limitsOf(config: z.output<typeof deviceLimits>): DeviceLimits {
  const { low_critical, low_warning, high_warning, high_critical } = config;
  return {
    ...(low_critical === undefined ? {} : { lowCritical: low_critical }),
    ...(low_warning === undefined ? {} : { lowWarning: low_warning }),
    ...(high_warning === undefined ? {} : { highWarning: high_warning }),
    ...(high_critical === undefined ? {} : { highCritical: high_critical }),
  };
}
