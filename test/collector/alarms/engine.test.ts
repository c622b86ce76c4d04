import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../../../collector/alarms/deadlines.ts";
import { decodeAlarm, encodeAlarm } from "../../../collector/alarms/fact.ts";
import type { LevelState } from "../../../collector/alarms/state.ts";
import { Q } from "../../../core/quality.ts";
import { Stage, snmp } from "../stage.ts";

const rules = (alarm: object) => ({
  assets: { x: { labels: { type: "t" }, snmp } },
  alarms: { hot: { on: { type: "t" }, metric: "temperature_celsius", ...alarm } },
});
const states = (stage: Stage): string[] => stage.plant.alarms().map((alarm) => `${alarm.level} ${alarm.state}`);

describe("alarms in a plant", () => {
  it("run out by time alone, once, at their deadline", () => {
    const stage = new Stage(rules({ critical: { above: 85, for: "20s" } }));
    stage.put("x", 90, { everyMs: 30_000 });
    expect(stage.pass(19).filter((event) => event.type === "alarm").length).toBe(1);
    expect(states(stage)).toEqual(["critical pending"]);
    const raised = stage.pass(1).filter((event) => event.type === "alarm");
    expect(raised.map((event) => [event.alarm.state, event.alarm.since])).toEqual([["active", stage.now]]);
    expect(stage.pass(10).filter((event) => event.type === "alarm")).toEqual([]);
  });

  it("a pending alarm whose sensor dies waits for the next value", () => {
    const stage = new Stage(rules({ critical: { above: 85, for: "20s" } }));
    stage.put("x", 90, { everyMs: 30_000 });
    stage.pass(5);
    stage.put("x", Number.NaN, { quality: Q.BadSensorFailure });
    stage.pass(60);
    expect(states(stage)).toEqual(["critical pending"]);
    stage.put("x", 90);
    stage.changes();
    expect(states(stage)).toEqual(["critical active"]);
  });

  it("a replayed reading raises nothing and ends nothing", () => {
    const stage = new Stage(rules({ critical: { above: 85 } }));
    stage.put("x", 50);
    stage.put("x", 99, { time: stage.now - 60_000 });
    stage.changes();
    expect(states(stage)).toEqual([]);
    stage.put("x", 99, { time: stage.now + 1 });
    stage.put("x", 50, { time: stage.now - 60_000 });
    stage.changes();
    expect(states(stage)).toEqual(["critical active"]);
  });

  it("only series with the labels of `where`, and assets of the selector", () => {
    const stage = new Stage({
      assets: { x: { labels: { type: "t" }, snmp }, y: { snmp } },
      alarms: { hot: { on: { type: "t" }, metric: "temperature_celsius", where: { sensor: "bearing" }, major: { above: 85 } } },
    });
    stage.put("x", 99, { labels: { sensor: "motor" } });
    stage.put("y", 99, { labels: { sensor: "bearing" } });
    stage.put("x", 99, { labels: { sensor: "bearing", side: "left" } });
    stage.changes();
    expect(stage.plant.alarms().map((alarm) => alarm.id)).toEqual(["hot:x:sensor=bearing:side=left"]);
  });

  it("a series of an asset that config does not have costs nothing", () => {
    const stage = new Stage(rules({ critical: { above: 85 } }));
    stage.put("ghost", 99);
    expect(stage.changes()).toEqual([]);
  });

  it("a series that is described anew keeps its alarm, and names its states anew", () => {
    const stage = new Stage(rules({ critical: { is: "hot" } }));
    const index = stage.series("x", { kind: "state", states: { 1: "cold" } });
    stage.put("x", 2);
    stage.changes();
    expect(states(stage)).toEqual([]);
    stage.plant.describe({ ...stage.registry.get(index), states: { 1: "cold", 2: "hot" } });
    stage.put("x", 2);
    stage.changes();
    expect(states(stage)).toEqual(["critical active"]);
  });

  it("a latched alarm stays with its level until it is reset", () => {
    const stage = new Stage(rules({ critical: { above: 85 }, latch: true }));
    stage.put("x", 99);
    stage.now += 1000;
    stage.put("x", 50);
    expect(stage.asset("x").level).toBe("critical");
    const reset = { alarm: "hot:x", act: "reset", by: "eva", at: stage.now, comment: "", until: null } as const;
    expect(stage.plant.act(reset)).toEqual({ kind: "done" });
    expect(stage.plant.act(reset)).toMatchObject({ kind: "refused", why: expect.stringContaining("latched") });
    expect(stage.asset("x").level).toBe("ok");
  });

  it("a new rule judges the value that stands, an old value it does not", () => {
    const before = new Stage({ ...rules({ critical: { above: 85 } }), alarms: {} });
    before.put("x", 99, { everyMs: 30_000 });
    expect(states(before.restart(rules({ critical: { above: 85 } }), 10_000))).toEqual(["critical active"]);
    expect(states(before.restart(rules({ critical: { above: 85 } }), 3_600_000))).toEqual([]);
  });
});

describe("Deadlines", () => {
  it("gives what is due, soonest first", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.nat(100), (dues, now) => {
        const heap = new Deadlines<number>();
        for (const due of dues) heap.put(due, due);
        const taken: number[] = [];
        for (let next = heap.take(now); next !== undefined; next = heap.take(now)) taken.push(next.what);
        expect(taken).toEqual(dues.filter((due) => due <= now).sort((a, b) => a - b));
        expect(heap.size).toBe(dues.length - taken.length);
      }),
    );
  });
});

describe("facts of alarms", () => {
  const time = fc.integer({ min: 0 });
  const level: fc.Arbitrary<LevelState> = fc.oneof(
    fc.record({ phase: fc.constant("normal" as const) }),
    fc.record({ phase: fc.constant("pending" as const), since: time }),
    fc.record({ phase: fc.constant("active" as const), since: time, raised: time }),
    fc.record({ phase: fc.constantFrom("clearing" as const, "latched" as const), since: time, raised: time, ended: time }),
  );

  it("come back as they were kept", () => {
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 3 }), (levels) => {
        const back = decodeAlarm(encodeAlarm({ levels }))?.levels;
        expect(back).toEqual(levels.every((one) => one.phase === "normal") ? undefined : levels);
      }),
    );
  });

  it.each([
    "",
    "{",
    "null",
    "7",
    "[null]",
    '[{"phase":"on fire","since":1}]',
    '[{"phase":"active","since":1}]',
    '[{"phase":"pending","since":"x"}]',
  ])("%s is as good as none", (text) => {
    expect(decodeAlarm(text)).toBeUndefined();
  });
});
