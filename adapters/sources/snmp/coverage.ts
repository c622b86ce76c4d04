import type { SnmpProfile } from "../../../config/snmp.ts";
import { compileProfile } from "./compile.ts";
import { indexUnder } from "./oid.ts";
import type { TablePlan } from "./plan.ts";

/** What a profile does with a variable that made no reading. */
export type Use = "label or condition" | "left out" | "inventory" | "not read";

/** Says of each variable of a device which profile looks at it, and what for: why an OID did not become a reading. */
export function coverageOf(profiles: readonly SnmpProfile[]): (oid: string) => { readonly use: Use; readonly profile: string } {
  const plans = profiles.map(compileProfile);
  const scalars = new Map(plans.flatMap((plan) => plan.scalars.map(({ oid }) => [oid, plan.profile])));
  const inventory = new Map(plans.flatMap((plan) => plan.inventory.map(({ oid }) => [oid, plan.profile])));
  const columns = plans.flatMap((plan) => plan.tables.flatMap((table) => columnsOf(table, plan.profile)));
  return (oid) => {
    const scalar = scalars.get(oid);
    if (scalar !== undefined) return { use: "left out", profile: scalar };
    const fact = inventory.get(oid);
    if (fact !== undefined) return { use: "inventory", profile: fact };
    const found = columns.filter((column) => indexUnder(column.oid, oid) !== undefined);
    const best = found.find(({ measured }) => measured) ?? found[0];
    return best === undefined
      ? { use: "not read", profile: "" }
      : { use: best.measured ? "left out" : "label or condition", profile: best.profile };
  };
}

function columnsOf(table: TablePlan, profile: string): { oid: string; measured: boolean; profile: string }[] {
  // Of a cell with a fixed value only its being there counts.
  const measured = new Set(table.metrics.flatMap(({ cells }) => cells.flatMap(({ slot, fixed }) => (fixed === undefined ? [slot] : []))));
  return table.columns.map((oid, slot) => ({ oid, measured: measured.has(slot), profile }));
}
