import type { Quorum } from "./services.ts";

/** A decimal number as exact integers: value = digits / scale. */
function exact(value: number): { digits: bigint; scale: bigint } {
  const [mantissa = "0", exponent = "0"] = String(value).toLowerCase().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const power = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`);
  return power >= 0 ? { digits, scale: 10n ** BigInt(power) } : { digits: digits * 10n ** BigInt(-power), scale: 1n };
}

/** How many of `total` members a quorum asks for: 20% of 5 is 1 and 58% of 50 is 29, which doubles get wrong. */
export function membersNeeded(quorum: Quorum, total: number): number {
  if ("count" in quorum) return quorum.count;
  const { digits, scale } = exact(quorum.percent);
  const whole = 100n * scale;
  return Number((digits * BigInt(total) + whole - 1n) / whole);
}

/**
 * The power of ten that makes all these numbers integers, so that sums of 0.1 and 0.2 are exact; smaller where their sum
 * would not fit into 2^53 (the last of sixteen digits is then rounded).
 */
export function integerScale(values: readonly number[]): number {
  let scale = 1;
  for (const value of values) scale = Math.max(scale, Number(exact(Math.abs(value)).scale));
  const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
  while (scale > 1 && total * scale > Number.MAX_SAFE_INTEGER) scale /= 10;
  return scale;
}
