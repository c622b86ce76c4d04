import { Q, type Quality } from "../../../../core/quality.ts";
import { bitOf, type RawValue } from "../decode.ts";
import type { LaidPoint, LaidSeries, LaidSpan } from "./layout.ts";
import { conversionOf, rawOf, scaled } from "./number.ts";

/** What one round brought of a span: its bytes, or why there are none. */
export type Took = (span: LaidSpan) => Uint8Array | Quality | undefined;

/** What a point says: a value, none because the device has none, or none because it could not be read or meant. */
export type Said =
  | { readonly is: "value"; readonly raw: RawValue; readonly exponent: number }
  | { readonly is: "absent" }
  | { readonly is: "bad"; readonly quality: Quality };

/** What a round brought of a point. Its scale is of the same round: devices change it while they run. */
export function saidOf({ point, span, scale }: LaidPoint, took: Took): Said {
  const wire = took(span);
  if (!(wire instanceof Uint8Array)) return { is: "bad", quality: wire ?? Q.BadNoData };
  const raw = rawOf(wire, point.type);
  if (raw === undefined) return { is: "absent" };
  if (scale === undefined) return { is: "value", raw, exponent: point.exponent };
  const exponent = took(scale);
  if (!(exponent instanceof Uint8Array)) return { is: "bad", quality: exponent ?? Q.BadNoData };
  const ten = rawOf(exponent, "sunssf");
  // Without its scale a number says nothing.
  if (ten === undefined) return { is: "absent" };
  return { is: "value", raw, exponent: Number(ten) };
}

/** One series' reading of what its point says. */
export function readingOf(laid: LaidPoint, { bit }: LaidSeries, said: Said): { value: number; quality: Quality } {
  if (said.is === "bad") return { value: Number.NaN, quality: said.quality };
  // An accumulator at 0, too: inverters say 0 while they wake, which a counter would take for a reset, and what follows for energy.
  if (said.is === "absent") return { value: Number.NaN, quality: Q.BadNotSupported };
  if (bit !== undefined) return { value: bitOf(said.raw, bit), quality: Q.Good };
  const value = inBaseUnit(laid, said);
  return Number.isFinite(value) ? { value, quality: Q.Good } : { value: Number.NaN, quality: Q.BadOutOfRange };
}

function inBaseUnit({ point }: LaidPoint, { raw, exponent }: Said & { is: "value" }): number {
  const { factor, offset } = conversionOf(point);
  const tens = Math.round(Math.log10(factor));
  // Of 55 % with a scale of -2, one division by 10,000 is exact where two are not.
  if (Math.abs(factor / 10 ** tens - 1) < 1e-14) return scaled(raw, exponent, tens) + offset;
  return scaled(raw, exponent, 0) * factor + offset;
}

/** The value of a point that is one number, in its base unit; undefined where it has none now. */
export function numberOf(laid: LaidPoint, said: Said): number | undefined {
  if (said.is !== "value" || laid.point.bits !== undefined) return undefined;
  const value = inBaseUnit(laid, said);
  return Number.isFinite(value) ? value : undefined;
}
