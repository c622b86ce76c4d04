import fc from "fast-check";
import { expect, test } from "vitest";
import { SeriesStates, SourceSeries } from "../../agent/states.ts";

test("sources have series of their own, also the same ones, in the order they came, whoever goes meanwhile", () => {
  const act = fc.record({ source: fc.nat(3), series: fc.nat(6), end: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const states = new SeriesStates();
      const sources = [0, 1, 2, 3].map(() => ({ own: new SourceSeries(states), times: new Map<number, number>() }));
      for (const [i, { source, series, end }] of acts.entries()) {
        const { own, times } = sources[source] ?? (sources[0] as (typeof sources)[0]);
        if (end && i % 5 === 0) {
          own.clear();
          times.clear();
          continue;
        }
        const place = own.find(series) || own.add(series);
        states.time[place] = i;
        times.set(series, i);
      }
      for (const { own, times } of sources) {
        const kept = [...own.places()].map((place) => [states.series[place], states.time[place]]);
        expect(kept).toEqual([...times]);
        expect(own.size).toBe(times.size);
        expect(own.find(7)).toBe(0);
      }
    }),
  );
});

test("what a source had is used again: sources that come and go for ever take no more room", () => {
  const states = new SeriesStates();
  for (let round = 0; round < 1000; round++) {
    const own = new SourceSeries(states);
    for (let series = 0; series < 100; series++) own.add(series);
    own.clear();
  }
  expect(states.series.length).toBe(256);
});
