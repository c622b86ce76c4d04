import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { type AlarmActEntry, alarmActs } from "../../core/alarm-view.ts";
import { codeOf } from "../../core/errors.ts";
import { parseFact } from "../fact.ts";

/** How many acts are kept at hand. */
const recentActs = 500;

const entry: z.ZodType<AlarmActEntry> = z.object({
  alarm: z.string(),
  act: z.enum(alarmActs),
  by: z.string(),
  at: z.number(),
  comment: z.string(),
  until: z.number().nullable(),
});

/** What people did to alarms: a file that only grows, one JSON object a line. */
export class Audit {
  readonly #path: string;
  readonly #recent: AlarmActEntry[];

  /** Reads the newest acts of the file. A line that cannot be read (a torn one of a crash) is passed over, and stays. */
  constructor(path: string) {
    this.#path = path;
    const lines = textOf(path)
      .split("\n")
      .filter((line) => line !== "");
    this.#recent = lines.slice(-recentActs).flatMap((line) => {
      const read = entry.safeParse(parseFact(line));
      return read.success ? [read.data] : [];
    });
  }

  /** On disk when it returns. Written at once and not in the background: nothing may come between an act's check, its record and the act. */
  append(act: AlarmActEntry): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const file = openSync(this.#path, "a", 0o640);
    try {
      // A line of its own, also after a torn one.
      writeSync(file, `\n${JSON.stringify(act)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#recent.push(act);
    if (this.#recent.length > recentActs) this.#recent.shift();
  }

  /** The newest first. */
  recent(limit = recentActs): readonly AlarmActEntry[] {
    return this.#recent.slice(-limit).reverse();
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  }
}
