import { z } from "zod";
import { duration } from "./values.ts";

/** What a level may be about: exactly one of these. */
export const conditions = ["above", "below", "outside", "is", "is_not", "rate_above", "rate_below", "changes", "stale"] as const;

const state = z.union([z.string(), z.number()]);
const range = z.tuple([z.number(), z.number()]);

/** When one level of an alarm is reached, and when it is left. */
export const threshold = z
  .strictObject({
    above: z.number().optional().describe("true while the value is above this, in the metric's base unit"),
    below: z.number().optional().describe("true while the value is below this, in the metric's base unit"),
    outside: range.optional().describe("true while the value is below the first or above the second of these"),
    is: state.optional().describe("true while the state has this name or number"),
    is_not: state.optional().describe("true while the state has any other name or number"),
    rate_above: z.number().optional().describe("true while the value rises by more than this a second; resets of a counter are taken out"),
    rate_below: z.number().optional().describe("true while the value rises by less than this a second"),
    changes: z.int().min(1).optional().describe("true while the value changed at least this often `within`"),
    stale: duration.optional().describe("true when no Good reading came for this long"),
    clear: z
      .union([z.number(), range])
      .optional()
      .describe("dead band: an `above` alarm ends only at or below this, a `below` alarm at or above, an `outside` one within both"),
    over: duration.optional().describe("the time that a rate is taken over; between two readings without it"),
    count: z.int().min(2).optional().describe("the condition has to come true this often `within` before the alarm does"),
    within: duration.optional().describe("the time in which `changes` and `count` are counted"),
    for: duration.prefault("0s").describe("on-delay: the condition must hold this long"),
    hold: duration.prefault("0s").describe("off-delay: its end must hold this long"),
  })
  .superRefine((level, context) => {
    for (const { path, message } of thresholdFaults(level)) context.addIssue({ code: "custom", path, message });
  });
export type Threshold = z.output<typeof threshold>;

/** The levels of an alarm, the mildest first. */
export const levelKeys = ["warning", "major", "critical"] as const;
export type LevelKey = (typeof levelKeys)[number];

interface ThresholdFault {
  readonly path: PropertyKey[];
  readonly message: string;
}

type Parts = Omit<Threshold, "for" | "hold">;

function thresholdFaults(level: Parts): readonly ThresholdFault[] {
  const given = conditions.filter((name) => level[name] !== undefined);
  const fault = (key: string | undefined, message: string): ThresholdFault => ({ path: key === undefined ? [] : [key], message });
  const faults: ThresholdFault[] = [];
  if (given.length !== 1) {
    const found = given.length === 0 ? "no condition" : given.join(" and ");
    faults.push(fault(undefined, `has ${found}, expected exactly one of ${conditions.join(", ")}`));
  }
  const isRate = level.rate_above !== undefined || level.rate_below !== undefined;
  const counts = level.changes !== undefined || level.count !== undefined;
  if (level.over !== undefined && !isRate) faults.push(fault("over", "over is for rate_above and rate_below only"));
  if (level.within !== undefined && !counts) faults.push(fault("within", "within is for changes and count only"));
  if (level.within === undefined && counts) faults.push(fault("within", "is missing: changes and count need the time in which they count"));
  if (level.within === 0) faults.push(fault("within", "0s is no time to count in"));
  if (level.count !== undefined && (level.changes !== undefined || level.stale !== undefined))
    faults.push(fault("count", "count is for conditions on values only, not for changes and stale"));
  if (level.outside !== undefined && level.outside[0] > level.outside[1])
    faults.push(fault("outside", `${level.outside[0]} is above ${level.outside[1]}: expected the lower limit first`));
  const clear = clearFault(level);
  return clear === undefined ? faults : [...faults, fault("clear", clear)];
}

/** What is wrong with a dead band, or undefined. */
function clearFault(level: Parts): string | undefined {
  const { clear, outside } = level;
  if (clear === undefined) return undefined;
  if (outside !== undefined) {
    if (typeof clear === "number") return "an outside alarm needs two limits here: [lower, upper]";
    const [low, high] = clear;
    if (low < outside[0] || high > outside[1] || low > high)
      return `[${low}, ${high}] does not lie within [${outside[0]}, ${outside[1]}]: the alarm would end while it is still true`;
    return undefined;
  }
  const upper = level.above ?? level.rate_above;
  const lower = level.below ?? level.rate_below;
  if (upper === undefined && lower === undefined) return "clear is a dead band for above, below, outside and rates only";
  if (typeof clear !== "number") return "two limits are for outside only, expected one number";
  if (upper !== undefined && clear > upper)
    return `${clear} is above the threshold of ${upper}: the alarm would end while it is still true`;
  if (lower !== undefined && clear < lower)
    return `${clear} is below the threshold of ${lower}: the alarm would end while it is still true`;
  return undefined;
}

type Levels = { readonly [L in LevelKey]?: Threshold | "none" | undefined };

/** Conditions where a worse level must lie further out, and which way that is. */
const sides = [
  { key: "above", up: true, limit: (level: Threshold) => level.above ?? level.outside?.[1] },
  { key: "below", up: false, limit: (level: Threshold) => level.below ?? level.outside?.[0] },
  { key: "rate_above", up: true, limit: (level: Threshold) => level.rate_above },
  { key: "rate_below", up: false, limit: (level: Threshold) => level.rate_below },
] as const;

/** A worse level that is reached before a milder one would hide it: its threshold must lie further out. */
export function orderFaults(levels: Levels): readonly ThresholdFault[] {
  const faults: ThresholdFault[] = [];
  for (const { key, up, limit: limitOf } of sides) {
    let milder: { name: string; limit: number } | undefined;
    for (const name of levelKeys) {
      const level = levels[name];
      const limit = level === undefined || level === "none" ? undefined : limitOf(level);
      if (level === undefined || level === "none" || limit === undefined) continue;
      if (milder !== undefined && (up ? limit < milder.limit : limit > milder.limit)) {
        const at = level.outside === undefined ? key : "outside";
        const message = `${name} ${key} ${limit} is reached before ${milder.name} ${key} ${milder.limit}: expected ${milder.limit} or ${up ? "more" : "less"}`;
        faults.push({ path: [name, at], message });
      }
      milder = { name, limit };
    }
  }
  return faults;
}
