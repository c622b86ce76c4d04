import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";

const fileName = /^(\d{4}-\d{2})\.log$/;
/** What waits for a disk that takes nothing, characters: some hundred thousand transitions. */
const mostWaiting = 16 << 20;

/** Lines of text in one file a month (UTC), each of which stands alone. */
export class Journal {
  readonly #dir: string;
  readonly #log: Log;
  /** What is not on disk yet, by month; the last one is being added to. */
  #waiting: { readonly month: string; text: string }[] = [];
  #writing = Promise.resolve();
  #failing = false;

  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
  }

  /** Calls with every line there is, in order of time. Files of months that have not come yet (of a clock that was wrong) are put aside. */
  read(now: number, each: (line: string) => boolean): void {
    mkdirSync(this.#dir, { recursive: true });
    let strange = 0;
    for (const name of this.#files()) {
      const path = join(this.#dir, name);
      if (name > `${monthOf(now)}.log`) {
        renameSync(path, `${path}.ahead`);
        this.#log.warn({ file: path }, "states of services: a file of a month that has not come yet is put aside");
        continue;
      }
      for (const line of readFileSync(path, "utf8").split("\n")) if (line !== "" && !each(line)) strange++;
    }
    if (strange > 0) this.#log.warn({ lines: strange, dir: this.#dir }, "states of services: lines that could not be read are left out");
    // A line that was torn by a power cut must not swallow the next one.
    this.#waiting = [{ month: monthOf(now), text: "\n" }];
  }

  /** True where `now` is of a later month than what was written last: the new file wants a beginning. */
  turns(now: number): boolean {
    return monthOf(now) > (this.#waiting.at(-1)?.month ?? "");
  }

  /** Goes on with the file of this month. */
  turn(now: number, beginning: string): void {
    this.#waiting.push({ month: monthOf(now), text: beginning });
  }

  put(line: string): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.text.length < mostWaiting) last.text += line;
  }

  /** Hands what waits to the disk. Resolves, never rejects: what could not be written is tried again with the next call. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (const part of [...this.#waiting]) {
      const { text } = part;
      if (text.trim() === "") continue;
      try {
        await appendFile(join(this.#dir, `${part.month}.log`), text);
        part.text = part.text.slice(text.length);
        this.#failing = false;
      } catch (error) {
        // Some of it may be there, its last line torn; a line that is told twice is no harm.
        part.text = `\n${part.text}`;
        if (!this.#failing)
          this.#log.error({ error: messageOf(error), dir: this.#dir }, "states of services could not be written, trying again");
        this.#failing = true;
        return;
      }
    }
    // The newest part stays: more will come for it.
    this.#waiting = this.#waiting.filter((part, i, all) => part.text !== "" || i === all.length - 1);
  }

  /** Deletes the files of months that were over by then. */
  prune(before: number): void {
    for (const name of this.#files()) if (name < `${monthOf(before)}.log`) rmSync(join(this.#dir, name), { force: true });
  }

  #files(): readonly string[] {
    return readdirSync(this.#dir)
      .filter((name) => fileName.test(name))
      .sort();
  }
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}
