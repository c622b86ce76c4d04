import type { SnmpColumnRef } from "../../../config/snmp-cells.ts";
import type { JoinKey, JoinPlan } from "./plan.ts";

/** Gives the cells of a table's rows their slots as they are met. */
export class Slots {
  readonly oids: string[] = [];
  readonly joins: JoinPlan[] = [];
  readonly #rows: string;
  readonly #known = new Map<string, number>();

  constructor(rows: string) {
    this.#rows = rows;
  }

  of(ref: SnmpColumnRef): number {
    const name = typeof ref === "number" ? `${this.#rows}.${ref}` : typeof ref === "string" ? ref : JSON.stringify(ref);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (typeof ref !== "object") return this.#add(name, name);
    const [oid, key] = "scalar" in ref ? [ref.scalar, { kind: "none" } as const] : [ref.column, this.#keyOf(ref)];
    const slot = this.#add(name, oid);
    this.joins.push({ slot, column: oid, key });
    return slot;
  }

  /** The slot and those that it takes to fill it. */
  needs(slot: number): readonly number[] {
    const key = this.joins.find((join) => join.slot === slot)?.key;
    return key?.kind === "cell" ? [slot, ...this.needs(key.slot)] : [slot];
  }

  #keyOf({ index, by }: Exclude<SnmpColumnRef, number | string | { readonly scalar: string }>): JoinKey {
    if (by !== undefined) return { kind: "cell", slot: this.of(by) };
    const [first = 1, count] = index ?? [];
    return { kind: "index", first, count };
  }

  #add(name: string, oid: string): number {
    const slot = this.oids.push(oid) - 1;
    this.#known.set(name, slot);
    return slot;
  }
}
