import type { Labels } from "../../../core/reading.ts";
import { allHold, someHolds } from "./filters.ts";
import { indexText } from "./indexes.ts";
import type { LabelPlan, TablePlan } from "./plan.ts";
import type { Row } from "./row.ts";

/** A row with the labels that identify it. */
export interface NamedRow {
  readonly row: Row;
  /** Text of the identity: equal for the same thing in two rounds, wherever its index has moved. */
  readonly key: string;
  /** Whether another row has the same labels, so that the ones that distinguish are needed. */
  readonly alike: boolean;
}

/** The rows of a table that are wanted, each with an identity of its own. Rows that cannot be told apart: the first stands for all. */
export function nameRows(plan: TablePlan, rows: Iterable<Row>): readonly NamedRow[] {
  const wanted: Row[] = [];
  for (const row of rows) if (isRow(plan, row) && passes(plan, row)) wanted.push(row);
  const keys = wanted.map((row) => keyOf(plan.labels, row));
  const unique = new Set(keys);
  if (unique.size === keys.length) return wanted.map((row, i) => ({ row, key: keys[i] ?? "", alike: false }));
  return distinguish(plan, wanted, keys);
}

function distinguish(plan: TablePlan, rows: readonly Row[], keys: readonly string[]): readonly NamedRow[] {
  const count = new Map<string, number>();
  for (const key of keys) count.set(key, (count.get(key) ?? 0) + 1);
  const named = new Map<string, NamedRow>();
  for (const [i, row] of rows.entries()) {
    const own = keys[i] ?? "";
    const alike = count.get(own) !== 1;
    const key = alike ? `${own}\u0000${keyOf(plan.distinguish, row)}` : own;
    if (!named.has(key)) named.set(key, { row, key, alike });
  }
  return [...named.values()];
}

/** The labels of a row: asked for once, when it is first met. */
export function labelsOf(plan: TablePlan, { row, alike }: NamedRow): Labels {
  const plans = alike ? [...plan.labels, ...plan.distinguish] : plan.labels;
  return Object.fromEntries(plans.map((label) => [label.name, labelText(label, row)]));
}

/** A row exists where the table itself has a cell of it; an augmenting table alone makes none. */
function isRow(plan: TablePlan, row: Row): boolean {
  for (let slot = 0; slot < plan.own.length; slot++) if (plan.own[slot] === true && row.has(slot)) return true;
  return false;
}

function passes(plan: TablePlan, row: Row): boolean {
  return allHold(plan.keep, row) && !someHolds(plan.skip, row);
}

function keyOf(plans: readonly LabelPlan[], row: Row): string {
  const [only] = plans;
  return plans.length === 1 && only !== undefined ? labelText(only, row) : plans.map((plan) => labelText(plan, row)).join("\u0000");
}

/** The first text there is; the index where there is none, for a label is never empty. */
function labelText(plan: LabelPlan, row: Row): string {
  for (const from of plan.from) {
    const text = textFrom(from, row);
    if (text !== undefined) return plan.names.get(text) ?? text;
  }
  return row.index;
}

function textFrom(from: LabelPlan["from"][number], row: Row): string | undefined {
  if (typeof from === "number") return cellText(row, from);
  return from === "index" ? row.index : indexText(row.index, from);
}

/** A cell as text; undefined where there is none. */
export function cellText(row: Row, slot: number): string | undefined {
  return row.text(slot);
}
