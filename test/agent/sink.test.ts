import fc from "fast-check";
import { expect, test } from "vitest";
import { SeriesRegistry } from "../../agent/registry.ts";
import { SourceSink } from "../../agent/sink.ts";
import { SeriesStates } from "../../agent/states.ts";
import { silentLog } from "../../core/log.ts";
import { isBad, Q } from "../../core/quality.ts";
import { FakeClock } from "../fake-clock.ts";
import { RecordedOut } from "./sources.ts";

function sinkOf(): { sink: SourceSink; out: RecordedOut; clock: FakeClock } {
  const registry = new SeriesRegistry();
  const out = new RecordedOut(registry);
  const clock = new FakeClock();
  return { sink: new SourceSink({ asset: "a", registry, states: new SeriesStates(), out, clock, log: silentLog }), out, clock };
}

const description = { asset: "a", metric: "m", labels: {}, unit: "1", kind: "gauge", origin: "o", everyMs: 1000 } as const;

test("whatever a source puts, what leaves has a time, is NaN exactly when Bad, and says Bad once", () => {
  const quality = fc.constantFrom(Q.Good, Q.UncertainLastUsableValue, Q.BadTimeout, Q.BadOutOfRange);
  const put = fc.record({ time: fc.double(), value: fc.double(), quality });
  fc.assert(
    fc.property(fc.array(put), (puts) => {
      const { sink, out } = sinkOf();
      const series = sink.register(description);
      for (const one of puts) sink.put(series, one.time, one.value, one.quality);
      let before = "";
      for (const reading of out.readings) {
        expect(Number.isInteger(reading.time) && reading.time > 0 && reading.time <= 8.64e15).toBe(true);
        const bad = isBad(Q[reading.quality as keyof typeof Q]);
        expect(Number.isNaN(reading.value)).toBe(bad);
        expect(Number.isFinite(reading.value)).toBe(!bad);
        if (bad) expect(reading.quality).not.toBe(before);
        before = reading.quality;
      }
    }),
  );
});

test("a series that was never registered here, or was refused, is ignored and harms nobody", () => {
  const { sink, out } = sinkOf();
  const long = sink.register({ ...description, labels: { topic: "x".repeat(65_536) } });
  const many = sink.register({ ...description, labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, "x"])) });
  for (const series of [long, many, 7, -1, 0.5, Number.NaN]) sink.put(series, 1, 1, Q.Good);
  expect(out.readings).toEqual([]);
  expect(sink.malformedCount).toBe(2);
});

test("a topology is told when it differs from the last one, whenever it was read", () => {
  const { sink, out } = sinkOf();
  const nothing = { time: 1, self: { system: "", macs: [] }, neighbours: [], ports: [], stations: [], partial: [] };
  sink.topology(nothing);
  sink.topology({ ...nothing, time: 2 });
  sink.topology({ ...nothing, time: 3, stations: [{ mac: "02:00:00:00:00:01", address: "10.0.0.1" }] });
  sink.topology({ ...nothing, time: 4 });
  expect(out.topologies.map(([asset, { time }]) => [asset, time])).toEqual([
    ["a", 1],
    ["a", 3],
    ["a", 4],
  ]);
  sink.successor();
  sink.topology({ ...nothing, stations: [], partial: ["arp"] });
  expect(out.topologies).toHaveLength(3);
});

test("inventory is cut to a size that fits a batch", () => {
  const { sink, out } = sinkOf();
  sink.inventory(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`fact${n}`, "x".repeat(100_000)])));
  const [, facts] = out.facts[0] ?? ["", {}];
  expect(Object.keys(facts)).toHaveLength(200);
  expect(facts["fact0"]).toHaveLength(4096);
});

test("what a round could not read: the source's word, else the first value that was Bad; told once, and nothing where a value is not there", () => {
  const { sink } = sinkOf();
  const fan = sink.register({ ...description, metric: "fan_speed_rpm", labels: { fan: "left" } });
  expect(sink.lack()).toBe("");
  sink.put(fan, 1, Number.NaN, Q.BadNoData);
  expect(sink.lack()).toBe("");
  sink.put(fan, 2, Number.NaN, Q.BadOutOfRange);
  sink.put(fan, 3, Number.NaN, Q.BadTimeout);
  expect([sink.lack(), sink.lack()]).toEqual(['fan_speed_rpm fan="left": BadOutOfRange', ""]);
  sink.put(fan, 4, Number.NaN, Q.BadTimeout);
  sink.incomplete("10.0.0.9:161: the device says genErr");
  sink.incomplete("and more");
  expect(sink.lack()).toBe("10.0.0.9:161: the device says genErr");
});
