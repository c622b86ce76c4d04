import type { Labels } from "../../../core/reading.ts";
import type { FilterPlan, LabelPlan, TablePlan } from "./plan.ts";
import type { Row } from "./row.ts";

/** A row with the labels that identify it. */
export interface NamedRow {
  readonly row: Row;
  /** Text of the identity: equal for the same thing in two rounds, wherever its index has moved. */
  readonly key: string;
  readonly labels: Labels;
}

/** The rows of a table that are wanted, each with an identity of its own. Rows that cannot be told apart: the first stands for all. */
export function nameRows(plan: TablePlan, rows: Iterable<Row>): readonly NamedRow[] {
  const wanted: Row[] = [];
  for (const row of rows) if (isRow(plan, row) && passes(plan, row)) wanted.push(row);
  const texts = wanted.map((row) => labelTexts(plan.labels, row));
  const count = new Map<string, number>();
  const keys = texts.map((text) => text.join("\u0000"));
  for (const key of keys) count.set(key, (count.get(key) ?? 0) + 1);
  const named = new Map<string, NamedRow>();
  for (const [i, row] of wanted.entries()) {
    const alone = count.get(keys[i] ?? "") === 1;
    const more = alone ? [] : labelTexts(plan.distinguish, row);
    const key = alone ? (keys[i] ?? "") : [keys[i], ...more].join("\u0000");
    if (named.has(key)) continue;
    named.set(key, { row, key, labels: labelsOf([...plan.labels, ...(alone ? [] : plan.distinguish)], [...(texts[i] ?? []), ...more]) });
  }
  return [...named.values()];
}

/** A row exists where the table itself has a cell of it; an augmenting table alone makes none. */
function isRow(plan: TablePlan, row: Row): boolean {
  for (let slot = 0; slot < plan.own.length; slot++) if (plan.own[slot] === true && row.has(slot)) return true;
  return false;
}

function passes(plan: TablePlan, row: Row): boolean {
  return plan.keep.every((filter) => holds(filter, row)) && !plan.skip.some((filter) => holds(filter, row));
}

function holds(filter: FilterPlan, row: Row): boolean {
  const text = cellText(row, filter.slot);
  return text !== undefined && filter.in.has(text);
}

function labelTexts(plans: readonly LabelPlan[], row: Row): string[] {
  return plans.map((plan) => labelText(plan, row));
}

/** The first text there is; the index where there is none, for a label is never empty. */
function labelText(plan: LabelPlan, row: Row): string {
  for (const from of plan.from) {
    const text = from === "index" ? row.index : cellText(row, from);
    if (text !== undefined) return plan.names[text] ?? text;
  }
  return row.index;
}

/** A cell as text; undefined where there is none. */
export function cellText(row: Row, slot: number): string | undefined {
  return row.text(slot);
}

function labelsOf(plans: readonly LabelPlan[], texts: readonly string[]): Labels {
  return Object.fromEntries(plans.map((plan, i) => [plan.name, texts[i] ?? ""]));
}
