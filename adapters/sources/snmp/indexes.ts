import { tag } from "./ber.ts";
import { textOf } from "./decode.ts";
import type { IndexPart } from "./plan.ts";

/** Of a row's index: `count` sub-identifiers from the `first` on (1 is the first, -1 the last); undefined where it has none so far. */
export function indexSlice(index: string, first: number, count?: number): string | undefined {
  const arcs = index.split(".");
  const from = first < 0 ? arcs.length + first : first - 1;
  const part = arcs.slice(Math.max(0, from), count === undefined ? undefined : from + count);
  return from < 0 || part.length === 0 || (count !== undefined && part.length < count) ? undefined : part.join(".");
}

/** A part of an index as text: see config/snmp-cells.ts. */
export function indexText(index: string, { index: place, as }: IndexPart): string | undefined {
  if (as === "number") return indexSlice(index, place, 1);
  const arcs = (indexSlice(index, place) ?? "").split(".").map(Number);
  const characters = as === "text" ? arcs.slice(1, 1 + (arcs[0] ?? 0)) : arcs;
  if (characters.length === 0 || characters.some((code) => !(code <= 0xff))) return undefined;
  return textOf({ type: tag.octets, value: Buffer.from(characters) });
}
