import { describe, expect, it } from "vitest";
import type { Sample } from "../../../../adapters/sources/snmp/counters.ts";
import { CounterWatch, type RateScale, rateOf } from "../../../../adapters/sources/snmp/rates.ts";
import { Q } from "../../../../core/quality.ts";

const gigabit: RateScale = { scale: 8, per: 1e9, limit: 1e9, share: true };
const bits: RateScale = { scale: 8, per: 1, limit: 1e9, share: false };
const octets = (value: bigint, seconds: number, over: Partial<Sample> = {}): Sample => ({
  value,
  bits: 64,
  at: seconds * 1000,
  restarts: 0,
  discontinuity: 0,
  ...over,
});

function second(scale: RateScale, before: Sample, now: Sample) {
  const watch = new CounterWatch();
  expect(watch.move(before)).toBeUndefined();
  const movement = watch.move(now);
  return movement === undefined ? undefined : rateOf(movement, scale);
}

describe("a rate", () => {
  it("is a share of the speed, exact beyond 2^53", () => {
    expect(second(gigabit, octets(2n ** 60n, 0), octets(2n ** 60n + 1_875_000_000n, 30))).toEqual({ value: 0.5, quality: Q.Good });
  });

  it("never spikes at a reset", () => {
    expect(second(gigabit, octets(2n ** 40n, 0), octets(5n, 30))).toEqual({ value: Number.NaN, quality: Q.BadDataLost });
    expect(second(gigabit, octets(5n, 0), octets(2n ** 40n, 30, { restarts: 1 }))).toEqual({ value: Number.NaN, quality: Q.BadDataLost });
  });

  it("goes on after a reset", () => {
    const watch = new CounterWatch();
    watch.move(octets(2n ** 40n, 0));
    expect(watch.move(octets(1000n, 10))?.moved).toBe("reset");
    const movement = watch.move(octets(2000n, 20));
    expect(movement === undefined ? undefined : rateOf(movement, bits)).toEqual({ value: 800, quality: Q.Good });
  });

  it("is a first one after it was forgotten", () => {
    const watch = new CounterWatch();
    watch.move(octets(1n, 0));
    watch.forget();
    expect(watch.move(octets(2n, 10))).toBeUndefined();
  });

  it("is refused where it cannot be", () => {
    expect(second(gigabit, octets(0n, 0), octets(10n ** 12n, 30))?.quality).toBe(Q.BadOutOfRange);
    expect(second(bits, octets(2n ** 32n - 1n, 0, { bits: 32 }), octets(2n ** 32n - 2n, 1, { bits: 32 }))?.quality).toBe(Q.BadOutOfRange);
  });

  it("is doubted where a virtual interface outruns its stated speed, or 32 bits may have gone round twice", () => {
    expect(second({ ...bits, limit: 1e7 }, octets(0n, 0), octets(125_000_000n, 1))).toEqual({
      value: 1e9,
      quality: Q.UncertainEngineeringUnitsExceeded,
    });
    expect(second(bits, octets(0n, 0, { bits: 32 }), octets(1000n, 60, { bits: 32 }))?.quality).toBe(Q.Uncertain);
  });
});
