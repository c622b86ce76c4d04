import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGraph } from "../../../collector/services/graph.ts";
import { recoveringSets, recoveryView } from "../../../collector/services/recovery.ts";
import { imagine } from "../../../collector/services/what-if.ts";
import { type WhatIfState, whatIfStates } from "../../../collector/view.ts";
import { bottlingHall, configOf, hallAssets, hallAtWork, Stage, snmp } from "../stage.ts";

const hall = configOf(bottlingHall);
const hallGraph = compileGraph(hall);

function recovery(set: Record<string, WhatIfState>, service = "bottling-line-3") {
  const found = hallGraph.serviceOf.get(service);
  if (found === undefined) throw new Error(`no service ${service}`);
  return recoveryView(imagine(hallGraph, hall, new Map(Object.entries(set))), found);
}

describe("what would have to recover", () => {
  it.each<{ set: Record<string, WhatIfState>; sets: string[][]; text: string }>([
    { set: {}, sets: [], text: "" },
    { set: { "mes-server": "major" }, sets: [["mes-server"]], text: "ok again when MES server recovers" },
    // Capacity: all three fillers are needed for 30,000 bottles per hour.
    {
      set: { "filler-31": "critical", "filler-32": "unknown" },
      sets: [["filler-31", "filler-32"]],
      text: "ok again when Filler 31 and Filler 32 recover",
    },
    {
      set: { "core-sw-1": "warning", compressor: "unknown" },
      sets: [["core-sw-1", "compressor"]],
      text: "ok again when Core switch, hall 1 and Compressor recover",
    },
  ])("of $set: $sets", ({ set, sets, text }) => {
    expect(recovery(set)).toEqual({ sets, text });
  });

  it("names the alternatives of a redundant group", () => {
    const config = configOf({
      assets: Object.fromEntries(["a", "b", "c"].map((id) => [id, { labels: { type: "pump" } }])),
      services: { s: { needs: ["2 of {type=pump}"] } },
    });
    const graph = compileGraph(config);
    const [service] = graph.services;
    if (service === undefined) throw new Error("no service");
    const states = new Map<string, WhatIfState>([
      ["a", "critical"],
      ["b", "critical"],
      ["c", "critical"],
    ]);
    const view = recoveryView(imagine(graph, config, states), service);
    expect(view.sets.map((set) => set.join()).sort()).toEqual(["a,b", "a,c", "b,c"]);
    expect(view.text).toMatch(/^ok again when [abc] and [abc] recover, or when [abc] and [abc] recover, or when [abc] and [abc] recover$/);
  });

  it("blames the way, not what is behind it", () => {
    const stage = hallAtWork();
    stage.status("core-sw-1", "down", "timed out", "snmp");
    for (const id of ["filler-31", "filler-32", "filler-33"]) stage.status(id, "down", "timed out");
    stage.changes();
    expect(stage.plant.service("bottling-line-3")?.recovery).toEqual({
      sets: [["core-sw-1"]],
      text: "ok again when Core switch, hall 1 recovers",
    });
  });
});

describe("ways to an asset", () => {
  /** x is reached through (sw-a or sw-b) and gw; gw through core. */
  const config = {
    assets: {
      core: { snmp },
      "sw-a": { snmp },
      "sw-b": { snmp },
      gw: { via: ["core"], snmp },
      x: { via: [["sw-a", "sw-b"], "gw"], snmp },
    },
    services: { s: { needs: ["asset x"] } },
  };
  const setsWith = (...down: readonly string[]): string[] => {
    const stage = new Stage(config);
    for (const asset of Object.keys(config.assets)) stage.put(asset, 1, { everyMs: 30_000 });
    for (const asset of [...down, "x"]) stage.status(asset, "down", "timed out", "snmp");
    stage.changes();
    return stage.plant.service("s")?.recovery.sets.map((set) => set.join()) ?? [];
  };

  it.each<{ down: string[]; sets: string[] }>([
    { down: ["sw-a", "sw-b"], sets: ["sw-a", "sw-b"] },
    { down: ["gw"], sets: ["gw"] },
    // Both groups are bad: one way of the first is needed, and the second.
    { down: ["sw-a", "sw-b", "gw"], sets: ["sw-a,gw", "sw-b,gw"] },
    // The gateway itself is only cut off: what stands before it has to recover.
    { down: ["sw-a", "sw-b", "core", "gw"], sets: ["core,sw-a", "core,sw-b"] },
    { down: ["core", "gw"], sets: ["core"] },
    { down: [], sets: ["x"] },
  ])("$down down: $sets", ({ down, sets }) => {
    const plain = (some: readonly string[]): Set<string> => new Set(some.map((set) => set.split(",").sort().join()));
    expect(plain(setsWith(...down))).toEqual(plain(sets));
  });

  it("that meet again and again are followed once each", () => {
    const ladder: Record<string, object> = { root: { snmp }, x: { via: [["l19", "r19"]], snmp } };
    for (let i = 0; i < 20; i++) {
      const below = i === 0 ? ["root"] : [[`l${i - 1}`, `r${i - 1}`]];
      Object.assign(ladder, { [`l${i}`]: { via: below, snmp }, [`r${i}`]: { via: below, snmp } });
    }
    const stage = new Stage({ assets: ladder, services: { s: { needs: ["asset x"] } } });
    for (const asset of Object.keys(ladder)) stage.put(asset, 1, { everyMs: 30_000 });
    for (const asset of Object.keys(ladder)) stage.status(asset, "down", "timed out", "snmp");
    stage.changes();
    expect(stage.plant.service("s")).toMatchObject({ causes: ["root"], recovery: { sets: [["root"]] } });
  });
});

/** A random plant of eight assets: services over quorums, sums, capped needs and each other. */
const plants = fc
  .record({
    quorums: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }),
    limits: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 4, maxLength: 4 }),
    caps: fc.array(fc.constantFrom("warning", "major", "critical"), { minLength: 4, maxLength: 4 }),
    weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 8, maxLength: 8 }),
  })
  .map(({ quorums, limits, caps, weights }) => {
    const assets = Object.fromEntries(
      weights.map((w, i) => [`a${i}`, { labels: { g: i % 2 === 0 ? "even" : "odd", all: "x" }, attributes: { w } }]),
    );
    const total = weights.reduce((sum, w) => sum + w, 0);
    const services = Object.fromEntries(
      quorums.map((quorum, i) => [
        `s${i}`,
        {
          needs: [
            { of: `{g=${i % 2 === 0 ? "even" : "odd"}}`, at_least: quorum, worst: caps[i] },
            { sum: "{all=x}", weight: "w", at_least: Math.min(limits[i] ?? 1, total) },
            ...(i === 0 ? [] : [`service s${i - 1}`]),
          ],
        },
      ]),
    );
    return configOf({ assets, services });
  });

it("a recovering set really recovers, and nothing of it can be left out", () => {
  fc.assert(
    fc.property(plants, fc.array(fc.constantFrom(...whatIfStates), { minLength: 8, maxLength: 8 }), (config, states) => {
      const graph = compileGraph(config);
      const set = new Map(states.map((state, i) => [`a${i}`, state] as const));
      const scene = imagine(graph, config, set);
      const levelWith = (ok: readonly number[], service: number): number => {
        const all = new Map([...set, ...ok.map((asset) => [graph.index.idOf(asset), "ok"] as const)]);
        return imagine(graph, config, all).levels[graph.nodes + service] ?? -1;
      };
      for (const service of graph.services) {
        const sets = recoveringSets(scene, service);
        if (levelWith([], service.node) === 0) expect(sets).toEqual([]);
        else expect(sets.length).toBeGreaterThan(0);
        for (const one of sets) {
          expect(levelWith(one, service.node)).toBe(0);
          for (const left of one)
            expect(
              levelWith(
                one.filter((asset) => asset !== left),
                service.node,
              ),
            ).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 150 },
  );
});

describe("what else fails", () => {
  it("if the switch fails: the line, and nobody reaches the fillers", () => {
    const stage = hallAtWork();
    expect(stage.plant.impact("core-sw-1")).toEqual({
      asset: "core-sw-1",
      services: [{ id: "bottling-line-3", name: "Bottling line 3", level: "critical", low: "critical", high: "critical" }],
      unreachable: ["filler-31", "filler-32", "filler-33"],
    });
    expect(stage.service("bottling-line-3").level).toBe("ok");
    expect(stage.plant.checkDrift()).toBe(0);
  });

  it("if a filler fails: one is spare, but capacity is degraded; if two are gone, the next one hurts more", () => {
    const stage = hallAtWork();
    expect(stage.plant.impact("filler-31")?.services).toMatchObject([{ id: "bottling-line-3", level: "warning" }]);
    stage.put("filler-32", 90, { labels: { sensor: "bearing" } });
    stage.pass(11, hallAssets);
    expect(stage.plant.impact("filler-31")?.services).toMatchObject([{ id: "bottling-line-3", level: "critical" }]);
    // Already lost: no service gets worse.
    expect(stage.plant.impact("filler-32")?.services).toEqual([]);
  });

  it("an asset that is needed through a metric hurts, too; one that does not exist is not known", () => {
    const { plant } = hallAtWork();
    expect(plant.impact("compressor")?.services.map(({ id }) => id)).toEqual(["bottling-line-3"]);
    expect(plant.impact("mes-server")?.services.map(({ id }) => id)).toEqual(["bottling-line-3", "mes"]);
    expect(plant.impact("filler-13")).toBeUndefined();
  });
});
