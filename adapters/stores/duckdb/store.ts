import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AssetEvent } from "../../../core/asset-event.ts";
import type { ReadingColumns } from "../../../core/columns.ts";
import { messageOf } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { Commit, EventQuery, JournalSlice, RangeQuery, RangeSeries, Store, StoreState } from "../../../core/store.ts";
import { pruneEvents, readEvents } from "./events.ts";
import { readLatest, snapshotLatest } from "./latest.ts";
import { readRange } from "./range.ts";
import { Session } from "./session.ts";
import { quote } from "./sql.ts";
import { StoreError } from "./store-error.ts";
import {
  appendSmall,
  createTables,
  dropSince,
  lastRev,
  readAliases,
  readFacts,
  readMarks,
  readMeta,
  readSeries,
  schemaVersion,
  tidy,
  writeMeta,
} from "./tables.ts";

export interface DuckDbStoreOptions {
  /** Folder of the store; created where absent. */
  readonly dir: string;
  readonly log: Log;
  readonly housekeeping?: Partial<Housekeeping>;
}

const memoryMiB = 512;
const threads = 2;
/** How often the store puts itself in order. */
export interface Housekeeping {
  /** Readings between two snapshots of the newest ones: some 100 ms of work at 100,000 series, and as much at a start. */
  readonly snapshotEvery: number;
  /** Rows of the small tables between two clean-ups. */
  readonly tidyEvery: number;
  /** Positions that one transaction of pruning may span, so that appends do not wait for long. */
  readonly pruneSpan: number;
}

const defaultHousekeeping: Housekeeping = { snapshotEvery: 2_000_000, tidyEvery: 50_000, pruneSpan: 1_000_000 };

/**
 * The embedded store: one DuckDB file in `dir`. A commit costs one fsync; measured 1.3 M readings/s in commits of 5,000.
 * Methods reject with StoreError, whose message names the file.
 */
export function createDuckDbStore(options: DuckDbStoreOptions): Store {
  return new DuckDbStore(options);
}

class DuckDbStore implements Store {
  readonly #dir: string;
  readonly #log: Log;
  readonly #housekeeping: Housekeeping;
  #session: Session | undefined;
  /** Position of the next reading. */
  #next = 0;
  /** Number of the next row of a small table. */
  #rev = 1;
  /** The last commit failed, and nobody has looked yet whether that is true. */
  #doubtful: boolean = false;
  /** Up to where the snapshot of the newest readings goes. */
  #snapshotTo = 0;
  #tidiedAt = 1;

  constructor({ dir, log, housekeeping }: DuckDbStoreOptions) {
    this.#dir = dir;
    this.#log = log;
    this.#housekeeping = { ...defaultHousekeeping, ...housekeeping };
  }

  async open(): Promise<StoreState> {
    await mkdir(this.#dir, { recursive: true });
    const session = await Session.open({ path: join(this.#dir, "millwright.duckdb"), threads, memoryMiB });
    this.#session = session;
    try {
      await this.#prepare(session);
      return {
        series: await readSeries(session),
        aliases: await readAliases(session),
        marks: await readMarks(session),
        latest: await readLatest(session, this.#snapshotTo),
        facts: await readFacts(session),
        end: this.#next,
      };
    } catch (error) {
      this.#session = undefined;
      await session.close();
      throw error;
    }
  }

  async append(commit: Commit): Promise<void> {
    const session = this.#opened();
    let next = this.#next;
    let rev = this.#rev;
    if (this.#doubtful) await this.#revert(session);
    this.#doubtful = true;
    await session.transaction(async (writer) => {
      for (const readings of commit.readings) {
        await writer.readings(readings, next);
        next += readings.length;
      }
      rev = await appendSmall(writer, commit, rev);
    });
    this.#doubtful = false;
    this.#next = next;
    this.#rev = rev;
    await this.#maintain(session);
  }

  async range(query: RangeQuery): Promise<readonly RangeSeries[]> {
    return await readRange(this.#opened(), query);
  }

  async journal(position: number, limit: number): Promise<JournalSlice> {
    const session = this.#opened();
    const end = this.#next;
    let from = Math.max(0, Math.floor(position));
    let readings = await this.#slice(session, from, Math.min(from + limit, end));
    if (readings.length === 0 && from < end) {
      // Pruned away here: go on at the first that is left.
      const [row] = await session.rows(`SELECT min(pos)::DOUBLE FROM readings WHERE pos >= ${from}`);
      from = Math.min(end, row === undefined || row[0] === null ? end : Number(row[0]));
      readings = await this.#slice(session, from, Math.min(from + limit, end));
    }
    return { next: Math.max(from, Math.min(from + limit, end)), readings };
  }

  async cursor(sink: string): Promise<number> {
    const [row] = await this.#opened().rows(`SELECT max(pos)::DOUBLE FROM cursors WHERE sink = ${quote(sink)}`);
    return Number(row?.[0] ?? 0);
  }

  async moveCursor(sink: string, position: number): Promise<void> {
    await this.#opened().transaction(async (writer) => {
      await writer.run(`DELETE FROM cursors WHERE sink = ${quote(sink)}`);
      await writer.rows("cursors", [[sink, position]]);
    });
  }

  async keepCursors(sinks: readonly string[]): Promise<void> {
    const names = sinks.map(quote);
    await this.#opened().transaction(async (writer) => {
      await writer.run(`DELETE FROM cursors WHERE sink NOT IN (${names.join(", ") || "''"})`);
      for (const name of names) {
        await writer.run(`INSERT INTO cursors SELECT ${name}, 0 WHERE NOT EXISTS (SELECT 1 FROM cursors WHERE sink = ${name})`);
      }
    });
  }

  async events(query: EventQuery): Promise<readonly AssetEvent[]> {
    return await readEvents(this.#opened(), query);
  }

  async prune(before: number): Promise<number> {
    const session = this.#opened();
    const time = Math.floor(before);
    await session.transaction((writer) => pruneEvents(writer, time));
    const [row] = await session.rows(
      `SELECT min(pos)::DOUBLE, max(pos)::DOUBLE FROM readings WHERE time < ${time}
         AND pos < coalesce((SELECT min(pos) FROM cursors), ${Number.MAX_SAFE_INTEGER})`,
    );
    if (row === undefined || row[0] === null) return 0;
    const [first, last] = [Number(row[0]), Number(row[1])];
    const { pruneSpan } = this.#housekeeping;
    let deleted = 0;
    for (let from = first; from <= last; from += pruneSpan) {
      const to = Math.min(last, from + pruneSpan - 1);
      await session.transaction(async (writer) => {
        // A position is never given twice, also when no reading is left.
        await writeMeta(writer, "next_pos", this.#next);
        await writer.run(`DELETE FROM latest WHERE time < ${time}`);
        deleted += await writer.run(`DELETE FROM readings WHERE time < ${time} AND pos >= ${from} AND pos <= ${to}`);
      });
    }
    return deleted;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  #opened(): Session {
    if (this.#session === undefined) throw new StoreError(`store ${this.#dir}: is not open`);
    return this.#session;
  }

  async #prepare(session: Session): Promise<void> {
    await session.transaction(async (writer) => void (await writer.run(createTables)));
    const version = await readMeta(session, "schema");
    if (version === 0) await session.transaction((writer) => writeMeta(writer, "schema", schemaVersion));
    else if (version !== schemaVersion)
      throw new StoreError(`store ${this.#dir}: has tables of version ${version}, this program knows version ${schemaVersion}`);
    this.#snapshotTo = await readMeta(session, "latest_to");
    this.#next = await nextPosition(session);
    this.#rev = (await lastRev(session)) + 1;
    await session.transaction(tidy);
    this.#tidiedAt = this.#rev;
  }

  /**
   * After a commit that failed: should it have become durable nevertheless, it is taken back, for its sender was told that it
   * is not stored and sends it again.
   */
  async #revert(session: Session): Promise<void> {
    await session.transaction(async (writer) => {
      const readings = await writer.run(`DELETE FROM readings WHERE pos >= ${this.#next}`);
      await dropSince(writer, this.#rev);
      if (readings > 0) this.#log.warn({ readings }, "store: a commit that had failed was durable, and is taken back");
    });
  }

  /** Work that keeps starts quick. Its failure costs nothing but that. */
  async #maintain(session: Session): Promise<void> {
    const { snapshotEvery, tidyEvery } = this.#housekeeping;
    const span = { from: this.#snapshotTo, to: this.#next };
    try {
      if (span.to - span.from >= snapshotEvery) {
        await session.transaction((writer) => snapshotLatest(writer, span));
        this.#snapshotTo = span.to;
      }
      if (this.#rev - this.#tidiedAt >= tidyEvery) {
        await session.transaction(tidy);
        this.#tidiedAt = this.#rev;
      }
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, "store: housekeeping failed, it is tried again after the next commit");
    }
  }

  #slice(session: Session, from: number, to: number): Promise<ReadingColumns> {
    return session.columns(`SELECT series, time::DOUBLE, value, quality FROM readings WHERE pos >= ${from} AND pos < ${to} ORDER BY pos`);
  }
}

async function nextPosition(session: Session): Promise<number> {
  const [row] = await session.rows(
    `SELECT greatest(coalesce((SELECT max(pos) + 1 FROM readings), 0), coalesce((SELECT max(value) FROM meta WHERE key = 'next_pos'), 0),
       coalesce((SELECT max(pos) FROM cursors), 0))::DOUBLE`,
  );
  return Number(row?.[0] ?? 0);
}
