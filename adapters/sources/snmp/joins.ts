import { Undecodable } from "./faults.ts";
import { allHold, someHolds } from "./filters.ts";
import { indexSlice } from "./indexes.ts";
import { Kept } from "./kept.ts";
import { oncePer } from "./once.ts";
import type { FilterPlan, JoinPlan, TablePlan } from "./plan.ts";
import type { Requests } from "./requests.ts";
import type { Row } from "./row.ts";

/** Conditions on cells that are walked: what they leave out needs no more cells. */
const conditionsOf = oncePer(({ joins, keep, skip }: TablePlan) => {
  const walked = ({ slot }: FilterPlan): boolean => !joins.some((join) => join.slot === slot);
  return { keep: keep.filter(walked), skip: skip.filter(walked) };
});

/** The cells that one table of one device takes from elsewhere. Each instance is asked for once, and kept until all are forgotten. */
export class Joins {
  readonly #plan: TablePlan;
  #kept: Map<string, Kept> | undefined;

  constructor(plan: TablePlan) {
    this.#plan = plan;
  }

  /** All are asked for again when they are next needed: names change, and a device that restarts numbers its parts anew. */
  forget(): void {
    this.#kept = undefined;
  }

  /** Sets the joined cells among the `asked` slots. Rejects with what `get` rejects with. */
  async fill(rows: Iterable<Row>, asked: ReadonlySet<number>, get: Requests["get"]): Promise<void> {
    const joins = this.#plan.joins.filter(({ slot }) => asked.has(slot));
    if (joins.length === 0) return;
    const { keep, skip } = conditionsOf(this.#plan);
    const wanted = [...rows].filter((row) => allHold(keep, row) && !someHolds(skip, row));
    this.#kept ??= new Map();
    const kept = this.#kept;
    for (const join of joins) {
      const cells = wanted.map((row) => [row, instanceOf(join, row)] as const);
      const oids = cells.map(([, oid]) => oid);
      await fetchMissing(oids, { kept, get });
      for (const [row, oid] of cells) {
        const cell = oid === undefined ? undefined : kept.get(oid);
        if (cell !== undefined) row.set(join.slot, cell, 0);
      }
    }
  }
}

/** Asks for those that are not kept yet. */
async function fetchMissing(
  oids: readonly (string | undefined)[],
  { kept, get }: { readonly kept: Map<string, Kept>; readonly get: Requests["get"] },
): Promise<void> {
  const missing = [...new Set(oids)].filter((oid) => oid !== undefined && !kept.has(oid)) as string[];
  if (missing.length === 0) return;
  const answers = await get(missing).catch((error: unknown) => {
    // Nothing of it can be decoded: to us that is not there.
    if (error instanceof Undecodable) return [];
    throw error;
  });
  for (const [i, oid] of missing.entries()) kept.set(oid, new Kept(answers[i]));
}

/** What fills a row's slot; undefined where the row names nothing. */
function instanceOf({ column, key }: JoinPlan, row: Row): string | undefined {
  if (key.kind === "none") return column;
  const part = key.kind === "cell" ? row.text(key.slot) : indexSlice(row.index, key.first, key.count);
  return part !== undefined && /^\d+(\.\d+)*$/.test(part) ? `${column}.${part}` : undefined;
}
