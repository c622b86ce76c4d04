import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { ReadingColumns } from "../../../core/columns.ts";
import { messageOf } from "../../../core/errors.ts";
import { type Library, readColumns } from "./chunks.ts";
import { StoreError } from "./store-error.ts";
import { Turns } from "./turns.ts";
import { ConnectionWriter, type Writer } from "./writer.ts";

export interface SessionOptions {
  readonly path: string;
  readonly threads: number;
  readonly memoryMiB: number;
}

/** How much write-ahead log is gathered before DuckDB folds it into the file: about 50 ms of work. */
const checkpointThreshold = "16MB";
/**
 * One open DuckDB file: a connection that reads, and one that writes, one transaction at a time. DuckDB declares the whole
 * database invalid after some faults (a checkpoint on a full disk); the session then opens it anew before the next use.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #library: Library;
  #open: Opened | undefined;
  #opening: Promise<Opened> | undefined;
  // DuckDB makes a second query on one connection wait inside one of Node's few worker threads: they queue here instead.
  readonly #reads = new Turns();
  readonly #writes = new Turns();

  private constructor(options: SessionOptions, library: Library) {
    this.#options = options;
    this.#library = library;
  }

  /** Rejects with StoreError when the file is locked by another process, is not a database, or cannot be created. */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options, await import("@duckdb/node-api"));
    await session.#opened();
    return session;
  }

  /** Rows of a query, as JavaScript values; BIGINT comes as bigint, so cast to DOUBLE in SQL. */
  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    return await this.#reading(async (reader) => await (await reader.run(sql)).getRows());
  }

  /** Result of a query for series (integer), time (double), value (double), quality (integer). */
  async columns(sql: string): Promise<ReadingColumns> {
    return await this.#reading(async (reader) => {
      const result = await reader.run(sql);
      return readColumns(await result.fetchAllChunks());
    });
  }

  /** Runs `work` in a transaction of its own; transactions wait for one another. Rejects with StoreError, nothing written. */
  transaction(work: (writer: Writer) => Promise<void>): Promise<void> {
    return this.#writes.take(() => this.#transaction(work));
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all([this.#reads.over(), this.#writes.over()]);
    this.#shut();
  }

  async #transaction(work: (writer: Writer) => Promise<void>): Promise<void> {
    const { writer: connection } = await this.#opened();
    const writer = new ConnectionWriter(connection, this.#library);
    try {
      await connection.run("BEGIN TRANSACTION");
      await work(writer);
      writer.flush();
      await connection.run("COMMIT");
    } catch (error) {
      writer.discard();
      // After a failed COMMIT there is nothing left to roll back.
      await connection.run("ROLLBACK").catch(() => {});
      throw this.#fault(error);
    } finally {
      writer.close();
    }
  }

  #reading<T>(read: (reader: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#reads.take(async () => {
      const { reader } = await this.#opened();
      try {
        return await read(reader);
      } catch (error) {
        throw this.#fault(error);
      }
    });
  }

  #opened(): Promise<Opened> {
    this.#opening ??= this.#openFile().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #openFile(): Promise<Opened> {
    const { path, threads, memoryMiB } = this.#options;
    try {
      const instance = await this.#library.DuckDBInstance.create(path, {
        threads: `${threads}`,
        memory_limit: `${memoryMiB}MiB`,
        checkpoint_threshold: checkpointThreshold,
        preserve_insertion_order: "false",
      });
      this.#open = { instance, reader: await instance.connect(), writer: await instance.connect() };
      return this.#open;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** Says in our words what DuckDB says in its own, and lets go of a database that it has declared invalid. */
  #fault(error: unknown): StoreError {
    if (error instanceof StoreError) return error;
    const said = messageOf(error);
    if (/FATAL|has been invalidated/.test(said)) this.#shut();
    const ours = explain(said);
    return new StoreError(`store ${this.#options.path}: ${ours ?? said}`, ours === undefined ? { cause: error } : {});
  }

  #shut(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#opening = undefined;
    if (open === undefined) return;
    open.reader.closeSync();
    open.writer.closeSync();
    open.instance.closeSync();
  }
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly reader: DuckDBConnection;
  readonly writer: DuckDBConnection;
}

/** In an operator's words; undefined where DuckDB's own are as good. */
function explain(said: string): string | undefined {
  const holder = /Conflicting lock is held in (\S+) \(PID (\d+)\)/.exec(said);
  if (holder !== null) return `is in use by another process, ${holder[1]} with pid ${holder[2]}`;
  if (/No space left|File too large|quota/i.test(said)) return `the disk is full (${said})`;
  if (/not a valid DuckDB database/.test(said)) return "is not a DuckDB database";
  return undefined;
}
