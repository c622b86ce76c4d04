import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextTick, probeEveryMs } from "../../agent/schedule.ts";
import { fractionOf } from "../../core/fraction.ts";

describe("the schedule", () => {
  test("spreads sources over their interval, the same in every process", () => {
    const tenths = new Array<number>(10).fill(0);
    for (let n = 0; n < 1000; n++) {
      const tenth = Math.floor(fractionOf(`filler-${n}/modbus`) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(count).toBeGreaterThan(60);
    expect(fractionOf("filler-31/modbus")).toBeCloseTo(fractionOf("filler-31/modbus"), 12);
  });

  test("ticks stand on start + k * every, after now, whatever was missed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(100_000), fc.nat(10_000_000), (everyMs, start, now) => {
        const tick = nextTick({ start, everyMs }, now);
        expect(tick).toBeGreaterThan(now - 1e-6);
        expect(tick - Math.max(now, start)).toBeLessThanOrEqual(everyMs);
        expect((tick - start) % everyMs).toBe(0);
      }),
    );
  });

  test.each([
    [100, [100, 100, 200, 300, 400, 500, 600, 700, 800, 800]],
    [1000, [1000, 1000, 2000, 3000, 3000]],
    [10_000, [10_000, 10_000, 20_000, 30_000, 30_000]],
    [30_000, [30_000, 30_000, 60_000, 60_000]],
    [300_000, [300_000, 300_000, 300_000]],
  ])("every %i ms: a failing source is probed after %j", (everyMs, expected) => {
    expect(expected.map((_, at) => probeEveryMs(everyMs, at + 1))).toEqual(expected);
  });
});
