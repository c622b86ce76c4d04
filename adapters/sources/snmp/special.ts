import { numberOf, textOf, type Varbind } from "./decode.ts";
import type { SpecialPlan } from "./plan.ts";

/** A plan that says nothing finds nothing. */
const nothing = /$^()/;

/** The number in what is not plainly one: NaN where there is none. */
export function specialNumber(plan: SpecialPlan, varbind: Pick<Varbind, "type" | "value"> | undefined): number {
  if (varbind === undefined) return Number.NaN;
  if (plan.bit !== undefined) return bitOf(varbind, plan.bit);
  if (plan.signed !== undefined) return withSign(numberOf(varbind), plan.signed);
  const text = textOf(varbind) ?? "";
  if (plan.words !== undefined) return plan.words.get(text.toLowerCase()) ?? Number.NaN;
  const [, found = ""] = (plan.text ?? nothing).exec(text) ?? [];
  return found.trim() === "" ? Number.NaN : Number(found.replace(",", "."));
}

/** Bits beyond the end of an OCTET STRING are 0: agents leave out bytes that are. */
function bitOf(varbind: Pick<Varbind, "type" | "value">, bit: number): number {
  if (Buffer.isBuffer(varbind.value)) return ((varbind.value[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
  return Math.floor(numberOf(varbind) / 2 ** bit) & 1;
}

/** Two's complement of so many bits. */
function withSign(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) && value < 2 ** bits ? value - 2 ** bits : value;
}
