import { Undecodable } from "./faults.ts";
import { allHold, someHolds } from "./filters.ts";
import { indexSlice } from "./indexes.ts";
import { Kept } from "./kept.ts";
import type { FilterPlan, JoinPlan, TablePlan } from "./plan.ts";
import type { Requests } from "./requests.ts";
import type { Row } from "./row.ts";

/** The cells that one table of one device takes from elsewhere. Each instance is asked for once, and kept until all are forgotten. */
export class Joins {
  readonly #plan: TablePlan;
  readonly #kept = new Map<string, Kept>();
  /** Conditions on cells that are walked: what they leave out needs no more cells. */
  readonly #keep: readonly FilterPlan[];
  readonly #skip: readonly FilterPlan[];

  constructor(plan: TablePlan) {
    this.#plan = plan;
    const walked = ({ slot }: FilterPlan): boolean => !plan.joins.some((join) => join.slot === slot);
    this.#keep = plan.keep.filter(walked);
    this.#skip = plan.skip.filter(walked);
  }

  /** All are asked for again when they are next needed: names change, and a device that restarts numbers its parts anew. */
  forget(): void {
    this.#kept.clear();
  }

  /** Sets the joined cells among the `asked` slots. Rejects with what `get` rejects with. */
  async fill(rows: Iterable<Row>, asked: ReadonlySet<number>, get: Requests["get"]): Promise<void> {
    const joins = this.#plan.joins.filter(({ slot }) => asked.has(slot));
    if (joins.length === 0) return;
    const wanted = [...rows].filter((row) => allHold(this.#keep, row) && !someHolds(this.#skip, row));
    for (const join of joins) {
      const cells = wanted.map((row) => [row, instanceOf(join, row)] as const);
      await this.#fetch(
        cells.map(([, oid]) => oid),
        get,
      );
      for (const [row, oid] of cells) {
        const kept = oid === undefined ? undefined : this.#kept.get(oid);
        if (kept !== undefined) row.set(join.slot, kept, 0);
      }
    }
  }

  async #fetch(oids: readonly (string | undefined)[], get: Requests["get"]): Promise<void> {
    const missing = [...new Set(oids)].filter((oid) => oid !== undefined && !this.#kept.has(oid)) as string[];
    if (missing.length === 0) return;
    const answers = await get(missing).catch((error: unknown) => {
      // Nothing of it can be decoded: to us that is not there.
      if (error instanceof Undecodable) return [];
      throw error;
    });
    for (const [i, oid] of missing.entries()) this.#kept.set(oid, new Kept(answers[i]));
  }
}

/** What fills a row's slot; undefined where the row names nothing. */
function instanceOf({ column, key }: JoinPlan, row: Row): string | undefined {
  if (key.kind === "none") return column;
  const part = key.kind === "cell" ? row.text(key.slot) : indexSlice(row.index, key.first, key.count);
  return part !== undefined && /^\d+(\.\d+)*$/.test(part) ? `${column}.${part}` : undefined;
}
