import { indexText } from "./indexes.ts";
import type { FilterPlan } from "./plan.ts";
import type { Row } from "./row.ts";

/** True where a row's cell is as the condition says. A row without the cell is none of the wanted ones, and none of the unwanted. */
export function holds({ slot, test }: FilterPlan, row: Row): boolean {
  if (test.kind === "numbers") {
    const number = typeof slot === "number" ? row.number(slot) : Number(indexText(row.index, slot) ?? Number.NaN);
    return test.in.has(number) === test.wanted;
  }
  const text = typeof slot === "number" ? row.text(slot) : indexText(row.index, slot);
  if (test.kind === "texts") return (text !== undefined && test.in.has(text)) === test.wanted;
  return text !== undefined && test.like.test(text);
}

export function allHold(filters: readonly FilterPlan[], row: Row): boolean {
  for (const filter of filters) if (!holds(filter, row)) return false;
  return true;
}

export function someHolds(filters: readonly FilterPlan[], row: Row): boolean {
  for (const filter of filters) if (holds(filter, row)) return true;
  return false;
}
