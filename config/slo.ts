import { z } from "zod";
import { quote } from "./quote.ts";
import { duration } from "./values.ts";

const dayMs = 86_400_000;

/** A burn-rate rule: it fires while the budget is spent at `factor` times the even rate, over the long and the short window. */
export interface BurnRule {
  readonly factor: number;
  /** Scheduled time, ms. */
  readonly longMs: number;
  readonly shortMs: number;
  readonly level: "warning" | "major" | "critical";
}

/** How good a service is meant to be. */
export interface Slo {
  /** 0..1. */
  readonly target: number;
  /** At this level or above the service counts as down. */
  readonly level: "warning" | "major" | "critical";
  readonly windowMs: number;
  /** Rules of config; those that fit target and window where it is undefined. */
  readonly burn?: readonly BurnRule[];
  /** Least scheduled time in a window before a burn rate of it says anything, ms. */
  readonly minScheduledMs: number;
}

const expected = "a percentage between 0% and 100%, such as 99.5%";

/** A number is taken in only to say what is wrong with it: 0.97 is what people try first. */
const percent = z.codec(z.union([z.string().meta({ description: expected }), z.number()]), z.number(), {
  decode(found, context): number {
    const match = /^(\d+(?:\.\d+)?)%$/.exec(String(found));
    const value = match === null ? Number.NaN : Number(match[1]) / 100;
    if (value > 0 && value < 1) return value;
    context.issues.push({ code: "custom", message: `${quote(found)} is not ${expected}`, input: found });
    return z.NEVER;
  },
  encode: percentText,
});

/** 0.995 to `99.5%`. */
export function percentText(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(12))}%`;
}

const level = z.enum(["warning", "major", "critical"]);
const standard = { level: "major", windowMs: 30 * dayMs, minScheduledMs: 5 * 60_000 } as const;

const burnRule = z.strictObject({
  factor: z.number().positive().describe("fires while the error budget is spent this many times faster than evenly"),
  long: duration.describe("the window that has to show it, in scheduled time"),
  short: duration.describe("the shorter window that has to show it too, so that the alarm ends soon after the trouble"),
  level: level.default("major").describe("how bad that is"),
});

/** A service that is down all the time spends its budget 1 / (1 - target) times faster than evenly: nothing is above that. */
export function highestBurn(target: number): number {
  return 1 / (1 - target);
}

const long = z
  .strictObject({
    target: percent.describe("the share of scheduled time that it is meant to be good"),
    level: level.default(standard.level).describe("at this level or above it counts as down"),
    window: duration.prefault("30d").describe("the time over which the target is meant"),
    burn: z.array(burnRule).min(1).optional().describe("burn-rate rules in place of the usual four"),
    min_scheduled: duration.prefault("5m").describe("least scheduled time in a window before its burn rate counts"),
  })
  .superRefine(({ target, window, burn = [] }, context) => {
    const fault = (path: PropertyKey[], message: string): void => context.addIssue({ code: "custom", path, message });
    if (window < dayMs) fault(["window"], "is shorter than 1d");
    for (const [i, rule] of burn.entries()) {
      const most = highestBurn(target);
      if (rule.factor >= most * (1 - 1e-12))
        fault(
          ["burn", i, "factor"],
          `${rule.factor} can never fire: with a target of ${percentText(target)} nothing burns faster than ${Number(most.toPrecision(6))} (1 / (1 - target)), expected less`,
        );
      if (rule.short <= 0) fault(["burn", i, "short"], "is no time at all");
      else if (rule.short >= rule.long) fault(["burn", i, "short"], "is not shorter than `long`");
      if (rule.long > window) fault(["burn", i, "long"], "is longer than the window of the slo");
    }
  });
type LongSlo = z.output<typeof long>;

const sloType = z.looseObject({ target: z.number() }) as unknown as z.ZodType<Slo, Slo>;

/** `97%`, or a mapping where more is to be said. */
export const slo: z.ZodType<Slo, z.input<typeof percent> | z.input<typeof long>> = z.codec(z.union([percent, long]), sloType, {
  decode: (value): Slo => (typeof value === "number" ? { target: value, ...standard } : fromLong(value)),
  encode: toLong,
});

function fromLong({ target, level, window, burn, min_scheduled }: LongSlo): Slo {
  const rules = burn?.map((rule) => ({ factor: rule.factor, longMs: rule.long, shortMs: rule.short, level: rule.level }));
  return { target, level, windowMs: window, minScheduledMs: min_scheduled, ...(rules === undefined ? {} : { burn: rules }) };
}

function toLong({ target, level, windowMs, burn, minScheduledMs }: Slo): LongSlo | number {
  const plain = level === standard.level && windowMs === standard.windowMs && minScheduledMs === standard.minScheduledMs;
  if (plain && burn === undefined) return target;
  const rules = burn?.map((rule) => ({ factor: rule.factor, long: rule.longMs, short: rule.shortMs, level: rule.level }));
  return { target, level, window: windowMs, min_scheduled: minScheduledMs, ...(rules === undefined ? {} : { burn: rules }) };
}
