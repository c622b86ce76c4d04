import { z } from "zod";
import { duration, textForm } from "./values.ts";

/** How far a value has to come back inside a limit: in the metric's base unit, or as a share of the limit. */
export type ClearBy = number | { readonly percent: number };

const percentPattern = /^(\d+(?:\.\d+)?)%$/;

/** `2%`; undefined where it is no share below a half. */
function parsePercent(text: string): { percent: number } | undefined {
  const percent = Number(percentPattern.exec(text)?.[1] ?? Number.NaN);
  return percent < 50 ? { percent } : undefined;
}

const clearBy = z.union([
  z.number().min(0),
  textForm({
    expected: "a share of the limit such as 2%, below 50%",
    pattern: percentPattern.source,
    type: z.strictObject({ percent: z.number() }),
    parse: parsePercent,
    format: ({ percent }) => `${percent}%`,
  }),
]);

/** Levels that are not in the config but in what each series says of itself: limits, and what its states mean. */
export const fromDevice = z.union([
  z.literal(true),
  z.strictObject({
    for: duration.prefault("0s").describe("on-delay: the value must be past the limit this long"),
    hold: duration.prefault("0s").describe("off-delay: its end must hold this long"),
    clear_by: clearBy
      .default(0)
      .describe("dead band: how far it has to come back inside the limit, in the base unit or as a share such as 2%"),
  }),
]);

/** What a rule adds to the limits of devices. */
export interface DeviceRule {
  readonly forMs: number;
  readonly holdMs: number;
  readonly clearBy: ClearBy;
}

export function deviceRule(config: z.output<typeof fromDevice>): DeviceRule {
  return config === true ? { forMs: 0, holdMs: 0, clearBy: 0 } : { forMs: config.for, holdMs: config.hold, clearBy: config.clear_by };
}
