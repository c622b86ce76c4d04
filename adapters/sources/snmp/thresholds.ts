import { SourceError } from "../../../core/errors.ts";
import type { DeviceLimits } from "../../../core/reading.ts";
import type { ThresholdPlan } from "./plan.ts";
import type { Row } from "./row.ts";
import { RowSet } from "./row-set.ts";
import type { WalkColumn } from "./walk.ts";

/** A limit as the device keeps it, in the raw unit of the value. */
export interface Threshold {
  readonly limit: keyof DeviceLimits;
  readonly raw: number;
}

/** Walks columns of another table into these rows. */
export type WalkInto = (columns: readonly WalkColumn[], rows: RowSet) => Promise<unknown>;

const [valueSlot, levelSlot, sideSlot, slots] = [0, 1, 2, 3];

/** Limits that a device keeps as rows of a table of their own: read when rows are first met, and kept until they are forgotten. */
export class Thresholds {
  readonly #plan: ThresholdPlan;
  #known: ReadonlyMap<string, readonly Threshold[]> | undefined;

  constructor(plan: ThresholdPlan) {
    this.#plan = plan;
  }

  forget(): void {
    this.#known = undefined;
  }

  async read(walk: WalkInto): Promise<void> {
    if (this.#known !== undefined) return;
    const rows = new RowSet(slots);
    const columns = [this.#plan.value, this.#plan.level, this.#plan.side].map((oid, slot) => ({ slot, oid }));
    await walk(columns, rows).catch((error: unknown) => {
      // The values were read; a device that is asked in vain for limits has none.
      if (!(error instanceof SourceError)) throw error;
    });
    this.#known = this.#sort(rows);
  }

  /** Of the row with this index. */
  of(index: string): readonly Threshold[] {
    return this.#known?.get(index) ?? [];
  }

  #sort(rows: Iterable<Row>): ReadonlyMap<string, readonly Threshold[]> {
    const found = new Map<string, Threshold[]>();
    for (const row of rows) {
      const limit = this.#plan.limits.get(`${row.number(sideSlot)} ${row.number(levelSlot)}`);
      const raw = row.number(valueSlot);
      if (limit === undefined || Number.isNaN(raw)) continue;
      const owner = row.index.slice(0, Math.max(0, row.index.lastIndexOf(".")));
      found.set(owner, [...(found.get(owner) ?? []), { limit, raw }]);
    }
    return found;
  }
}
