import { join } from "node:path";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { appendLine } from "../journal/dead-letters.ts";
import type { Letter } from "./outbox.ts";

/** Where messages go that nobody will take any more. */
export interface Graveyard {
  /** Keeps a message and why it was given up. Never throws; where it cannot be kept, that is logged. */
  bury(letter: Letter, reason: string, now: number): void;
}

/** A file for each channel in `dir`, one line of JSON a message: `notify-CHANNEL.ndjson`. */
export function createGraveyard({ dir, log }: { dir: string; log: Log }): Graveyard {
  let last: Promise<void> = Promise.resolve();
  return {
    bury({ channel, notification }, reason, now) {
      const path = join(dir, `notify-${channel.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.ndjson`);
      const line = { given_up_at: now, channel, reason, notification };
      last = last
        .then(() => appendLine(path, line))
        .catch((error: unknown) => log.error({ channel, id: notification.id, path, error: messageOf(error) }, "a dead letter is lost"));
    },
  };
}
