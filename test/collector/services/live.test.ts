import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGraph } from "../../../collector/services/graph.ts";
import { type LiveMember, liveLevels } from "../../../collector/services/live.ts";
import { whatIf } from "../../../collector/services/what-if.ts";
import type { Level } from "../../../core/level.ts";
import { Q } from "../../../core/quality.ts";
import { configOf, modbus, Stage } from "../stage.ts";

const live = {
  sum: "{type=filler}",
  weight: { metric: "bottles_per_hour", where: { lane: "a" }, nominal: "nominal_bph" },
  at_least: 24000,
  degraded_below: 30000,
};
const plant = {
  assets: Object.fromEntries(
    ["f1", "f2", "f3"].map((id) => [
      id,
      { name: id.toUpperCase(), labels: { type: "filler" }, attributes: { nominal_bph: 12000 }, modbus },
    ]),
  ),
  services: { line: { name: "Line", needs: [live] } },
  maintenance: [{ asset: "f1", from: "2026-11-30T13:00:00", to: "2026-11-30T14:00:00", why: "gearbox" }],
};
const fillers = Object.keys(plant.assets);

function running(values: readonly number[]): Stage {
  const stage = new Stage(plant);
  put(stage, values);
  return stage;
}

function put(stage: Stage, values: readonly number[]): void {
  stage.pass(1, fillers);
  for (const [i, id] of fillers.entries()) {
    const value = values[i] ?? Number.NaN;
    const quality = Number.isNaN(value) ? Q.BadNoCommunication : Q.Good;
    stage.put(id, value, { metric: "bottles_per_hour", labels: { lane: "a" }, unit: "{bottle}/h", quality });
  }
}

describe("a capacity that is measured", () => {
  it.each([
    { values: [12000, 12000, 12000], low: "ok", high: "ok", causes: [] },
    { values: [12000, 12000, 0], low: "warning", high: "warning", causes: ["f3"] },
    { values: [12000, 9000, 2999.9], low: "critical", high: "critical", causes: ["f2", "f3"] },
    { values: [12000, 9000, 3000], low: "warning", high: "warning", causes: ["f2", "f3"] },
    { values: [15000, 15000, Number.NaN], low: "ok", high: "ok", causes: [] },
    { values: [12000, 9000, Number.NaN], low: "ok", high: "critical", causes: ["f2", "f3"] },
    { values: [-5, 12000, 12000], low: "warning", high: "warning", causes: ["f1"] },
  ])("$values: $low..$high", ({ values, low, high, causes }) => {
    expect(running(values).service("line")).toMatchObject({ low, high, causes });
  });

  it("says who gives less, and how much is missing", () => {
    const { plant: judged } = running([12000, 9000, 2000]);
    const detail = judged.service("line");
    expect(detail?.why).toContain("it needs 24000 of 36000 bottles per hour and has 23000; F2 gives 9000 of 12000 bottles per hour");
    expect(detail?.needs[0]).toMatchObject({ kind: "sum", text: "bottles_per_hour of {type=filler}: 24000 needed, 23000 up" });
    expect(detail?.needs[0]?.children.map(({ id }) => id)).toEqual(fillers);
    expect(judged.assets(0).map(({ services }) => services)).toEqual([["line"], ["line"], ["line"]]);
  });

  it("says no more digits than a person reads", () => {
    const { plant: judged } = running([12000.1, 9000 + 1 / 3, 2000.2]);
    expect(judged.service("line")?.why).toContain(
      "it needs 24000 of 36000 bottles per hour and has 23000.63; F2 gives 9000.333 of 12000 bottles per hour",
    );
    expect(judged.service("line")?.needs[0]?.text).toBe("bottles_per_hour of {type=filler}: 24000 needed, 23000.63 up");
  });

  it("follows values up and down, and does not drift", () => {
    const stage = running([12000, 12000, 12000]);
    put(stage, [0, 0, 0]);
    expect(stage.service("line").level).toBe("critical");
    put(stage, [12000, 12000, 12000]);
    expect(stage.service("line").level).toBe("ok");
    expect(stage.plant.checkDrift()).toBe(0);
  });

  it("counts what is planned out with what is nominal, in unplanned only", () => {
    const stage = running([12000, 12000, 12000]);
    stage.now = Date.UTC(2026, 10, 30, 13, 0, 0);
    put(stage, [0, 12000, 12000]);
    stage.pass(1, fillers);
    expect(stage.service("line")).toMatchObject({ low: "warning", unplanned: "ok" });
  });

  it("imagined, gives what is nominal", () => {
    const config = configOf(plant);
    const ask = (set: [string, "critical" | "unknown"][]) => whatIf(compileGraph(config), config, new Map(set)).services["line"];
    expect(ask([])).toMatchObject({ level: "ok" });
    expect(ask([["f1", "critical"]])).toMatchObject({ level: "warning", causes: ["f1"], why: expect.stringContaining("F1 is critical") });
    expect(
      ask([
        ["f1", "critical"],
        ["f2", "unknown"],
      ]),
    ).toMatchObject({ low: "warning", high: "critical", causes: ["f1", "f2"] });
  });
});

const sum = compileGraph(configOf(plant)).liveSums[0];
const member: fc.Arbitrary<LiveMember> = fc
  .record({
    low: fc.nat({ max: 3 }),
    more: fc.nat({ max: 3 }),
    value: fc.option(fc.double({ min: 0, max: 20000, noNaN: true })),
    planned: fc.boolean(),
  })
  .map(({ low, more, value, planned }) => ({
    levels: { low: low as Level, high: Math.min(3, low + more) as Level, unplanned: planned ? 0 : (low as Level) },
    value: value ?? undefined,
    planned,
  }));

it("low is never above high, unplanned never above low, and no member that gives more or is better makes it worse", () => {
  fc.assert(
    fc.property(fc.tuple(member, member, member), fc.nat({ max: 2 }), (members, which) => {
      if (sum === undefined) throw new Error("the plant has a live sum");
      const levels = liveLevels(sum, (asset) => members[asset] as LiveMember);
      expect(levels.low).toBeLessThanOrEqual(levels.high);
      expect(levels.unplanned).toBeLessThanOrEqual(levels.low);
      const best: LiveMember = { levels: { low: 0, high: 0, unplanned: 0 }, value: 20000, planned: false };
      const better = liveLevels(sum, (asset) => (asset === which ? best : (members[asset] as LiveMember)));
      expect(better.low).toBeLessThanOrEqual(levels.low);
      expect(better.high).toBeLessThanOrEqual(levels.high);
    }),
  );
});
