import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlarmAct, AlarmView } from "../../../core/alarm-view.ts";
import type { CollectorEvent } from "../../../core/api.ts";
import { Q } from "../../../core/quality.ts";
import { modbus, Stage, snmp } from "../stage.ts";

const hall = (alarm: object, more: object = {}) => ({
  assets: {
    x: { name: "X", labels: { type: "t" }, via: ["sw"], modbus },
    y: { labels: { type: "t" }, modbus },
    sw: { labels: { type: "switch" }, snmp },
  },
  alarms: { hot: { on: { type: "t" }, metric: "temperature_celsius", critical: { above: 85 }, ...alarm } },
  services: { line: { needs: ["asset y"] } },
  ...more,
});

function alarmOf(stage: Stage, id = "hot:x"): AlarmView | undefined {
  stage.changes();
  return stage.plant.alarms(true).find((alarm) => alarm.id === id);
}
const isaOf = (stage: Stage, id?: string): string => alarmOf(stage, id)?.isa ?? "normal";

function act(stage: Stage, name: AlarmAct, more: { untilS?: number; alarm?: string } = {}): string {
  const until = more.untilS === undefined ? null : stage.now + more.untilS * 1000;
  const entry = { alarm: more.alarm ?? "hot:x", act: name, by: "eva", at: stage.now, comment: "because", until };
  const refused = stage.plant.alarmRefusal(entry);
  const outcome = stage.plant.act(entry);
  expect(outcome).toEqual(refused ?? { kind: "done" });
  return outcome.kind === "refused" ? outcome.why : outcome.kind;
}

/** Who is told: an alarm when it is first shown as announced, its end when it was. */
function listenTo(stage: Stage): string[] {
  const told: string[] = [];
  const open = new Set<string>();
  stage.listener = (event: CollectorEvent) => {
    if (event.type !== "alarm" || event.alarm.announced !== true) return;
    const { id, cleared } = event.alarm;
    if (cleared ? open.delete(id) : !open.has(id)) told.push(`${cleared ? "resolved" : "fires"} ${id}`);
    if (!cleared) open.add(id);
  };
  return told;
}

describe("what operators do", () => {
  it("acknowledge, see it return, and be forgotten", () => {
    const stage = new Stage(hall({}));
    stage.put("x", 99);
    expect(isaOf(stage)).toBe("unacknowledged");
    expect(act(stage, "ack")).toBe("done");
    expect(alarmOf(stage)).toMatchObject({ isa: "acknowledged", acked: { by: "eva", comment: "because", at: stage.now }, state: "active" });
    expect(act(stage, "ack")).toBe("hot:x is acknowledged: there is nothing to acknowledge");
    stage.put("x", 50);
    expect(alarmOf(stage)).toBeUndefined();
  });

  it("an alarm that returned unseen waits, and is no longer in alarm", () => {
    const stage = new Stage(hall({}));
    stage.put("x", 99);
    stage.changes();
    stage.put("x", 50);
    expect(alarmOf(stage)).toMatchObject({ isa: "returned-unacknowledged", state: "normal", level: "ok" });
    expect(stage.plant.alarms()).toEqual([]);
    expect(stage.asset("x").level).not.toBe("critical");
    act(stage, "ack");
    expect(alarmOf(stage)).toBeUndefined();
  });

  it("a latched alarm waits for its reset, which also says that it was seen", () => {
    const stage = new Stage(hall({ latch: true }));
    stage.put("x", 99);
    expect(act(stage, "reset")).toBe("hot:x is unacknowledged: only a latched alarm can be reset");
    stage.put("x", 50, { time: stage.now + 1 });
    expect(alarmOf(stage)).toMatchObject({ isa: "latched", state: "active", latched: true });
    act(stage, "reset");
    expect(isaOf(stage)).toBe("normal");
  });

  it("a shelf ends by time, and what is still bad fires then", () => {
    const stage = new Stage(hall({}));
    const told = listenTo(stage);
    expect(act(stage, "shelve", { untilS: 60 })).toBe("unknown");
    stage.put("x", 50);
    act(stage, "shelve", { untilS: 60 });
    stage.put("x", 99, { time: stage.now + 1 });
    expect(alarmOf(stage)).toMatchObject({ isa: "shelved", state: "active", shelved: { by: "eva", comment: "because" }, announced: false });
    expect(stage.asset("x").level).toBe("critical");
    stage.pass(59);
    expect(told).toEqual([]);
    stage.pass(1);
    expect(told).toEqual(["fires hot:x"]);
    expect(isaOf(stage)).toBe("unacknowledged");
  });

  it.each([
    [-1, "a shelf has to end in the future"],
    [8 * 86_400, "a shelf lasts 7 days at most: an alarm that is of no use for longer goes out of service"],
  ])("a shelf that ends in %s s is refused", (untilS, why) => {
    const stage = new Stage(hall({}));
    stage.put("x", 50);
    expect(act(stage, "shelve", { untilS })).toBe(why);
  });

  it("what was announced before a shelf is resolved in it", () => {
    const stage = new Stage(hall({}));
    const told = listenTo(stage);
    stage.put("x", 99);
    stage.changes();
    act(stage, "shelve", { untilS: 600 });
    stage.changes();
    stage.put("x", 50);
    stage.changes();
    expect(told).toEqual(["fires hot:x", "resolved hot:x"]);
    expect(isaOf(stage)).toBe("shelved");
  });

  it("out of service an alarm counts for nothing, and back in service it does", () => {
    const stage = new Stage(hall({}));
    stage.put("x", 99);
    act(stage, "out-of-service");
    expect(isaOf(stage)).toBe("out-of-service");
    expect(stage.asset("x").level).not.toBe("critical");
    expect(act(stage, "out-of-service")).toMatch(/already/);
    act(stage, "return-to-service");
    expect(stage.asset("x").level).toBe("critical");
    expect(isaOf(stage)).toBe("unacknowledged");
  });
});

describe("suppressed by a metric", () => {
  const cleaning = hall({ suppress_when: [{ asset: "y", metric: "mode", while: { is: "cleaning", hold: "5s" } }] });
  const mode = { metric: "mode", kind: "state" as const, unit: "", states: { 1: "running", 2: "cleaning" } };

  it("while it is such; what was announced before is resolved all the same, and what still holds fires at the end", () => {
    const stage = new Stage(cleaning);
    const told = listenTo(stage);
    stage.put("x", 99);
    stage.changes();
    stage.put("y", 2, mode);
    expect(alarmOf(stage)).toMatchObject({ isa: "suppressed-by-design", suppressed: "y mode is cleaning", announced: true });
    stage.put("x", 50);
    stage.changes();
    stage.put("x", 99);
    expect(alarmOf(stage)).toMatchObject({ isa: "suppressed-by-design", announced: false, state: "active" });
    expect(stage.asset("x").level).toBe("critical");
    stage.put("y", 1, mode);
    expect(isaOf(stage)).toBe("suppressed-by-design");
    stage.pass(6, ["x", "y"]);
    expect(isaOf(stage)).toBe("unacknowledged");
    expect(told).toEqual(["fires hot:x", "resolved hot:x", "fires hot:x"]);
  });

  it("in the batch in which it becomes so, whichever reading stands first", () => {
    for (const first of ["alarm", "metric"]) {
      const stage = new Stage(cleaning);
      const told = listenTo(stage);
      if (first === "alarm") stage.put("x", 99);
      stage.put("y", 2, mode);
      if (first === "metric") stage.put("x", 99);
      stage.pass(3, ["x", "y"]);
      expect(told).toEqual([]);
    }
  });

  it("of the alarm's own asset without `asset`, and of no other", () => {
    const stage = new Stage(hall({ suppress_when: [{ metric: "speed", while: { below: 5 } }] }));
    for (const asset of ["x", "y"]) stage.put(asset, 99);
    stage.put("x", 3, { metric: "speed", unit: "" });
    stage.put("y", 30, { metric: "speed", unit: "" });
    expect([isaOf(stage), isaOf(stage, "hot:y")]).toEqual(["suppressed-by-design", "unacknowledged"]);
    expect(alarmOf(stage)?.suppressed).toBe("x speed below 5");
  });

  it("stays as it was while the metric is not known, also over a restart", () => {
    const stage = new Stage(cleaning);
    stage.put("y", 2, mode);
    stage.put("x", 99);
    stage.changes();
    stage.put("y", Number.NaN, { ...mode, quality: Q.BadTimeout });
    expect(isaOf(stage)).toBe("suppressed-by-design");
    const again = stage.restart(cleaning, 3000);
    expect(isaOf(again)).toBe("suppressed-by-design");
    again.put("y", 1, mode);
    again.pass(6, ["x", "y"]);
    expect(isaOf(again)).toBe("unacknowledged");
  });

  it("is no alarm itself: nobody sees it, or can act on it", () => {
    const stage = new Stage(cleaning);
    stage.put("y", 2, mode);
    stage.changes();
    expect(stage.plant.alarms(true)).toEqual([]);
    expect(stage.asset("y").level).toBe("ok");
    expect(stage.plant.thresholds(stage.series("y", mode))).toEqual([]);
    expect(act(stage, "out-of-service", { alarm: "hot suppressed by 0:y" })).toBe("unknown");
  });
});

describe("suppressed by design", () => {
  it("while another asset is down; the end of what was announced is told all the same", () => {
    const stage = new Stage(hall({ suppress_when: [{ asset: "sw", is: "down" }] }));
    const told = listenTo(stage);
    stage.put("sw", 1, { metric: "source_up", everyMs: 30_000 });
    stage.put("x", 99);
    stage.pass(10, ["x", "y"]);
    expect(told).toEqual(["fires hot:x"]);
    stage.pass(100, ["x", "y"]);
    expect(alarmOf(stage)).toMatchObject({ isa: "suppressed-by-design", suppressed: "sw is down", announced: true });
    stage.put("y", 99);
    stage.changes();
    stage.put("x", 50);
    stage.changes();
    expect(told).toEqual(["fires hot:x", "resolved hot:x"]);
    stage.put("sw", 1, { metric: "source_up" });
    stage.pass(1, ["x", "y"]);
    expect(told).toEqual(["fires hot:x", "resolved hot:x", "fires hot:y"]);
  });

  it("by a service's level, from the very reading on that makes it so", () => {
    const config = hall({ suppress_when: [{ service: "line", is: "critical" }], override: { y: { critical: { above: 85 } } } });
    const stage = new Stage({
      ...config,
      alarms: { ...config.alarms, dead: { asset: "y", metric: "load_ratio", critical: { above: 0.9 } } },
    });
    const told = listenTo(stage);
    stage.pass(2, ["x", "y", "sw"]);
    stage.put("x", 99);
    stage.put("y", 1, { metric: "load_ratio" });
    stage.changes();
    expect(told).toEqual(["fires dead:y"]);
    stage.put("y", 0.1, { metric: "load_ratio" });
    stage.pass(1, ["x", "y", "sw"]);
    expect(told).toEqual(["fires dead:y", "resolved dead:y", "fires hot:x"]);
  });

  it("because there is no way to its asset, and because that is in maintenance", () => {
    const silent = {
      metric: "temperature_celsius",
      critical: { stale: "30s" },
      on: { type: "t" },
      suppress_when: [{ via: "down" }, { is: "maintenance" }],
    };
    const from = "2026-11-30T12:05";
    const stage = new Stage(
      hall({}, { alarms: { hot: silent }, maintenance: [{ asset: "y", from, to: "2026-11-30T13:00", why: "gearbox" }] }),
    );
    stage.put("x", 1, { everyMs: 2000 });
    stage.put("y", 1);
    stage.pass(5, ["sw", "x", "y"]);
    stage.status("sw", "down", "timed out", "snmp");
    stage.status("x", "down", "timed out");
    stage.pass(40);
    expect(alarmOf(stage)).toMatchObject({ isa: "suppressed-by-design", suppressed: "there is no way to x" });
    expect(isaOf(stage, "hot:y")).toBe("unacknowledged");
    stage.pass(300);
    expect(alarmOf(stage, "hot:y")).toMatchObject({ isa: "suppressed-by-design", suppressed: "y is in maintenance" });
  });

  it("is kept over a restart while nobody knows better", () => {
    const config = hall({ suppress_when: [{ asset: "sw", is: "down" }] });
    const stage = new Stage(config);
    stage.put("sw", 1, { metric: "source_up", everyMs: 30_000 });
    stage.pass(120, ["x", "y"]);
    stage.put("x", 99);
    expect(isaOf(stage)).toBe("suppressed-by-design");
    const again = stage.restart(config, 3000);
    const told = listenTo(again);
    again.pass(5, ["x", "y"]);
    expect(isaOf(again)).toBe("suppressed-by-design");
    expect(told).toEqual([]);
  });
});

describe("first-out", () => {
  const pair = {
    hot: { asset: "x", metric: "temperature_celsius", critical: { above: 85 }, group: "trip" },
    slow: { asset: "y", metric: "speed_ratio", major: { below: 0.5 }, group: "trip" },
  };

  it("marks the first of a group once there is a second, by the time of their readings, until all are over", () => {
    const config = hall({}, { alarms: pair });
    const stage = new Stage(config);
    stage.put("x", 99);
    expect(alarmOf(stage)?.first_out).toBe(false);
    stage.put("y", 0.1, { metric: "speed_ratio", time: stage.now - 500 });
    expect(alarmOf(stage)?.first_out).toBe(false);
    expect(alarmOf(stage, "slow:y")?.first_out).toBe(true);
    stage.put("y", 0.9, { metric: "speed_ratio" });
    stage.changes();
    const again = stage.restart(config, 1000);
    expect(alarmOf(again, "slow:y")).toMatchObject({ first_out: true, state: "normal" });
    again.put("x", 50);
    expect(alarmOf(again, "slow:y")?.first_out).toBe(false);
  });
});

describe("over a restart", () => {
  const acts = fc.constantFrom<AlarmAct>("ack", "unack", "shelve", "unshelve", "out-of-service", "return-to-service", "reset");
  const happening = fc.oneof(
    acts,
    fc.constantFrom(50, 75, 99, Number.NaN),
    fc.integer({ min: 1, max: 40 }).map((seconds) => ({ seconds })),
  );
  const config = hall({ warning: { above: 70, for: "5s" }, latch: true, suppress_when: [{ asset: "sw", is: "down" }] });

  function happen(stage: Stage, what: AlarmAct | number | { seconds: number }): void {
    if (typeof what === "string") act(stage, what, what === "shelve" ? { untilS: 20 } : {});
    else if (typeof what === "number") stage.put("x", what, { time: stage.now, quality: Number.isNaN(what) ? Q.BadTimeout : Q.Good });
    else stage.pass(what.seconds, ["x", "y"]);
    stage.changes();
  }

  it("every state is kept as it was, and who was told of an alarm is told of its end", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), (happenings) => {
        const stage = new Stage(config);
        stage.put("sw", 1, { metric: "source_up", everyMs: 30_000 });
        stage.put("x", 50);
        for (const what of happenings) happen(stage, what);
        const shown = ({ id, isa, state, level, acked, shelved, out_of_service, announced }: AlarmView) => ({
          id,
          isa,
          state,
          level,
          acked,
          shelved,
          out_of_service,
          announced,
        });
        const before = stage.plant.alarms(true).map(shown);
        expect(stage.restart(config, 0).plant.alarms(true).map(shown)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it("an announced alarm whose on-delay was made longer is resolved all the same", () => {
    const stage = new Stage(hall({}));
    stage.put("x", 99);
    stage.pass(1, ["x", "y"]);
    const again = stage.restart(hall({ critical: { above: 85, for: "60s" } }), 0);
    again.put("x", 99, { time: again.now + 1 });
    expect(alarmOf(again)).toMatchObject({ state: "pending", announced: true });
    again.put("x", 50, { time: again.now + 2 });
    const ends = again.changes().flatMap((event) => (event.type === "alarm" ? [[event.alarm.cleared, event.alarm.announced]] : []));
    expect(ends).toEqual([[true, true]]);
    expect(isaOf(again)).toBe("returned-unacknowledged");
  });

  it("what people do changes nothing of how readings are judged", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), (happenings) => {
        const [handled, alone] = [new Stage(config), new Stage(hall({ warning: { above: 70, for: "5s" }, latch: true }))];
        const told = listenTo(handled);
        for (const stage of [handled, alone]) stage.put("x", 50);
        for (const what of happenings.filter((one) => one !== "reset")) {
          happen(handled, what);
          if (typeof what !== "string") happen(alone, what);
          const judged = (stage: Stage) =>
            stage.plant.alarms().map(({ id, state, level, since, value }) => ({ id, state, level, since, value }));
          expect(judged(handled)).toEqual(judged(alone));
        }
        // All that was told is resolved once it is over.
        for (const name of ["unshelve", "return-to-service"] as const) act(handled, name);
        happen(handled, 10);
        act(handled, "reset");
        handled.changes();
        expect(told.filter((one) => one.startsWith("resolved")).length).toBe(told.filter((one) => one.startsWith("fires")).length);
      }),
      { numRuns: 60, examples: [[[75, { seconds: 5 }, 50, 75]]] },
    );
  });
});
