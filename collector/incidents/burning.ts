import type { LevelName } from "../../core/level.ts";
import { levelOf } from "../../core/level.ts";
import type { IncidentBook } from "./book.ts";
import type { Hurt } from "./hurt.ts";

/** A service of which burn-rate alarms fire. */
export interface Burning {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly burns: readonly { readonly name: string; readonly level: LevelName; readonly long_seconds: number }[];
}

/** So many outages within a rule's long window are more than one that everybody knows of. */
const fewest = 2;

/**
 * What there is to tell of a service that is ok and burns its budget, by the worst of the rules that fire; undefined where that
 * is nothing: a single outage was told, and its end, by its own incident. Several of them, each soon over, are a reason not to
 * call the last one resolved before the burn is.
 */
export function burningHurt({ id, name, owner, burns }: Burning, book: Pick<IncidentBook, "query">, now: number): Hurt | undefined {
  const told = burns.filter(({ long_seconds: seconds }) => outages(book, id, now - seconds * 1000) >= fewest);
  const [worst] = [...told].sort((a, b) => levelOf(b.level) - levelOf(a.level));
  if (worst === undefined) return undefined;
  const why = `${name} is ok, but burns its error budget: ${told.map((burn) => burn.name).join(", ")}`;
  return { id, name, owner, level: worst.level, unplanned: true, blind: false, why, causes: [`slo/${id}`], burning: true };
}

function outages(book: Pick<IncidentBook, "query">, service: string, from: number): number {
  return book.query({ service, from }).filter(({ planned, blind }) => !planned && !blind).length;
}
