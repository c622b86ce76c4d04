import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { codeOf, messageOf } from "../../core/errors.ts";

/**
 * Small records, each a JSON file of its own, mode 0600, in a folder that the collector and `millwright token` may both use: a file
 * is made whole or not at all, and only one of many can take it away. Ids are checked by whoever calls.
 */
export class Records<T> {
  readonly #dir: string;
  readonly #schema: z.ZodType<T>;
  readonly #read = new Map<string, { readonly print: string; readonly record: T }>();

  constructor(dir: string, schema: z.ZodType<T>) {
    this.#dir = dir;
    this.#schema = schema;
  }

  /**
   * Undefined where there is none. Throws where it cannot be read: a record that is damaged lets nobody in. The file is looked at
   * each time, so that what is taken away counts at once, and read where it is another than before.
   */
  get(id: string): T | undefined {
    const path = this.#path(id);
    const print = printOf(path);
    const known = this.#read.get(id);
    if (print !== undefined && known?.print === print) return known.record;
    this.#read.delete(id);
    if (print === undefined) return undefined;
    try {
      const record = this.#schema.parse(JSON.parse(readFileSync(path, "utf8")));
      if (this.#read.size >= mostRead) this.#read.clear();
      this.#read.set(id, { print, record });
      return record;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }

  ids(): readonly string[] {
    if (statSync(this.#dir, { throwIfNoEntry: false }) === undefined) return [];
    try {
      return readdirSync(this.#dir)
        .filter((name) => name.endsWith(".json"))
        .map((name) => name.slice(0, -".json".length))
        .sort();
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  }

  /** Makes a new one; false where there is one already. */
  create(id: string, record: T): boolean {
    const draft = this.#draft(record);
    try {
      linkSync(draft, this.#path(id));
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  replace(id: string, record: T): void {
    renameSync(this.#draft(record), this.#path(id));
  }

  /** Takes one away; of many who try, one is told true. */
  remove(id: string): boolean {
    try {
      rmSync(this.#path(id));
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  }

  #draft(record: T): string {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    chmodSync(this.#dir, 0o700);
    const path = join(this.#dir, `.${randomBytes(8).toString("hex")}.tmp`);
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, `${JSON.stringify(record)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return path;
  }

  #path(id: string): string {
    return join(this.#dir, `${id}.json`);
  }
}

/** Records that are kept in memory. */
const mostRead = 10_000;

/**
 * Tells a file from the one that stood there before; undefined where there is none. Records are never written in place: a new one is
 * another inode, and one that got the inode of a file that is gone was made at another time.
 */
function printOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`;
}
