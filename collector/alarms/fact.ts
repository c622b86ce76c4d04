import { z } from "zod";
import { parseFact } from "../fact.ts";
import type { KeptHabit } from "./habit.ts";
import type { Handling } from "./isa.ts";
import type { AlarmState, LevelState } from "./state.ts";
import type { TallyTrace } from "./trace.ts";

/** What of an alarm outlives a restart. */
export interface KeptAlarm {
  readonly levels: readonly LevelState[];
  readonly tallies?: AlarmState["tallies"];
  readonly handling?: Handling | undefined;
  /** Stored as a fact of its own: it changes less often. */
  readonly habit?: KeptHabit | undefined;
}

const time = z.number();
const level: z.ZodType<LevelState> = z.discriminatedUnion("phase", [
  z.object({ phase: z.literal("normal") }),
  z.object({ phase: z.literal("pending"), since: time }),
  z.object({ phase: z.literal("active"), since: time, raised: time }),
  z.object({ phase: z.literal("clearing"), since: time, raised: time, ended: time }),
  z.object({ phase: z.literal("latched"), since: time, raised: time, ended: time }),
]);
const tally: z.ZodType<TallyTrace> = z.object({
  value: z
    .number()
    .nullable()
    .transform((value) => value ?? Number.NaN),
  held: z.boolean(),
  marks: z.array(time),
});
const act = z.object({ by: z.string(), at: time, comment: z.string() });
const handling: z.ZodType<Handling> = z.object({
  level: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  unseen: z.boolean(),
  acked: act.optional(),
  shelf: act.extend({ until: time }).optional(),
  suppressed: z.string().optional(),
  outOfService: act.optional(),
  announced: z.boolean(),
  first: z.boolean().optional(),
});
const levels = z.array(level);
const kept = z.object({
  levels,
  tallies: z.array(tally.nullable().transform((one) => one ?? undefined)).optional(),
  handling: handling.optional(),
});

let last: { readonly alarm: KeptAlarm; readonly text: string } | undefined;

/** An alarm as a fact; `null` while there is nothing to carry. Alarms in the very same state share a text. */
export function encodeAlarm(alarm: KeptAlarm): string {
  const { levels, tallies, handling } = alarm;
  const known = last?.alarm;
  if (known?.levels !== levels || known.tallies !== tallies || known.handling !== handling) last = undefined;
  last ??= { alarm, text: textOf(alarm) };
  return last.text;
}

function textOf({ levels: found, tallies, handling: how }: KeptAlarm): string {
  const rests = found.every((one) => one.phase === "normal") && (tallies ?? []).every((one) => (one?.marks.length ?? 0) === 0);
  return JSON.stringify(rests && atRest(how) ? null : { levels: found, tallies, handling: how });
}

function atRest(how: Handling | undefined): boolean {
  return (
    how === undefined || !(how.unseen || how.announced || how.first || how.level > 0 || how.shelf || how.outOfService || how.suppressed)
  );
}

/** What encodeAlarm wrote (or earlier versions: levels alone); undefined where nothing was carried or it cannot be read. */
export function decodeAlarm(text: string): KeptAlarm | undefined {
  const found = parseFact(text);
  const read = kept.safeParse(Array.isArray(found) ? { levels: found } : found);
  return read.success && read.data.levels.length > 0 ? read.data : undefined;
}

const alarmPrefix = "plant/alarm/";
const habitPrefix = "plant/habit/";

/** Key of the fact that says how an alarm stands. */
export function alarmKey(id: string): string {
  return alarmPrefix + id;
}

/** Key of the fact that says how often it comes and goes. */
export function habitKey(id: string): string {
  return habitPrefix + id;
}

/** The alarm that a fact speaks of; undefined where it speaks of something else. */
export function alarmOf(key: string): string | undefined {
  const prefix = [alarmPrefix, habitPrefix].find((one) => key.startsWith(one));
  return prefix === undefined ? undefined : key.slice(prefix.length);
}
