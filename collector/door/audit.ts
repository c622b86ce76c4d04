import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";

/** One act, or the try of one. */
export interface AuditEntry {
  /** `user eva`, `token 3f9c…`, `agent hall-1`, `anonymous`, `cli root`. */
  readonly who: string;
  /** Address it came from; empty for the command line. */
  readonly from: string;
  /** `sign in`, `enrol`, `POST /api/v1/alarms/:id/ack`. */
  readonly act: string;
  readonly target: string;
  readonly outcome: "done" | "refused";
  readonly detail?: string;
}

export interface AuditOptions {
  /** Folder of the store. */
  readonly dir: string;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Begins a new file beyond this. */
  readonly maxBytes?: number;
  /** Full files that are kept. */
  readonly keep?: number;
}

const name = "audit.ndjson";

/** The audit log: one JSON line per act in `audit.ndjson`, only ever appended to; full files are kept as `audit-TIME.ndjson`. */
export class Audit {
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** An act that cannot be written down is told in the log, with all of it. */
  write(entry: AuditEntry): void {
    const { dir, clock, log } = this.#options;
    const time = new Date(clock.now()).toISOString();
    try {
      mkdirSync(dir, { recursive: true });
      const path = join(dir, name);
      this.#rotate(path, time);
      appendFileSync(path, `${JSON.stringify({ time, ...shortened(entry) })}\n`, { mode: 0o600 });
    } catch (error) {
      log.error({ ...shortened(entry), error: messageOf(error) }, "an act could not be written to the audit log");
    }
  }

  #rotate(path: string, time: string): void {
    const { dir, maxBytes = 8 << 20, keep = 20 } = this.#options;
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < maxBytes) return;
    renameSync(path, join(dir, `audit-${time.replaceAll(":", "")}.ndjson`));
    const full = readdirSync(dir).filter((file) => /^audit-.*\.ndjson$/.test(file));
    for (const old of full.sort().slice(0, -keep)) rmSync(join(dir, old));
  }
}

/** Whoever asks may write what they like into a name: it is cut, and JSON quotes it. */
function shortened(entry: AuditEntry): AuditEntry {
  const cut = (text: string): string => text.slice(0, 200);
  return {
    ...entry,
    who: cut(entry.who),
    from: cut(entry.from),
    target: cut(entry.target),
    ...(entry.detail === undefined ? {} : { detail: cut(entry.detail) }),
  };
}
