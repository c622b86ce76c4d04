import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { codeOf, messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Notification } from "../../core/notifier.ts";
import { parseFact } from "../fact.ts";
import { appendLine } from "../journal/dead-letters.ts";
import type { Letter } from "./outbox.ts";

/** A message that was given up, and why. */
export interface DeadLetter {
  readonly givenUpAt: number;
  readonly reason: string;
  readonly notification: Notification;
}

/** What of a channel's dead letters an operator wants tried again. */
export interface Retry {
  readonly channel: string;
  /** Id of one message; all of them without it. */
  readonly id?: string | undefined;
  readonly now: number;
  /** Takes them; what it took is dead no more. */
  readonly take: (letters: readonly DeadLetter[]) => void;
}

/** Where messages go that nobody will take any more. */
export interface Graveyard {
  /** Keeps a message and why it was given up. Never throws; where it cannot be kept, that is logged. */
  bury(letter: Letter, reason: string, now: number): void;
  /** Dead letters of a channel, the oldest first: those in the newest 4 MiB of its file. */
  list(channel: string): Promise<readonly DeadLetter[]>;
  /** Hands dead letters out to be tried again; returns how many. One after the other, so that nobody gets the same ones. */
  retry(wanted: Retry): Promise<number>;
}

/** So much of a file is read, from its end. */
const readBytes = 4 << 20;

/** We wrote it: the shape of a message is that of the version that did. */
const message = z.custom<Notification>(
  (one) => typeof one === "object" && one !== null && "id" in one && "news" in one && Array.isArray(one.news),
);
const buried = z.object({ given_up_at: z.number(), reason: z.string(), notification: message });
const retried = z.object({ retried_at: z.number(), ids: z.array(z.string()) });

/**
 * A file for each channel in `dir`, which only grows: `notify-CHANNEL.ndjson`, one line of JSON a message, and one that names the
 * messages that were tried again.
 */
export function createGraveyard({ dir, log }: { dir: string; log: Log }): Graveyard {
  const pathOf = (channel: string): string => join(dir, `notify-${channel.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.ndjson`);
  let last: Promise<unknown> = Promise.resolve();
  /** One thing at a time, in the order in which it was asked for. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  };
  return {
    bury({ channel, notification }, reason, now) {
      const path = pathOf(channel);
      const line = { given_up_at: now, channel, reason, notification };
      inTurn(() => appendLine(path, line)).catch((error: unknown) =>
        log.error({ channel, id: notification.id, path, error: messageOf(error) }, "a dead letter is lost"),
      );
    },
    list: (channel) => inTurn(() => readDead(pathOf(channel))),
    retry: ({ channel, id, now, take }) =>
      inTurn(async () => {
        const found = (await readDead(pathOf(channel))).filter(({ notification }) => id === undefined || notification.id === id);
        if (found.length === 0) return 0;
        take(found);
        await appendLine(pathOf(channel), { retried_at: now, channel, ids: found.map(({ notification }) => notification.id) });
        return found.length;
      }),
  };
}

async function readDead(path: string): Promise<readonly DeadLetter[]> {
  const dead = new Map<string, DeadLetter>();
  for (const line of (await readEnd(path)).split("\n")) {
    const found = parseFact(line);
    const again = retried.safeParse(found);
    for (const id of again.data?.ids ?? []) dead.delete(id);
    const one = buried.safeParse(found).data;
    if (one === undefined) continue;
    dead.delete(one.notification.id);
    dead.set(one.notification.id, { givenUpAt: one.given_up_at, reason: one.reason, notification: one.notification });
  }
  return [...dead.values()];
}

/** The end of a file; nothing where there is none. A line that is cut at its begin cannot be read, and is none. */
async function readEnd(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - readBytes);
      const bytes = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      return bytes.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  }
}
