import { describe, expect, it } from "vitest";
import { AlarmEngine } from "../../../collector/alarms/engine.ts";
import { FirstOut } from "../../../collector/alarms/first-out.ts";
import { Habit } from "../../../collector/alarms/habit.ts";
import { isaState } from "../../../collector/alarms/isa.ts";
import { AlarmLoad } from "../../../collector/alarms/load.ts";
import { type Condition, ruleBook } from "../../../collector/alarms/rule.ts";
import { alarm as alarmSchema } from "../../../config/alarms.ts";
import { AssetIndex } from "../../../config/members.ts";
import { Q } from "../../../core/quality.ts";
import { Stage, snmp } from "../stage.ts";

const above = (limit: number): Condition => ({ kind: "above", limit, inclusive: false, clear: undefined });

/** Raised once for each depth, ten seconds apart, normal for `gapS` before; the value comes back inside by the depth between. */
function habitOf(
  condition: Condition,
  depths: readonly number[],
  { gapS = 5, inside = (depth: number): number => 70 - depth } = {},
): { habit: Habit; now: number } {
  const habit = new Habit();
  let now = 1_000_000;
  habit.raised(now, condition);
  for (const depth of depths) {
    habit.saw(inside(depth));
    habit.ended(now + (10 - gapS) * 1000);
    now += 10_000;
    habit.raised(now, condition);
  }
  return { habit, now };
}

describe("over a restart", () => {
  const config = { assets: { x: { snmp } }, alarms: { hot: { asset: "x", metric: "temperature_celsius", warning: { above: 70 } } } };

  it("counts, chatter, flood and advice go on", () => {
    const stage = new Stage(config);
    for (let i = 0; i < 8; i++) {
      stage.put("x", i % 2 === 0 ? 71 : 69);
      stage.pass(5, []);
    }
    const before = stage.plant.alarmLoad(stage.now);
    expect(before.most_frequent[0]).toMatchObject({ last_minute: 4, last_day: 4, chattering: true });
    expect(before.most_frequent[0]?.advice).toContain("would have saved 3 of 4");
    const after = stage.restart(config, 2000);
    after.changes();
    expect(after.plant.alarmLoad(after.now)).toEqual(before);
    // What came back inside before the stop counts for the raise after it.
    after.put("x", 71);
    after.changes();
    expect(after.plant.alarmLoad(after.now)).toMatchObject({ announced_total: 5, last_10_minutes: 5 });
    expect(after.plant.alarmLoad(after.now).most_frequent[0]?.advice).toContain("would have saved 4 of 5");
  });

  it("what cannot be read is as good as nothing", () => {
    const stage = new Stage(config);
    stage.facts.set("plant/habit/hot:x", '{"threshold":0,"raises":[["x"]]}');
    stage.facts.set("plant/alarm-load", "[");
    const after = stage.restart(config, 1000);
    expect(after.plant.alarmLoad(after.now)).toMatchObject({ announced_total: 0, most_frequent: [] });
  });

  it("a level that the rule has no longer is no condition to advise on", () => {
    const habit = Habit.recalled(
      {
        threshold: 1,
        depth: 1,
        ended: 5,
        raises: [
          [1, Number.NaN, Number.NaN],
          [2, 1, 1],
          [3, 1, 1],
        ],
      },
      undefined,
    );
    habit.saw(3);
    expect(habit.lastMinute(4)).toBe(3);
    expect(habit.advice(4)).toContain("off-delay");
  });
});

describe("chatter", () => {
  it("three times in a minute", () => {
    const two = habitOf(above(70), [1]);
    expect(two.habit.chattering(two.now)).toBe(false);
    const three = habitOf(above(70), [1, 1]);
    expect(three.habit.chattering(three.now)).toBe(true);
    expect(three.habit.chattering(three.now + 41_000)).toBe(false);
    expect(three.habit.lastDay(three.now + 41_000)).toBe(3);
  });

  const band = [...Array.from({ length: 41 }, (_, i) => 0.5 + (i % 10) / 10), 12, 13];
  it.each<{ what: string; condition: Condition; depths: readonly number[]; more?: Parameters<typeof habitOf>[2]; advice: string | null }>([
    { what: "a dead band", condition: above(70), depths: band, advice: "a dead band of 1.5 (clear: 68.5) would have saved 41 of 44" },
    {
      what: "a dead band below",
      condition: { kind: "below", limit: 6, inclusive: false, clear: undefined },
      depths: [0.1, 0.12, 0.2],
      more: { inside: (depth) => 6 + depth },
      advice: "a dead band of 0.25 (clear: 6.25) would have saved 3 of 4",
    },
    {
      what: "a dead band within two limits",
      condition: { kind: "outside", low: 220, high: 240, clearLow: 220, clearHigh: 240 },
      depths: [1, 2, 1],
      more: { inside: (depth) => 240 - depth },
      advice: "a dead band of 2.5 ([222.5, 237.5]) would have saved 3 of 4".replace("(", "(clear: "),
    },
    {
      what: "an off-delay where a band would be too wide",
      condition: above(70),
      depths: [30, 40, 30],
      advice: "an off-delay of 6s (hold) would have saved 3 of 4",
    },
    {
      what: "an off-delay where the value comes back to the very limit",
      condition: above(70),
      depths: [0, 0, 0],
      advice: "an off-delay of 6s (hold) would have saved 3 of 4",
    },
    {
      what: "an off-delay for states",
      condition: { kind: "is", state: "jam" },
      depths: [1, 1, 1],
      more: { gapS: 3 },
      advice: "an off-delay of 4s (hold) would have saved 3 of 4",
    },
    { what: "nothing for what came twice", condition: above(70), depths: [1], advice: null },
  ])("$what", ({ condition, depths, more, advice }) => {
    const { habit, now } = habitOf(condition, depths, more);
    expect(habit.advice(now)).toBe(advice);
    expect(habit.advice(now + 2 * 86_400_000)).toBeNull();
  });

  it("of a plant: the band that is advised does what was promised", () => {
    const plant = (critical: object) => ({
      assets: { x: { snmp } },
      alarms: { hot: { asset: "x", metric: "temperature_celsius", critical } },
    });
    const raisesWith = (critical: object): { raises: number; advice: string | null } => {
      const stage = new Stage(plant(critical));
      let raises = 0;
      stage.listener = (event) => {
        if (event.type === "alarm" && !event.alarm.cleared) raises++;
      };
      for (let i = 0; i < 20; i++) {
        stage.now += 5000;
        stage.put("x", i % 2 === 0 ? 85.4 : 84.2);
        stage.changes();
      }
      return { raises, advice: stage.plant.alarmLoad(stage.now).most_frequent[0]?.advice ?? null };
    };
    const plain = raisesWith({ above: 85 });
    expect(plain).toEqual({ raises: 10, advice: "a dead band of 0.85 (clear: 84.15) would have saved 9 of 10" });
    expect(raisesWith({ above: 85, clear: 84.15 }).raises).toBe(1);
  });
});

describe("flood", () => {
  it("more than ten in ten minutes", () => {
    const load = new AlarmLoad();
    for (let i = 0; i < 10; i++) load.announced(i * 1000);
    expect(load.flood(10_000)).toBe(false);
    load.announced(10_000);
    expect([load.flood(10_000), load.lastTenMinutes(10_000), load.flood(600_001), load.total]).toEqual([true, 11, false, 11]);
  });
});

describe("first-out", () => {
  it("a mark from before a restart takes the place of a newer one", () => {
    const marks: string[] = [];
    const member = (name: string, raisedAt: number, first = false) => ({ name, raisedAt, first });
    const group = new FirstOut<string, ReturnType<typeof member>>({
      raisedAt: (one) => one.raisedAt,
      isFirst: (one) => one.first,
      mark: (one, first) => marks.push(`${one.name} ${first}`),
    });
    const [a, b, old] = [member("a", 2), member("b", 3), member("old", Number.POSITIVE_INFINITY, true)];
    group.raised("g", a);
    group.raised("g", b);
    group.recall("g", old);
    group.ended("g", a);
    group.ended("g", b);
    expect(marks).toEqual(["a true", "a false", "old false"]);
  });
});

// 100,000 with all that is kept and told of them: test/collector/flood.test.ts.
describe("very many alarms at once", () => {
  const hot = {
    on: { type: "t" },
    metric: "temperature_celsius",
    critical: { above: 85 },
    suppress_when: [{ asset: "sw", is: "critical" }],
  };

  it("5,000 are raised, announced, shelved, still bad at the end of their shelf, and end", () => {
    const n = 5000;
    const index = new AssetIndex(Array.from({ length: n }, (_, i) => ({ id: `a${i}`, labels: { type: "t" } })));
    const engine = new AlarmEngine(ruleBook({ hot: alarmSchema.parse(hot) }, [], index));
    const how = { metric: "temperature_celsius", labels: {}, unit: "Cel", kind: "gauge" as const, origin: "", everyMs: 2000, agent: "a" };
    for (let i = 0; i < n; i++) engine.describe({ ...how, asset: `a${i}`, index: i }, i, 0);
    const count = (isa: string): number => [...engine.attended()].filter((watch) => isaState(watch.handling, false) === isa).length;
    const all = (time: number, value: number): void => {
      engine.arrive(time);
      for (let i = 0; i < n; i++) engine.read(i, time, value, Q.Good);
      engine.announce(time);
    };
    all(1000, 99);
    expect([engine.load.total, engine.load.flood(1000), count("unacknowledged")]).toEqual([n, true, n]);
    for (const { id } of engine.all())
      engine.handle(id, { kind: "shelve", shelf: { by: "eva", at: 1000, comment: "flood", until: 60_000 } });
    expect(count("shelved")).toBe(n);
    all(59_000, 99);
    engine.tick(60_000);
    expect(count("unacknowledged")).toBe(n);
    all(61_000, 50);
    expect([count("returned-unacknowledged"), [...engine.standing()].length]).toEqual([n, 0]);
  });

  it("1,000 are told of once and ended once, whatever suppresses them meanwhile", () => {
    const n = 1000;
    const assets = Object.fromEntries(Array.from({ length: n }, (_, i) => [`a${i}`, { labels: { type: "t" } }]));
    const dead = { asset: "sw", metric: "temperature_celsius", critical: { above: 85 } };
    const stage = new Stage({ assets: { ...assets, sw: {} }, alarms: { hot, dead } });
    for (let i = 0; i < n; i++) stage.put(`a${i}`, 99);
    expect(stage.changes().filter((event) => event.type === "alarm")).toHaveLength(n);
    stage.put("sw", 99);
    stage.changes();
    expect(stage.plant.alarms().filter((alarm) => alarm.isa === "suppressed-by-design")).toHaveLength(n);
    stage.now += 1000;
    for (let i = 0; i < n; i++) stage.put(`a${i}`, 50);
    const ends = stage.changes().flatMap((event) => (event.type === "alarm" && event.alarm.cleared ? [event.alarm.announced] : []));
    expect(ends).toEqual(new Array(n).fill(true));
  });
});
