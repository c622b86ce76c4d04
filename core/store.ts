import type { AssetEvent } from "./asset-event.ts";
import type { ReadingColumns } from "./columns.ts";
import type { SeriesDescription } from "./reading.ts";

/** A series as the collector numbers it: dense, from 0, never reused. */
export interface IndexedSeries extends SeriesDescription {
  readonly index: number;
  /** The agent that sends it. */
  readonly agent: string;
}

/** An agent's number of a series within one epoch of its spool, and the collector's index for it. */
export interface SeriesAlias {
  readonly agent: string;
  readonly epoch: string;
  readonly number: number;
  readonly index: number;
}

/** Everything up to `seq` of this agent's epoch is stored. */
export interface HighWaterMark {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
}

/** What one transaction makes durable: all of it or nothing. Readings carry the collector's index. */
export interface Commit {
  readonly series: readonly IndexedSeries[];
  readonly aliases: readonly SeriesAlias[];
  readonly marks: readonly HighWaterMark[];
  readonly readings: readonly ReadingColumns[];
  /** Small facts of the collector (alarm states, inventory, source states) by key, as JSON text; empty text: there is no such fact any more. */
  readonly facts?: ReadonlyMap<string, string>;
  /** What devices told of their own accord. */
  readonly events?: readonly AssetEvent[];
}

/** What a store knew when it was opened. */
export interface StoreState {
  readonly series: readonly IndexedSeries[];
  readonly aliases: readonly SeriesAlias[];
  readonly marks: readonly HighWaterMark[];
  /** The newest reading of each series, by index. */
  readonly latest: ReadingColumns;
  readonly facts: ReadonlyMap<string, string>;
  /** Position after the newest reading of the journal. */
  readonly end: number;
}

export interface RangeQuery {
  readonly series: readonly number[];
  /** ms since epoch, from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  /** How many points at most per series, as [time, min, max, mean]; raw [time, value, quality] without it. */
  readonly points?: number;
}

/** Points of one series in order of time. Bad readings have a null value. */
export interface RangeSeries {
  readonly series: number;
  readonly points: readonly (readonly (number | null)[])[];
}

/** Of one asset: the newest events of a time, ms since epoch, from inclusive, to exclusive. */
export interface EventQuery {
  readonly asset: string;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** A stretch of the journal: readings in the order they were stored. */
export interface JournalSlice {
  /** Position after the last reading here: where the next slice begins. */
  readonly next: number;
  readonly readings: ReadingColumns;
}

/** Keeps readings. One writer; `append` is never called twice at once. */
export interface Store {
  /** Opens or creates, recovers after a kill, and says what is known. */
  open(): Promise<StoreState>;
  /** Durable when it resolves (fsync); nothing of the commit is visible when it rejects. */
  append(commit: Commit): Promise<void>;
  range(query: RangeQuery): Promise<readonly RangeSeries[]>;
  /** At most `limit` readings from `position` on, in the order of storing. */
  journal(position: number, limit: number): Promise<JournalSlice>;
  /** How far a sink has read; 0 at first. */
  cursor(sink: string): Promise<number>;
  moveCursor(sink: string, position: number): Promise<void>;
  /** Sinks that there are: one without a cursor gets one at 0, cursors of others are forgotten and hold back `prune` no longer. */
  keepCursors(sinks: readonly string[]): Promise<void>;
  /** The newest first. Some thousands of an asset are kept at most. */
  events(query: EventQuery): Promise<readonly AssetEvent[]>;
  /** Deletes readings and events older than this, ms since epoch; says how many. What a sink has not read yet stays. */
  prune(before: number): Promise<number>;
  close(): Promise<void>;
}
