import { z } from "zod";
import { parseFact } from "../fact.ts";
import type { KeptHabit } from "./habit.ts";
import type { KeptLoad } from "./load.ts";

const finite = z.number();
/** NaN is null in JSON. */
const perhaps = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const habit: z.ZodType<KeptHabit> = z.object({
  threshold: z.int().min(0),
  depth: perhaps,
  ended: perhaps,
  raises: z.array(z.tuple([finite, perhaps, perhaps])),
});
const load: z.ZodType<KeptLoad> = z.object({ total: finite, times: z.array(z.tuple([finite, finite])) });

export const encodeHabit = (kept: KeptHabit): string => JSON.stringify(kept);
export const encodeLoad = (kept: KeptLoad): string => JSON.stringify(kept);

/** What encodeHabit wrote; undefined where it cannot be read. */
export function decodeHabit(text: string | undefined): KeptHabit | undefined {
  return text === undefined ? undefined : habit.safeParse(parseFact(text)).data;
}

/** What encodeLoad wrote; undefined where it cannot be read. */
export function decodeLoad(text: string | undefined): KeptLoad | undefined {
  return text === undefined ? undefined : load.safeParse(parseFact(text)).data;
}
