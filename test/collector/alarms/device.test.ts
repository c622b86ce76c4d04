import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bind } from "../../../collector/alarms/bound.ts";
import { deviceThresholds, judgesItself } from "../../../collector/alarms/device.ts";
import { ruleOf } from "../../../collector/alarms/rule.ts";
import { initialState, standing } from "../../../collector/alarms/state.ts";
import { step } from "../../../collector/alarms/step.ts";
import { alarm } from "../../../config/alarms.ts";
import type { DeviceRule } from "../../../config/from-device.ts";
import { Q } from "../../../core/quality.ts";
import type { DeviceLimits, SeriesDescription } from "../../../core/reading.ts";
import { Stage, snmp } from "../stage.ts";

const bare: DeviceRule = { forMs: 0, holdMs: 0, clearBy: 0 };

describe("levels by a device's limits", () => {
  it.each<{ what: string; limits: DeviceLimits; clearBy?: DeviceRule["clearBy"]; expected: unknown[] }>([
    { what: "none", limits: {}, expected: [] },
    {
      what: "an upper and a worse one",
      limits: { highWarning: 70, highCritical: 85 },
      expected: [
        [1, { kind: "above", limit: 70, inclusive: false, clear: 70 }],
        [3, { kind: "above", limit: 85, inclusive: false, clear: 85 }],
      ],
    },
    {
      what: "a lower one",
      limits: { lowCritical: 3.1 },
      clearBy: 0.1,
      expected: [[3, { kind: "below", limit: 3.1, inclusive: false, clear: 3.2 }]],
    },
    {
      what: "both sides, with a share of each as dead band",
      limits: { lowWarning: 100, highWarning: 200 },
      clearBy: { percent: 2 },
      expected: [[1, { kind: "outside", low: 100, high: 200, clearLow: 102, clearHigh: 196 }]],
    },
    {
      what: "a dead band wider than the room between them",
      limits: { lowWarning: 10, highWarning: 12 },
      clearBy: 5,
      expected: [[1, { kind: "outside", low: 10, high: 12, clearLow: 10.5, clearHigh: 11.5 }]],
    },
    {
      what: "a lower one above the upper one: no sense",
      limits: { lowWarning: 12, highWarning: 10, highCritical: 20 },
      expected: [[3, { kind: "above", limit: 20, inclusive: false, clear: 20 }]],
    },
    {
      what: "below zero, a share of the amount",
      limits: { lowCritical: -40 },
      clearBy: { percent: 10 },
      expected: [[3, { kind: "below", limit: -40, inclusive: false, clear: -36 }]],
    },
  ])("$what", ({ limits, clearBy = 0, expected }) => {
    expect(deviceThresholds({ limits }, { ...bare, clearBy }).map(({ level, condition }) => [level, condition])).toEqual(expected);
    expect(judgesItself({ limits })).toBe(expected.length > 0);
  });

  it("whatever the limits, one value is never in alarm and returned at once, and a value amid them ends it", () => {
    const limit = fc.option(fc.integer({ min: -100, max: 100 }), { nil: undefined });
    const all = fc.record({ lowWarning: limit, highWarning: limit }, { requiredKeys: [] });
    fc.assert(
      fc.property(all, fc.constantFrom<DeviceRule["clearBy"]>(0, 3, { percent: 10 }), (found, clearBy) => {
        const limits = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as DeviceLimits;
        const [threshold] = deviceThresholds({ limits }, { ...bare, clearBy });
        if (threshold === undefined || threshold.condition.kind !== "outside") return;
        const { low, high, clearLow, clearHigh } = threshold.condition;
        expect(low).toBeLessThanOrEqual(clearLow);
        expect(clearLow).toBeLessThanOrEqual(clearHigh);
        expect(clearHigh).toBeLessThanOrEqual(high);
      }),
    );
  });
});

describe("levels by what states mean", () => {
  const meanings = { 2: "warning", 3: "critical", 4: "unknown", 5: "major" } as const;
  const series = { everyMs: 10_000, kind: "state" as const, states: { 1: "ok" }, meanings };
  const bound = bind(ruleOf("hw", alarm.parse({ asset: "a", from_device: true })), series);

  it.each<{ what: string; values: readonly number[]; level: number | undefined }>([
    { what: "a state that nothing is said of is fine", values: [1], level: undefined },
    { what: "warning", values: [2], level: 1 },
    { what: "major", values: [5], level: 2 },
    { what: "critical", values: [3], level: 3 },
    { what: "from worse to milder", values: [3, 2], level: 1 },
    { what: "unknown raises nothing", values: [1, 4], level: undefined },
    { what: "unknown ends nothing", values: [3, 4], level: 3 },
    { what: "ended by a state that is fine", values: [3, 4, 1], level: undefined },
  ])("$what", ({ values, level }) => {
    let state = initialState(bound, 0);
    for (const [i, value] of values.entries())
      state = step(bound, state, { kind: "reading", time: (i + 1) * 10_000, value, quality: Q.Good });
    expect(standing(bound, state)?.level).toBe(level);
  });

  it("an on-delay does not run out while the device says nothing", () => {
    const delayed = bind(ruleOf("hw", alarm.parse({ asset: "a", from_device: { for: "15s" } })), series);
    let state = initialState(delayed, 0);
    for (const [time, value] of [
      [10_000, 3],
      [20_000, 4],
    ] as const)
      state = step(delayed, state, { kind: "reading", time, value, quality: Q.Good });
    expect(standing(delayed, step(delayed, state, { kind: "time", time: 26_000 }))?.phase).toBe("pending");
  });
});

const config = (rule: object) => ({
  assets: { srv: { name: "Server 1", labels: { type: "server" }, snmp }, other: { labels: { type: "pc" }, snmp } },
  alarms: { hardware: { on: { type: "server" }, ...rule } },
  services: { mes: { needs: ["asset srv"] } },
});
const inlet: Partial<SeriesDescription> = { labels: { sensor: "inlet" }, limits: { highWarning: 35, highCritical: 45 } };
const fan: Partial<SeriesDescription> = {
  metric: "fan_status",
  labels: { sensor: "inlet" },
  kind: "state",
  unit: "",
  states: { 1: "ok", 2: "failed" },
  meanings: { 2: "critical" },
};
const standingOf = (stage: Stage) => {
  stage.changes();
  return stage.plant.alarms().map(({ id, level, state }) => [id, level, state]);
};

describe("a rule that goes by devices", () => {
  it("makes one alarm for each series that says when it is bad, and none for the others", () => {
    const stage = new Stage(config({ from_device: true }));
    stage.put("srv", 50, inlet);
    stage.put("srv", 2, fan);
    stage.put("srv", 99, { metric: "load_ratio", unit: "1" });
    stage.put("other", 50, inlet);
    expect(standingOf(stage)).toEqual([
      ["hardware:srv:fan_status:sensor=inlet", "critical", "active"],
      ["hardware:srv:temperature_celsius:sensor=inlet", "critical", "active"],
    ]);
    expect(stage.service("mes").why).toContain("Server 1: inlet temperature at 50 °C (above 45 °C)");
    expect(stage.service("mes").why).toContain("Server 1: inlet fan status is failed");
  });

  it.each([
    { metric: "fan_status", expected: ["hardware:srv:fan_status:sensor=inlet"] },
    { metric: ["temperature_celsius", "power_watts"], expected: ["hardware:srv:temperature_celsius:sensor=inlet"] },
  ])("on $metric only", ({ metric, expected }) => {
    const stage = new Stage(config({ from_device: true, metric }));
    stage.put("srv", 50, inlet);
    stage.put("srv", 2, fan);
    expect(standingOf(stage).map(([id]) => id)).toEqual(expected);
  });

  it("has delays and a dead band", () => {
    const stage = new Stage(config({ from_device: { for: "5s", clear_by: "10%" } }));
    stage.put("srv", 36, inlet);
    expect(standingOf(stage)).toEqual([["hardware:srv:temperature_celsius:sensor=inlet", "warning", "pending"]]);
    stage.pass(5, ["srv"]);
    stage.put("srv", 33, inlet);
    expect(standingOf(stage)).toEqual([["hardware:srv:temperature_celsius:sensor=inlet", "warning", "active"]]);
    stage.put("srv", 31.5, inlet);
    expect(standingOf(stage)).toEqual([]);
  });

  it("shows the limits as lines", () => {
    const stage = new Stage(config({ from_device: { clear_by: 2 } }));
    const index = stage.series("srv", inlet);
    expect(stage.plant.thresholds(index)).toEqual([
      { alarm: "hardware", level: "warning", condition: "above", value: 35, clear: 33 },
      { alarm: "hardware", level: "critical", condition: "above", value: 45, clear: 43 },
    ]);
    expect(stage.plant.thresholds(stage.series("srv", fan))).toEqual([
      { alarm: "hardware", level: "critical", condition: "is", value: 2, clear: null },
    ]);
  });
});

describe("a device that changes its limits", () => {
  const describeAnew = (stage: Stage, how: Partial<SeriesDescription>): void => {
    const index = stage.series("srv", inlet);
    const { limits: _, ...rest } = stage.registry.get(index);
    const series = { ...rest, ...how };
    stage.registry.accept({ series: [series], aliases: [] });
    stage.plant.describe(series);
  };

  it("is judged by the new ones with its next value, and keeps its level till then", () => {
    const stage = new Stage(config({ from_device: true }));
    stage.put("srv", 50, inlet);
    describeAnew(stage, { limits: { highCritical: 60 } });
    expect(standingOf(stage)).toEqual([["hardware:srv:temperature_celsius:sensor=inlet", "critical", "active"]]);
    stage.put("srv", 50, inlet);
    expect(standingOf(stage)).toEqual([]);
    expect(stage.service("mes").level).toBe("ok");
  });

  it("has no alarm any more where it names none, whose end is told, and one again when it does", () => {
    const stage = new Stage(config({ from_device: true }));
    stage.put("srv", 50, inlet);
    stage.changes();
    describeAnew(stage, {});
    const told = stage.changes().flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
    expect(told.map(({ id, cleared, announced }) => ({ id, cleared, announced }))).toEqual([
      { id: "hardware:srv:temperature_celsius:sensor=inlet", cleared: true, announced: true },
    ]);
    expect(stage.service("mes").level).toBe("ok");
    expect(stage.plant.thresholds(stage.series("srv", inlet))).toEqual([]);
    describeAnew(stage, { limits: { highWarning: 40 } });
    stage.put("srv", 41, inlet);
    expect(standingOf(stage)).toEqual([["hardware:srv:temperature_celsius:sensor=inlet", "warning", "active"]]);
  });

  it("keeps an acknowledgement over a restart", () => {
    const stage = new Stage(config({ from_device: true }));
    stage.put("srv", 50, inlet);
    stage.changes();
    const alarmId = "hardware:srv:temperature_celsius:sensor=inlet";
    stage.plant.act({ alarm: alarmId, act: "ack", by: "eva", at: stage.now, comment: "", until: null });
    stage.changes();
    const after = stage.restart(config({ from_device: true }), 2000);
    expect(after.plant.alarms().map(({ id, isa }) => [id, isa])).toEqual([[alarmId, "acknowledged"]]);
  });
});
