import { z } from "zod";
import { levelNames } from "../../core/level.ts";
import { parseFact } from "../fact.ts";

const thread = z.object({
  channel: z.string(),
  /** The level that the channel was told last; null before its first word. */
  told: z.enum(levelNames).nullable(),
  /** The version of the incident that it was told last. */
  version: z.number(),
  /** When it was told first and last, ms since epoch; 0 before. */
  first: z.number(),
  last: z.number(),
});

/** What one channel knows of one incident. */
export type Thread = z.output<typeof thread> & {
  /** Since when there is something that it does not know; undefined where there is nothing. */
  readonly pending?: number | undefined;
};

const fact = z.object({ incident: z.string(), threads: z.array(thread) });

/** Threads of one incident as a fact; `pending` is no part of it: after a restart the wait for company begins anew. */
export function encodeThreads(incident: string, threads: readonly Thread[]): string {
  return JSON.stringify({ incident, threads: threads.filter(({ told }) => told !== null).map(({ pending: _, ...kept }) => kept) });
}

/** What encodeThreads wrote; undefined where it cannot be read. */
export function decodeThreads(text: string): { readonly incident: string; readonly threads: readonly Thread[] } | undefined {
  const found = fact.safeParse(parseFact(text));
  return found.success ? found.data : undefined;
}
