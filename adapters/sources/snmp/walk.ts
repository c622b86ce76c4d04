import { messageOf, SourceError } from "../../../core/errors.ts";
import { Q, type Quality } from "../../../core/quality.ts";
import { errorStatus, Refusal } from "./faults.ts";
import { compareOids, indexUnder } from "./oid.ts";
import { absence } from "./requests.ts";
import type { Varbind } from "./session.ts";

/** A row as it is put together from its columns. */
export interface Row {
  readonly index: string;
  /** Its place among the rows, in the order they were met. */
  readonly position: number;
  /** Monotonic ms at which its first cell arrived. */
  readonly at: number;
  /** By slot; undefined where the row has no such cell. */
  readonly cells: (Varbind | undefined)[];
}

/** A column to walk, and where its cells go. */
export interface WalkColumn {
  readonly slot: number;
  readonly oid: string;
}

export interface WalkOptions {
  readonly columns: readonly WalkColumn[];
  /** Rows are added to these. */
  readonly rows: Map<string, Row>;
  /** One GETBULK: a list of variables for each OID, in order; see Session.getBulk. */
  readonly getBulk: (oids: readonly string[], repetitions: number) => Promise<readonly (readonly Varbind[])[]>;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
  readonly maxRows: number;
  /** Monotonic ms after which nothing more is asked. */
  readonly until: number;
  /** Most variables that one answer should carry. */
  readonly maxVariables: number;
}

/** How a walk ended. Only a Good one allows to say that a row is gone. */
export interface Walked {
  /** Quality of the rows that were not reached. */
  readonly quality: Quality;
  /** What was wrong with the device's answers, or why the walk was cut short. */
  readonly faults: readonly string[];
}

/** A column under way. */
interface Progress {
  readonly column: WalkColumn;
  /** Where to go on from. */
  last: string;
  lastIndex: string;
  /** Rows it has passed: they mostly come in the order of the column before. */
  passed: number;
}

/**
 * Walks several columns of a table side by side, each from where it is, until all have ended. Each column must strictly
 * increase: one that does not is left with what it has. Rejects with what getBulk rejects with; the rows so far stay.
 */
export async function walk(options: WalkOptions): Promise<Walked> {
  return new Walk(options).run();
}

class Walk {
  readonly #options: WalkOptions;
  readonly #faults: string[] = [];
  #quality = Q.Good;
  readonly #order: Row[];
  #active: Progress[];
  #maxVariables: number;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#order = [...options.rows.values()];
    this.#maxVariables = options.maxVariables;
    this.#active = options.columns.map((column) => ({ column, last: column.oid, lastIndex: "", passed: 0 }));
  }

  async run(): Promise<Walked> {
    while (this.#active.length > 0 && this.#mayGoOn()) {
      const asked = this.#active.slice(0, this.#maxVariables);
      const lists = await this.#ask(asked);
      if (!this.#takeAll(asked, lists)) break;
    }
    return { quality: this.#quality, faults: this.#faults };
  }

  /** False where the answer brought nothing: asking again would bring nothing for ever. */
  #takeAll(asked: readonly Progress[], lists: readonly (readonly Varbind[])[]): boolean {
    const at = this.#options.monotonic();
    const ended = new Set<Progress>();
    let taken = 0;
    for (const [i, progress] of asked.entries()) {
      // An answer that was cut for size has no list for its last columns: they are asked again.
      const list = lists[i] ?? [];
      taken += list.length;
      if (!this.#take(progress, list, at)) ended.add(progress);
    }
    if (ended.size > 0) this.#active = this.#active.filter((progress) => !ended.has(progress));
    if (taken === 0) this.#fault(Q.BadDecodingError, `${asked[0]?.last}: an answer without variables`);
    return taken > 0;
  }

  async #ask(asked: readonly Progress[]): Promise<readonly (readonly Varbind[])[]> {
    const oids = asked.map((progress) => progress.last);
    for (;;) {
      const repetitions = Math.max(1, Math.floor(this.#maxVariables / oids.length));
      try {
        return await this.#options.getBulk(oids, repetitions);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== errorStatus.tooBig || repetitions === 1) throw error;
        this.#maxVariables = Math.max(1, this.#maxVariables >> 1);
      }
    }
  }

  /** Takes one column's part of an answer; false once the column has ended. */
  #take(progress: Progress, list: readonly Varbind[], at: number): boolean {
    const { column } = progress;
    for (const varbind of list) {
      const index = varbind.type >= absence.noSuchObject ? undefined : indexUnder(column.oid, varbind.oid);
      if (index === undefined) return false;
      if (progress.lastIndex !== "" && compareOids(index, progress.lastIndex) <= 0) {
        this.#fault(Q.BadDecodingError, `${column.oid}: ${varbind.oid} does not follow ${progress.last}`);
        return false;
      }
      progress.last = varbind.oid;
      progress.lastIndex = index;
      this.#row(progress, index, at).cells[column.slot] = varbind;
    }
    return true;
  }

  #row(progress: Progress, index: string, at: number): Row {
    const expected = this.#order[progress.passed++];
    if (expected?.index === index) return expected;
    const known = this.#options.rows.get(index);
    if (known !== undefined) {
      progress.passed = known.position + 1;
      return known;
    }
    const row: Row = { index, position: this.#order.length, at, cells: [] };
    this.#options.rows.set(index, row);
    this.#order.push(row);
    return row;
  }

  #mayGoOn(): boolean {
    const { rows, maxRows, until, monotonic } = this.#options;
    if (rows.size > maxRows) this.#fault(Q.BadEncodingLimitsExceeded, `more than ${maxRows} rows: the rest is not read`);
    else if (monotonic() > until) this.#fault(Q.BadTimeout, `${rows.size} rows read when the round's time was over`);
    else return true;
    return false;
  }

  #fault(quality: Quality, what: string): void {
    this.#quality = quality;
    this.#faults.push(what);
  }
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
