import { describe, expect, it } from "vitest";
import { air, bearings, bottlingHall, hallAssets, hallAtWork, Stage } from "./stage.ts";

const line = "bottling-line-3";
const others = (...gone: string[]): string[] => hallAssets.filter((asset) => !gone.includes(asset));

describe("the bottling hall of DESIGN", () => {
  it("is ok with everything in order, and needs no sentence about it", () => {
    const stage = hallAtWork();
    expect(stage.service(line)).toMatchObject({ level: "ok", low: "ok", high: "ok", causes: [], why: "Bottling line 3 has all it needs" });
    expect(stage.service("mes")).toMatchObject({ level: "ok", impact: [line] });
    expect(stage.asset("filler-31")).toMatchObject({ up: true, level: "ok", why: "", agent: "hall-1", services: [line] });
  });

  it("says what it needs, what it has, and who is to blame", () => {
    const stage = hallAtWork();
    stage.status("filler-32", "down", "127.0.0.1:1502 unit 32: holding 100+2: timed out");
    bearings(stage, [92]);
    stage.pass(70, others("filler-32"));
    const { why, ...view } = stage.service(line);
    expect(view).toMatchObject({ level: "critical", low: "critical", high: "critical", causes: ["filler-31", "filler-32"] });
    expect(why).toBe(
      "Bottling line 3 is critical since 13:01: it needs 2 of 3 fillers and has 1; " +
        "Filler 31: bearing at 92 °C (above 85 °C), Filler 32 does not answer (timed out)",
    );
  });

  it("is degraded, not down, with one filler of three gone: capacity caps at major", () => {
    const stage = hallAtWork();
    bearings(stage, [92]);
    stage.pass(11, hallAssets);
    expect(stage.service(line)).toMatchObject({ level: "warning", causes: ["filler-31"] });
    expect(stage.service(line).why).toContain("it has 24000 of 36000 nominal bph, below 30000 it is degraded");
  });

  it("is hurt through a service it needs, and names the asset beneath", () => {
    const stage = hallAtWork();
    stage.status("mes-server", "down", "timed out", "snmp");
    stage.pass(1, others("mes-server"));
    expect(stage.service(line)).toMatchObject({ level: "unknown", low: "ok", high: "critical", causes: ["mes-server"] });
    stage.pass(150, others("mes-server"));
    expect(stage.service(line)).toMatchObject({ level: "critical", causes: ["mes-server"] });
    expect(stage.service(line).why).toMatch(
      /^Bottling line 3 is critical since 13:0\d: MES is critical; MES server does not answer \(timed out\)$/,
    );
    stage.status("mes-server", "up", "", "snmp");
    stage.pass(1, hallAssets);
    expect(stage.service(line).level).toBe("ok");
  });

  it("blames low air by its metric need, after its on-delay, until the dead band is left", () => {
    const stage = hallAtWork();
    const breathe = (pascals: number, seconds: number): string => {
      for (let i = 0; i < seconds; i++) {
        air(stage, pascals);
        stage.pass(1, hallAssets);
      }
      return stage.service(line).level;
    };
    expect(breathe(5.2e5, 29)).toBe("ok");
    expect(breathe(5.2e5, 3)).toBe("critical");
    expect(stage.service(line).why).toContain("Compressor: pressure at 5.2 bar (below 6 bar)");
    expect(stage.service(line).causes).toEqual(["compressor"]);
    expect(breathe(6.1e5, 5)).toBe("critical");
    expect(breathe(6.3e5, 1)).toBe("ok");
  });

  it("an air sensor that dies leaves a question, neither an alarm nor peace", () => {
    const stage = hallAtWork();
    stage.put("compressor", Number.NaN, { metric: "pressure_pascals", unit: "Pa", quality: 0x808c0000 >>> 16 });
    stage.pass(60, hallAssets);
    expect(stage.service(line)).toMatchObject({ level: "unknown", low: "ok", high: "critical", causes: ["compressor"] });
  });
});

describe("reachability", () => {
  it("a dead switch is the cause; what is behind it is unknown, not dead", () => {
    const stage = hallAtWork();
    stage.status("core-sw-1", "down", "127.0.0.1: timed out after 2 s", "snmp");
    const alive = others("core-sw-1", "filler-31", "filler-32", "filler-33");
    stage.pass(200, alive);
    expect(stage.asset("filler-31")).toMatchObject({ up: false, level: "unknown" });
    expect(stage.asset("core-sw-1")).toMatchObject({ up: false, level: "critical" });
    expect(stage.service(line)).toMatchObject({ level: "critical", causes: ["core-sw-1"] });
    expect(stage.asset("filler-31").why).toBe(
      "Core switch, hall 1 does not answer (timed out after 2 s), so that what is behind cannot be reached",
    );
  });

  it("a switch that answers but has lost its port stands in the way as well", () => {
    const stage = hallAtWork();
    const port = {
      metric: "if_oper_status",
      labels: { if_name: "Gi1/0/1" },
      unit: "",
      kind: "state" as const,
      states: { 1: "up", 2: "down" },
      everyMs: 30_000,
    };
    stage.put("core-sw-1", 2, port);
    stage.pass(70, others("filler-31", "filler-32", "filler-33"));
    expect(stage.asset("core-sw-1")).toMatchObject({
      up: true,
      level: "critical",
      why: "Core switch, hall 1: Gi1/0/1 oper status is down",
    });
    expect(stage.asset("filler-32").level).toBe("unknown");
    expect(stage.service(line).causes).toEqual(["core-sw-1"]);
  });

  it("what comes back into reach gets its whole dead_after again", () => {
    const stage = hallAtWork();
    stage.status("core-sw-1", "down", "timed out", "snmp");
    const fillers = ["filler-31", "filler-32", "filler-33"];
    stage.pass(300, others("core-sw-1", ...fillers));
    stage.status("core-sw-1", "up", "", "snmp");
    stage.pass(59, others(...fillers));
    expect(stage.asset("filler-31")).toMatchObject({ level: "unknown" });
    stage.pass(2, others(...fillers));
    expect(stage.asset("filler-31")).toMatchObject({ level: "critical" });
  });

  it.each([
    { down: ["sw-a"], level: "critical" },
    { down: ["sw-b", "gw"], level: "unknown" },
    { down: ["sw-a", "sw-b"], level: "unknown" },
  ])("[[sw-a, sw-b], gw] with $down gone leaves a silent filler $level", ({ down, level }) => {
    const stage = new Stage({
      assets: { filler: { via: [["sw-a", "sw-b"], "gw"], modbus }, "sw-a": { modbus }, "sw-b": { modbus }, gw: { modbus } },
    });
    const all = ["filler", "sw-a", "sw-b", "gw"];
    stage.pass(2, all);
    stage.pass(
      120,
      all.filter((asset) => asset !== "filler" && !down.includes(asset)),
    );
    expect(stage.asset("filler").level).toBe(level);
  });

  const modbus = { tcp: "127.0.0.1:1502", profile: "demo", every: "2s" };
});

describe("silence", () => {
  const plain = (extra: object = {}) => ({
    assets: { pump: { modbus: { tcp: "h", profile: "p", every: "2s" }, ...extra } },
    services: { water: { needs: ["asset pump"] } },
  });

  it.each([
    { after: 10, level: "ok", extra: {} },
    { after: 11, level: "unknown", extra: {} },
    { after: 59, level: "unknown", extra: {} },
    { after: 60, level: "critical", extra: {} },
    { after: 20, level: "critical", extra: { dead_after: "20s" } },
  ])("after $after s of it a pump read every 2 s is $level ($extra)", ({ after, level, extra }) => {
    const stage = new Stage(plain(extra));
    stage.pass(1, ["pump"]);
    stage.pass(after);
    expect(stage.asset("pump").level).toBe(level);
    expect(stage.service("water").level).toBe(level);
  });

  it("a source that says it is down is believed at once, and one that delivers again too", () => {
    const stage = new Stage(plain());
    stage.pass(1, ["pump"]);
    stage.status("pump", "down", "connection refused");
    expect(stage.asset("pump")).toMatchObject({ level: "unknown", up: false, why: "pump does not answer (connection refused)" });
    stage.status("pump", "down", "127.0.0.1:161: no answer within 2 s (a wrong community looks the same)");
    expect(stage.asset("pump").why).toBe("pump does not answer (no answer within 2 s)");
    stage.status("pump", "up");
    stage.pass(1, ["pump"]);
    expect(stage.asset("pump")).toMatchObject({ level: "ok", up: true });
  });

  it("before the first data an asset is unknown until dead_after has passed since the start", () => {
    const stage = new Stage(plain());
    stage.pass(59);
    expect(stage.asset("pump")).toMatchObject({ level: "unknown", why: "pump has given no data yet" });
    stage.pass(1);
    expect(stage.asset("pump").level).toBe("critical");
  });

  it("an alarm that was active when the asset fell silent is not taken back by its silence", () => {
    const stage = hallAtWork();
    bearings(stage, [92]);
    stage.pass(11, hallAssets);
    stage.pass(12, others("filler-31"));
    expect(stage.asset("filler-31")).toMatchObject({ up: false, level: "critical" });
    expect(stage.plant.alarms().map((alarm) => alarm.alarm)).toContain("bearing-hot");
  });
});

describe("changes", () => {
  it("tells of a service once per batch, whatever happened in between", () => {
    const stage = hallAtWork();
    bearings(stage, [92, 92, 92]);
    stage.changes();
    stage.now += 11_000;
    bearings(stage, [92, 92, 92]);
    const services = stage.changes().filter((event) => event.type === "service");
    expect(services.map((event) => [event.service.id, event.service.level])).toEqual([[line, "critical"]]);
  });

  it("tells nothing of an alarm that came and went within a batch", () => {
    const stage = hallAtWork();
    bearings(stage, [92]);
    stage.now += 1000;
    bearings(stage, [50]);
    expect(stage.changes().filter((event) => event.type === "alarm")).toEqual([]);
  });

  it("an alarm is told as pending, active and cleared", () => {
    const stage = hallAtWork();
    const told: string[] = [];
    const note = (): void => {
      for (const event of stage.changes())
        if (event.type === "alarm") told.push(`${event.alarm.level} ${event.alarm.cleared ? "cleared" : event.alarm.state}`);
    };
    for (const value of [92, 92, 50]) {
      bearings(stage, [value]);
      note();
      stage.now += 12_000;
    }
    expect(told).toEqual(["critical pending", "critical active", "critical cleared"]);
  });

  it("a second filler that fails in a red service is news", () => {
    const stage = hallAtWork();
    bearings(stage, [92, 92, 50]);
    stage.pass(11, hallAssets);
    expect(stage.service(line).causes).toEqual(["filler-31", "filler-32"]);
    bearings(stage, [92, 92, 92]);
    const events = stage.pass(11, hallAssets).filter((event) => event.type === "service");
    expect(events.map((event) => event.service.causes)).toEqual([["filler-31", "filler-32", "filler-33"]]);
  });
});

describe("restart", () => {
  it("keeps since of services, assets and alarms", () => {
    const stage = hallAtWork();
    bearings(stage, [92, 92, 50]);
    stage.pass(20, hallAssets);
    const before = stage.service(line);
    expect(before.level).toBe("critical");
    const after = stage.restart(bottlingHall, 600_000);
    expect(after.service(line).level).toBe("critical");
    bearings(after, [92, 92, 50]);
    air(after, 7e5);
    after.pass(2, hallAssets);
    expect(after.service(line)).toMatchObject({ level: "critical", since: before.since });
    expect(after.service("mes").since).toBe(stage.service("mes").since);
    expect(after.asset("filler-33").since).toBe(stage.asset("filler-33").since);
    expect(after.plant.alarms().map((alarm) => alarm.since)).toEqual(stage.plant.alarms().map((alarm) => alarm.since));
  });

  it("tells nobody of the start itself, and begins anew where the level is another", () => {
    const stage = hallAtWork();
    bearings(stage, [92, 92, 50]);
    stage.pass(20, hallAssets);
    const after = stage.restart(bottlingHall, 60_000);
    expect(after.changes()).toEqual([]);
    after.now += 1000;
    bearings(after, [50, 50, 50]);
    air(after, 7e5);
    after.pass(1, hallAssets);
    expect(after.service(line)).toMatchObject({ level: "ok", since: after.now });
  });

  it("is unknown, not critical, while data has not come again", () => {
    const stage = hallAtWork();
    const after = stage.restart(bottlingHall, 3_600_000);
    after.pass(30);
    expect(after.service(line)).toMatchObject({ level: "unknown", low: "ok", high: "critical" });
  });

  it("a reload in mid-flight shows what it showed before", () => {
    const stage = hallAtWork();
    bearings(stage, [92, 92, 50]);
    stage.pass(12, hallAssets);
    const before = stage.plant.services();
    expect(stage.restart(bottlingHall, 0).plant.services()).toEqual(before);
  });

  it("facts that cannot be read cost nothing but themselves", () => {
    const stage = hallAtWork();
    for (const key of stage.facts.keys()) stage.facts.set(key, "{");
    stage.facts.set("plant/alarm/bearing-hot:filler-31:sensor=bearing", '[{"phase":"active"},{"phase":7}]');
    expect(stage.restart(bottlingHall, 0).service(line).level).toBe("ok");
  });
});

describe("maintenance", () => {
  it("leaves low as it is and takes its assets out of unplanned, in the window's zone", () => {
    const window = { assets: { line: 3 }, from: "2026-11-30T13:00", to: "2026-11-30T13:05", zone: "Europe/Prague", why: "gearbox" };
    const stage = new Stage({ ...bottlingHall, maintenance: [window] });
    bearings(stage, [92, 92, 50]);
    air(stage, 7e5);
    stage.pass(11, hallAssets);
    expect(stage.service(line)).toMatchObject({ level: "critical", unplanned: "ok" });
    expect(stage.asset("filler-31").why).toBe("Filler 31: bearing at 92 °C (above 85 °C) (in maintenance: gearbox)");
    stage.pass(300, hallAssets);
    expect(stage.service(line)).toMatchObject({ level: "critical", unplanned: "critical" });
  });
});

describe("views", () => {
  it("shows a service's needs as a tree, in numbers", () => {
    const stage = hallAtWork();
    bearings(stage, [92]);
    stage.pass(11, hallAssets);
    const detail = stage.plant.service(line);
    expect(detail?.needs.map((need) => [need.kind, need.text, need.level])).toEqual([
      ["members", "2 of {type=filler,line=3}: 2 needed, 2 up", "ok"],
      ["service", "MES", "ok"],
      ["asset", "Core switch, hall 1", "ok"],
      ["metric", "compressor pressure_pascals >= 600000", "ok"],
      ["sum", "nominal_bph of {type=filler,line=3}: 24000 needed, 24000 up", "warning"],
    ]);
    expect(detail?.needs[0]?.children.map((child) => [child.id, child.level])).toEqual([
      ["filler-31", "critical"],
      ["filler-32", "ok"],
      ["filler-33", "ok"],
    ]);
    expect(detail?.alarms.map((alarm) => [alarm.alarm, alarm.asset, alarm.level, alarm.text])).toEqual([
      ["bearing-hot", "filler-31", "critical", "Filler 31: bearing at 92 °C"],
    ]);
    expect(stage.plant.service("nobody")).toBeUndefined();
  });

  it("gives the limits of a series", () => {
    const stage = hallAtWork();
    expect(stage.plant.thresholds(stage.series("filler-31", { labels: { sensor: "bearing" } }))).toEqual([
      { alarm: "bearing-hot", level: "warning", condition: "above", value: 70, clear: 66 },
      { alarm: "bearing-hot", level: "critical", condition: "above", value: 85, clear: 80 },
    ]);
    expect(stage.plant.thresholds(stage.series("compressor", { metric: "pressure_pascals" }))).toEqual([
      { alarm: "compressor pressure_pascals >= 600000", level: "critical", condition: "below", value: 600000, clear: 620000 },
    ]);
    expect(stage.plant.thresholds(4711)).toEqual([]);
  });

  it("never drifts", () => {
    const stage = hallAtWork();
    bearings(stage, [92, 92, 92]);
    stage.pass(30, hallAssets);
    expect(stage.plant.checkDrift()).toBe(0);
  });
});
