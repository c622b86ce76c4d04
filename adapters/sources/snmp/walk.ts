import { messageOf, SourceError } from "../../../core/errors.ts";
import { Q, type Quality } from "../../../core/quality.ts";
import type { Answer } from "./answer.ts";
import type { BulkSize } from "./bulksize.ts";
import { errorStatus, Refusal, Undecodable } from "./faults.ts";
import { compareSpans, encodeOid, type Span } from "./oid.ts";
import type { Row } from "./row.ts";
import type { RowSet } from "./row-set.ts";

/** A column to walk, and where its cells go. */
export interface WalkColumn {
  readonly slot: number;
  readonly oid: string;
}

export interface WalkOptions {
  readonly columns: readonly WalkColumn[];
  /** Rows are added to these. */
  readonly rows: RowSet;
  /** One GETBULK, see Session.getBulk. */
  readonly getBulk: (names: readonly Span[], repetitions: number) => Promise<Answer>;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
  readonly maxRows: number;
  /** Of all answers together. */
  readonly maxBytes: number;
  /** Monotonic ms after which nothing more is asked. */
  readonly until: number;
  /** How much the device is asked for at a time. */
  readonly size: BulkSize;
  /** How many rows there were the last time, 0 where that is not known: nobody asks for what follows the table. */
  readonly expected?: number;
  /** The table has had rows: a step backward from a column's start is a fault, and not the table's end. */
  readonly hadRows?: boolean;
}

/** How a walk ended. Only a Good one allows to say that a row is gone. */
export interface Walked {
  /** Quality of the rows that were not reached. */
  readonly quality: Quality;
  /** What was wrong with the device's answers, or why the walk was cut short. */
  readonly faults: readonly string[];
}

/** A column under way: also the name where to go on from. */
interface Progress extends Span {
  readonly column: WalkColumn;
  readonly prefix: Uint8Array;
  bytes: Uint8Array;
  start: number;
  end: number;
  /** The row it reached. */
  row: Row | undefined;
  /** Cells that it has. */
  cells: number;
  ended: boolean;
}

/** What one GETBULK asks for. */
interface Asking {
  readonly asked: readonly Progress[];
  readonly repetitions: number;
}

/**
 * Walks several columns of a table side by side, each from where it is, until all have ended. Each column must strictly
 * increase: one that does not is left with what it has. Rejects with what getBulk rejects with; of the rows so far those stay
 * that all columns have reached.
 */
export async function walk(options: WalkOptions): Promise<Walked> {
  return new Walk(options).run();
}

class Walk {
  readonly #options: WalkOptions;
  readonly #faults: string[] = [];
  #quality = Q.Good;
  #bytes = 0;
  #active: readonly Progress[];
  /** How many of a column this device gives at once in this table. */
  #mostRepetitions = Number.POSITIVE_INFINITY;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#active = options.columns.map(start);
  }

  async run(): Promise<Walked> {
    const fromNothing = this.#options.rows.size === 0;
    try {
      await this.#readAll();
    } finally {
      if (fromNothing && this.#active.length > 0) this.#leaveIncomplete();
    }
    return { quality: this.#quality, faults: this.#faults };
  }

  async #readAll(): Promise<void> {
    const { size, getBulk } = this.#options;
    while (this.#active.length > 0 && this.#mayGoOn()) {
      const asked = this.#active.length <= size.variables ? this.#active : this.#active.slice(0, size.variables);
      const wanted = Math.min(this.#expected(asked), this.#mostRepetitions);
      const repetitions = Math.max(1, Math.min(Math.floor(size.variables / asked.length), wanted));
      let answer: Answer | undefined;
      try {
        answer = await getBulk(asked, repetitions);
      } catch (error) {
        this.#lessAfter(error, { asked, repetitions });
      }
      if (answer !== undefined && !this.#takeAll(asked, answer)) break;
      if (asked.some(hasEnded)) this.#active = this.#active.filter((progress) => !progress.ended);
    }
  }

  /** A row that lacks columns because the walk was cut short is as one that was not reached: what it lacks may be its name. */
  #leaveIncomplete(): void {
    const { rows } = this.#options;
    rows.keep(this.#active.reduce((fewest, { row }) => Math.min(fewest, row === undefined ? 0 : row.position + 1), rows.size));
  }

  /** The device refused so many variables: it is asked for less from now on, or for one column fewer. Throws where that would not help. */
  #lessAfter(error: unknown, asking: Asking): void {
    if (error instanceof SourceError && error.fault === "timeout") this.#options.size.silent();
    if (!this.#relent(error, asking)) throw error;
  }

  /** How many more a column is likely to have, and one that shows that it has ended. */
  #expected(asked: readonly Progress[]): number {
    const expected = this.#options.expected ?? 0;
    const left = expected - asked.reduce((fewest, { cells }) => Math.min(fewest, cells), Number.POSITIVE_INFINITY);
    // A table that has grown: as if nothing were known.
    return expected > 0 && left >= 0 ? left + 1 : Number.POSITIVE_INFINITY;
  }

  /** False where asking for less would not help. */
  #relent(error: unknown, asking: Asking): boolean {
    const { asked, repetitions } = asking;
    const variables = asked.length * repetitions;
    if (error instanceof Refusal && error.status === errorStatus.noSuchName) {
      // Version 1: nothing follows this name.
      const ended = asked[error.index - 1] ?? (asked.length === 1 ? asked[0] : undefined);
      if (ended !== undefined) ended.ended = true;
      return ended !== undefined;
    }
    if (error instanceof Refusal && error.status === errorStatus.genErr) return this.#stumble(error, asking);
    if (!(error instanceof Undecodable) && !(error instanceof Refusal && error.status === errorStatus.tooBig)) return false;
    if (variables > 1) {
      this.#options.size.halve(variables);
      return true;
    }
    return this.#spoilt(error, asked[0]);
  }

  /** The device stumbles over one variable of many: it is asked for fewer rows of this table at once, and then past the column. */
  #stumble(error: Refusal, { asked, repetitions }: Asking): boolean {
    if (repetitions > 1) {
      this.#mostRepetitions = repetitions >> 1;
      return true;
    }
    return this.#spoilt(error, asked[error.index - 1] ?? (asked.length === 1 ? asked[0] : undefined));
  }

  /** One variable alone spoils the answer: its column ends there, for there is no way past it. */
  #spoilt(error: SourceError, column: Progress | undefined): boolean {
    // The last of all columns, and not a row: that is the table's failure.
    if (column === undefined || (this.#options.rows.size === 0 && this.#active.length === 1)) return false;
    column.ended = true;
    this.#fault(error.quality, `${column.column.oid}, after ${column.row?.index ?? "its start"}: ${error.message}`);
    return true;
  }

  /** False where the answer brought nothing: asking again would bring nothing for ever. */
  #takeAll(asked: readonly Progress[], answer: Answer): boolean {
    const { monotonic, size } = this.#options;
    size.worked(answer.count, answer);
    this.#bytes += answer.size + answer.overhead;
    const at = monotonic();
    const width = asked.length;
    // An answer that was cut for size has nothing for its last columns: they are asked again.
    for (let i = 0; i < width; i++) {
      const progress = asked[i];
      if (progress !== undefined) this.#take(progress, answer, { first: i, width, at });
    }
    if (answer.count === 0) this.#fault(Q.BadDecodingError, `${asked[0]?.column.oid}: an answer without variables`);
    return answer.count > 0;
  }

  /** Takes one column's part of an answer: each `width`th variable from the `first` on. */
  #take(progress: Progress, answer: Answer, of: { first: number; width: number; at: number }): void {
    let last = -1;
    for (let i = of.first; i < answer.count; i += of.width) {
      const row = answer.isAbsent(i) ? undefined : this.#rowAfter(progress, answer, i, of.at);
      if (row === undefined) {
        progress.ended = true;
        break;
      }
      row.set(progress.column.slot, answer.values, answer.valueAt(i));
      progress.row = row;
      progress.cells++;
      last = i;
    }
    if (last < 0) return;
    const { bytes, start: from, end } = answer.name(last);
    progress.bytes = bytes;
    progress.start = from;
    progress.end = end;
  }

  /** The row of a variable; undefined where it is not in the column, or the column does not increase with it. */
  #rowAfter(progress: Progress, answer: Answer, i: number, at: number): Row | undefined {
    const index = answer.indexUnder(progress.prefix, i);
    if (index < 0) {
      if (progress.row === undefined && this.#options.hadRows === true) this.#seeBackward(progress, answer.name(i));
      return undefined;
    }
    // Columns mostly have the rows of the column before, in the same order: then no index is decoded.
    const expected = this.#options.rows.at(progress.row === undefined ? 0 : progress.row.position + 1);
    const isExpected = expected !== undefined && answer.endsWith(i, index, expected.span);
    const span = isExpected ? expected.span : answer.indexFrom(i, index);
    if (progress.row !== undefined && compareSpans(span, progress.row.span) <= 0) {
      this.#fault(Q.BadDecodingError, `${progress.column.oid}: ${answer.indexText(i, index)} does not follow ${progress.row.index}`);
      return undefined;
    }
    return isExpected ? expected : this.#rowOf(answer.indexText(i, index), span, at);
  }

  /** What follows a column's start comes after it, or the column says nothing of whether its rows are still there. */
  #seeBackward({ column, bytes, start, end }: Progress, name: Span): void {
    if (compareSpans(name, { bytes, start, end }) <= 0) this.#fault(Q.BadDecodingError, `${column.oid}: what follows it comes before it`);
  }

  #rowOf(index: string | undefined, span: Span, at: number): Row | undefined {
    if (index === undefined) {
      this.#fault(Q.BadDecodingError, "an index that is no part of an OID");
      return undefined;
    }
    return this.#options.rows.meet({ index, span, at });
  }

  #mayGoOn(): boolean {
    const { rows, maxRows, maxBytes, until, monotonic } = this.#options;
    if (rows.size > maxRows) this.#fault(Q.BadEncodingLimitsExceeded, `more than ${maxRows} rows: the rest is not read`);
    else if (this.#bytes > maxBytes) this.#fault(Q.BadEncodingLimitsExceeded, `more than ${maxBytes} bytes: the rest is not read`);
    else if (monotonic() > until) this.#fault(Q.BadTimeout, `${rows.size} rows read when the round's time was over`);
    else return true;
    return false;
  }

  #fault(quality: Quality, what: string): void {
    this.#quality = quality;
    this.#faults.push(what);
  }
}

function hasEnded({ ended }: Progress): boolean {
  return ended;
}

function start(column: WalkColumn): Progress {
  const prefix = prefixOf(column.oid);
  return { column, prefix, bytes: prefix, start: 0, end: prefix.length, row: undefined, cells: 0, ended: false };
}

const prefixes = new Map<string, Uint8Array>();

/** Columns come from profiles, so there are only so many. */
function prefixOf(oid: string): Uint8Array {
  const prefix = prefixes.get(oid) ?? encodeOid(oid);
  prefixes.set(oid, prefix);
  return prefix;
}

/** Walks, and tells a failure as a fault of the walk where rows were read before it. */
export async function walkSome(options: WalkOptions): Promise<Walked> {
  const before = options.rows.size;
  try {
    return await walk(options);
  } catch (error) {
    if (options.rows.size === before || !(error instanceof SourceError)) throw error;
    return { quality: error.quality, faults: [messageOf(error)] };
  }
}
