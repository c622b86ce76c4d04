import fc from "fast-check";
import { expect, it } from "vitest";
import { Latest } from "../../collector/latest.ts";
import { Q } from "../../core/quality.ts";
import { columns, type Reading } from "./batches.ts";

it("knows nothing of a series without readings", () => {
  const latest = new Latest();
  latest.apply(columns([[5, 100, 1]]), 1);
  for (const index of [0, 4, 6, 1_000_000]) {
    expect([latest.time(index), latest.value(index), latest.quality(index)]).toEqual([0, Number.NaN, Q.BadWaitingForInitialData]);
  }
});

it("keeps the newest of each series, the later of two at the same time, in whatever pieces they come", () => {
  const reading = fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 5 }), fc.integer(), fc.constantFrom(Q.Good, Q.Uncertain));
  fc.assert(
    fc.property(fc.array(fc.array(reading)), (pieces) => {
      const latest = new Latest();
      const newest = new Map<number, Reading>();
      let applied = 0;
      let expected = 0;
      for (const piece of pieces) {
        applied += latest.apply(columns(piece), 7);
        for (const one of piece) {
          if (one[1] < (newest.get(one[0])?.[1] ?? 0)) continue;
          newest.set(one[0], one);
          expected++;
        }
      }
      expect(applied).toBe(expected);
      for (const [index, time, value, quality] of newest.values()) {
        expect([latest.time(index), latest.value(index), latest.quality(index), latest.received(index)]).toEqual([time, value, quality, 7]);
      }
    }),
  );
});
