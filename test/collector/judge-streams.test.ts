import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WhatIfState } from "../../collector/view.ts";
import { Q } from "../../core/quality.ts";
import { air, bottlingHall, hallAssets, hallAtWork, type Stage } from "./stage.ts";

const fillers = ["filler-31", "filler-32", "filler-33"];
type Act = (stage: Stage) => void;

const value = fc.constantFrom(50, 68, 72, 92, Number.NaN);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ asset: fc.constantFrom(...fillers), value }).map(
    ({ asset, value }): Act =>
      (stage) => {
        stage.put(asset, value, { labels: { sensor: "bearing" }, quality: Number.isNaN(value) ? Q.BadTimeout : Q.Good });
      },
  ),
  fc.constantFrom(5e5, 6.1e5, 7e5).map(
    (pascals): Act =>
      (stage) =>
        air(stage, pascals),
  ),
  fc.record({ asset: fc.constantFrom(...hallAssets), state: fc.constantFrom("up" as const, "down" as const, "starting" as const) }).map(
    ({ asset, state }): Act =>
      (stage) =>
        stage.status(asset, state, "timed out", /sw|server/.test(asset) ? "snmp" : "modbus"),
  ),
  fc.record({ seconds: fc.integer({ min: 1, max: 70 }), alive: fc.subarray(hallAssets) }).map(
    ({ seconds, alive }): Act =>
      (stage) =>
        void stage.pass(seconds, alive),
  ),
);
const acts = fc.array(act, { minLength: 1, maxLength: 12 });
const order = ["ok", "warning", "major", "critical"];

describe("whatever happens to the bottling hall", () => {
  it("levels never drift, low is at most high, and what is shown is what they say", () => {
    fc.assert(
      fc.property(acts, (happenings) => {
        const stage = hallAtWork();
        for (const happen of happenings) happen(stage);
        stage.changes();
        for (const { level, low, high, causes } of stage.plant.services()) {
          expect(order.indexOf(low)).toBeLessThanOrEqual(order.indexOf(high));
          expect(level).toBe(low === high ? low : "unknown");
          expect(causes.length > 0).toBe(level !== "ok");
        }
        expect(stage.plant.checkDrift()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("who only listens to changes knows what who asks is told", () => {
    fc.assert(
      fc.property(acts, (happenings) => {
        const stage = hallAtWork();
        const heard = new Map(stage.plant.services().map((service) => [service.id, service.level]));
        const alarms = new Set<string>();
        stage.listener = (event) => {
          if (event.type === "service") heard.set(event.service.id, event.service.level);
          if (event.type !== "alarm") return;
          if (event.alarm.cleared) alarms.delete(event.alarm.id);
          else alarms.add(event.alarm.id);
        };
        for (const happen of happenings) happen(stage);
        stage.changes();
        expect([...heard]).toEqual(stage.plant.services().map((service) => [service.id, service.level]));
        expect([...alarms].sort()).toEqual(
          stage.plant
            .alarms()
            .map((alarm) => alarm.id)
            .sort(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("a reload shows what was shown, since the same time", () => {
    fc.assert(
      fc.property(acts, (happenings) => {
        const stage = hallAtWork();
        for (const happen of happenings) happen(stage);
        stage.changes();
        const told = stage.plant.alarms().map(({ id, state, level, since }) => ({ id, state, level, since }));
        const again = stage.restart(bottlingHall, 0).plant.alarms();
        expect(again.map(({ id, state, level, since }) => ({ id, state, level, since }))).toEqual(told);
      }),
      { numRuns: 60 },
    );
  });

  it("a what-if changes nothing", () => {
    const states = fc.constantFrom<WhatIfState>("ok", "warning", "major", "critical", "unknown", "maintenance");
    const settings = fc.array(fc.tuple(fc.constantFrom(...hallAssets), states)).map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(acts, settings, (happenings, set) => {
        const stage = hallAtWork();
        for (const happen of happenings) happen(stage);
        stage.changes();
        const before = JSON.stringify([stage.plant.services(), stage.plant.assets(stage.now), stage.plant.alarms()]);
        const first = stage.plant.whatIf(set);
        expect(stage.plant.whatIf(set)).toEqual(first);
        expect(stage.changes()).toEqual([]);
        expect(JSON.stringify([stage.plant.services(), stage.plant.assets(stage.now), stage.plant.alarms()])).toBe(before);
      }),
      { numRuns: 40 },
    );
  });
});
