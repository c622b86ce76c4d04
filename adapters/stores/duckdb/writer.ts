import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import type { ReadingColumns } from "../../../core/columns.ts";
import { type Library, makeChunk, vectorRows } from "./chunks.ts";

/** What a small table's column takes. BIGINT columns take numbers too. */
export type Cell = string | number | null;
export type Row = readonly Cell[];

/** What may be written inside a transaction. All of it is durable after the commit, or none. */
export interface Writer {
  /** Says how many rows the statement changed. */
  run(sql: string): Promise<number>;
  /** Appends to a table whose columns are VARCHAR for text and BIGINT for numbers. */
  rows(table: string, rows: readonly Row[]): Promise<void>;
  /** Appends to `readings`; the first gets this position, the next ones follow. */
  readings(columns: ReadingColumns, position: number): Promise<void>;
}

/** Writes through appenders, one per table, which live as long as the transaction. */
export class ConnectionWriter implements Writer {
  readonly #connection: DuckDBConnection;
  readonly #library: Library;
  readonly #appenders = new Map<string, DuckDBAppender>();

  constructor(connection: DuckDBConnection, library: Library) {
    this.#connection = connection;
    this.#library = library;
  }

  async run(sql: string): Promise<number> {
    this.flush();
    return (await this.#connection.run(sql)).rowsChanged;
  }

  async rows(table: string, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const appender = await this.#appender(table);
    for (const row of rows) {
      for (const cell of row) appendCell(appender, cell);
      appender.endRow();
    }
  }

  async readings(columns: ReadingColumns, position: number): Promise<void> {
    const appender = await this.#appender("readings");
    for (let from = 0; from < columns.length; from += vectorRows) {
      appender.appendDataChunk(makeChunk(this.#library, { columns, from, position: position + from }));
    }
  }

  flush(): void {
    for (const appender of this.#appenders.values()) appender.flushSync();
  }

  /** Drops what was appended and not flushed, so that closing does not write it. */
  discard(): void {
    for (const appender of this.#appenders.values()) appender.clear();
  }

  close(): void {
    for (const appender of this.#appenders.values()) closeQuietly(appender);
    this.#appenders.clear();
  }

  async #appender(table: string): Promise<DuckDBAppender> {
    let appender = this.#appenders.get(table);
    if (appender === undefined) {
      appender = await this.#connection.createAppender(table);
      this.#appenders.set(table, appender);
    }
    return appender;
  }
}

function appendCell(appender: DuckDBAppender, cell: Cell): void {
  if (cell === null) appender.appendNull();
  else if (typeof cell === "string") appender.appendVarchar(cell);
  else appender.appendBigInt(BigInt(cell));
}

function closeQuietly(appender: DuckDBAppender): void {
  try {
    appender.closeSync();
  } catch {
    // What it could not write has failed the transaction already.
  }
}
