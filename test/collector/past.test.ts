import { expect, test } from "vitest";
import { pastReadings } from "../../collector/past.ts";
import type { RangeQuery, Store } from "../../core/store.ts";

test("readings of all series come in order of time, Bad ones without a value", async () => {
  const asked: RangeQuery[] = [];
  const store: Pick<Store, "range"> = {
    range(query) {
      asked.push(query);
      const found = [
        {
          series: 0,
          points: [
            [10, 1, 0],
            [30, null, 0x8000],
          ],
        },
        { series: 1, points: [[20, 2, 0]] },
        { series: 2, points: [] },
      ];
      return Promise.resolve(found);
    },
  };
  const { length, series, time, value, quality } = await pastReadings(store, { series: 3, from: 0, to: 40 });
  expect(asked).toEqual([{ series: [0, 1, 2], from: 0, to: 40 }]);
  expect([length, [...series], [...time], [...value], [...quality]]).toEqual([
    3,
    [0, 1, 0],
    [10, 20, 30],
    [1, 2, Number.NaN],
    [0, 0, 0x8000],
  ]);
});
