import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, mayHaveLapped, restarted, type Sample } from "../../../../adapters/sources/snmp/counters.ts";

const sample = (over: Partial<Sample> = {}): Sample => ({ value: 0n, bits: 64, at: 0, restarts: 0, discontinuity: 0, ...over });

describe("advance", () => {
  it.each([
    ["counts up", sample({ value: 10n }), sample({ value: 25n, at: 5000 }), { delta: 15n, seconds: 5 }],
    ["stands still", sample({ value: 10n }), sample({ value: 10n, at: 5000 }), { delta: 0n, seconds: 5 }],
    ["is exact above 2^53", sample({ value: 2n ** 60n }), sample({ value: 2n ** 60n + 1n, at: 1000 }), { delta: 1n, seconds: 1 }],
    ["wraps at 32 bits", sample({ value: 2n ** 32n - 1n, bits: 32 }), sample({ value: 4n, bits: 32, at: 1000 }), { delta: 5n, seconds: 1 }],
    ["does not wrap at 64", sample({ value: 2n ** 40n }), sample({ value: 4n, at: 1000 }), "reset"],
    ["is reset by a restart", sample({ value: 5n }), sample({ value: 7n, at: 1000, restarts: 1 }), "reset"],
    ["is reset by a discontinuity", sample({ value: 5n }), sample({ value: 7n, at: 1000, discontinuity: 99 }), "reset"],
    [
      "has no discontinuity time",
      sample({ discontinuity: Number.NaN }),
      sample({ value: 7n, at: 1000, discontinuity: Number.NaN }),
      { delta: 7n, seconds: 1 },
    ],
    ["changes its width", sample({ bits: 32 }), sample({ value: 7n, at: 1000 }), "reset"],
    ["has no time between", sample(), sample({ value: 7n }), "reset"],
  ] as const)("%s", (_, before, now, expected) => expect(advance(before, now)).toEqual(expected));

  it("never gives a negative difference, nor one of 2^32 and more at 32 bits", () => {
    const count = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const moved = advance(sample({ value: a, bits: 32 }), sample({ value: b, bits: 32, at: 1000 }));
        expect(moved !== "reset" && moved.delta >= 0n && moved.delta < 2n ** 32n).toBe(true);
      }),
    );
  });
});

it("mayHaveLapped is about 32 bits at speed", () => {
  expect(mayHaveLapped(32, 30, 125e6)).toBe(false);
  expect(mayHaveLapped(32, 35, 125e6)).toBe(true);
  expect(mayHaveLapped(64, 1e6, 125e9)).toBe(false);
});

it.each([
  ["runs", 100_000, 103_000, 30_000, false],
  ["drifts a little", 100_000, 103_400, 30_000, false],
  ["started anew", 100_000, 500, 30_000, true],
  ["started anew, and has been up longer than before by now", 1000, 5000, 60_000, true],
  ["overflows after 497 days", 2 ** 32 - 1000, 2000, 30_000, false],
  ["started anew right after an overflow", 2 ** 32 - 100_000, 1000, 30_000, true],
  ["stands still, as a recording does", 100_000, 100_000, 30_000, false],
  ["was not reached for a day, and ran on", 100_000, 100_000 + 8_640_000, 86_400_000, false],
])("an uptime that %s", (_, before, now, passed, expected) =>
  expect(restarted({ ticks: before, at: 0 }, { ticks: now, at: passed })).toBe(expected));
