import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGraph, type Graph } from "../../../collector/services/graph.ts";
import { HIGH, type LeafLevels, LOW, levelAt, RollUp, rollUp, UNPLANNED, type Valuation } from "../../../collector/services/rollup.ts";
import { type Level, levelName } from "../../../core/level.ts";
import { configOf } from "../stage.ts";

/** Members m0..mN of type m with these weights; the service under test is `s`. */
function members(weights: readonly number[], need: object | string): Graph {
  const assets = Object.fromEntries(weights.map((weight, i) => [`m${i}`, { labels: { type: "m" }, attributes: { weight } }]));
  return compileGraph(configOf({ assets, services: { s: { needs: [need] } } }));
}

/** o, w, m, c for the levels, ? for unknown, x for in maintenance (and critical). */
function leaves(letters: string): (leaf: number) => LeafLevels {
  return (leaf) => {
    const letter = letters[leaf] ?? "o";
    if (letter === "?") return { low: 0, high: 3, unplanned: 0 };
    if (letter === "x") return { low: 3, high: 3, unplanned: 0 };
    const level = "owmc".indexOf(letter) as Level;
    return { low: level, high: level, unplanned: level };
  };
}

function outcome(graph: Graph, letters: string, service = "s"): string {
  const node = graph.serviceOf.get(service)?.node ?? -1;
  const levels = rollUp(graph, leaves(letters));
  const [low, high] = [levelAt(graph, levels, node, LOW), levelAt(graph, levels, node, HIGH)];
  return low === high ? levelName(low) : `${levelName(low)}..${levelName(high)}`;
}

describe("every form of a need", () => {
  const of = (at_least: string | number, extra: object = {}): object => ({ of: "{type=m}", at_least, ...extra });
  const sum = (at_least: number, extra: object = {}): object => ({ sum: "{type=m}", weight: "weight", at_least, ...extra });
  const ones = (n: number): number[] => new Array<number>(n).fill(1);

  it.each<{ need: object | string; weights: number[]; given: string; expect: string }>([
    { need: "asset m0", weights: ones(1), given: "m", expect: "major" },
    { need: { asset: "m0", worst: "warning" }, weights: ones(1), given: "c", expect: "warning" },
    { need: "asset m0", weights: ones(1), given: "?", expect: "ok..critical" },
    { need: { asset: "m0", worst: "major" }, weights: ones(1), given: "?", expect: "ok..major" },
    { need: "2 of {type=m}", weights: ones(3), given: "coo", expect: "ok" },
    { need: "2 of {type=m}", weights: ones(3), given: "cco", expect: "critical" },
    { need: "2 of {type=m}", weights: ones(3), given: "cwo", expect: "warning" },
    { need: "2 of {type=m}", weights: ones(3), given: "cmo", expect: "major" },
    { need: "2 of {type=m}", weights: ones(3), given: "c?o", expect: "ok..critical" },
    { need: "2 of {type=m}", weights: ones(3), given: "?oo", expect: "ok" },
    { need: "2 of {type=m}", weights: ones(3), given: "cc?", expect: "critical" },
    { need: "all of {type=m}", weights: ones(3), given: "owo", expect: "warning" },
    { need: "any of {type=m}", weights: ones(3), given: "ccw", expect: "warning" },
    { need: "any of {type=m}", weights: ones(3), given: "cc?", expect: "ok..critical" },
    { need: of(1, { degraded_below: 3 }), weights: ones(3), given: "coo", expect: "warning" },
    { need: of(1, { degraded_below: 3 }), weights: ones(3), given: "cco", expect: "warning" },
    { need: of(1, { degraded_below: 3 }), weights: ones(3), given: "ccc", expect: "critical" },
    { need: of(2, { worst: "major" }), weights: ones(3), given: "ccc", expect: "major" },
    // Percentages that 32-bit or 64-bit arithmetic gets wrong: 1 of 5 at 20%, 29 of 50 at 58%, 3 of 10 at 30%.
    { need: "20% of {type=m}", weights: ones(5), given: "cccco", expect: "ok" },
    { need: "20% of {type=m}", weights: ones(5), given: "ccccc", expect: "critical" },
    { need: "58% of {type=m}", weights: ones(50), given: "c".repeat(21), expect: "ok" },
    { need: "58% of {type=m}", weights: ones(50), given: "c".repeat(22), expect: "critical" },
    { need: "30% of {type=m}", weights: ones(10), given: "c".repeat(7), expect: "ok" },
    { need: "66.7% of {type=m}", weights: ones(3), given: "coo", expect: "critical" },
    { need: sum(24000, { degraded_below: 30000, worst: "major" }), weights: [12000, 12000, 12000], given: "ooo", expect: "ok" },
    { need: sum(24000, { degraded_below: 30000, worst: "major" }), weights: [12000, 12000, 12000], given: "coo", expect: "warning" },
    { need: sum(24000, { degraded_below: 30000, worst: "major" }), weights: [12000, 12000, 12000], given: "cco", expect: "major" },
    { need: sum(24000, { degraded_below: 30000, worst: "major" }), weights: [12000, 12000, 12000], given: "c?o", expect: "warning..major" },
    // 0.1 + 0.2 is 0.3 here, and so is what is left of 0.6 without 0.3.
    { need: sum(0.3), weights: [0.1, 0.2, 0.3], given: "ooc", expect: "ok" },
    { need: sum(0.3), weights: [0.1, 0.2, 0.3], given: "coo", expect: "ok" },
    { need: sum(0.3), weights: [0.1, 0.2, 0.3], given: "coc", expect: "critical" },
    { need: sum(1), weights: [997, 1009, 0], given: "ooc", expect: "ok" },
    { need: sum(1000), weights: [997, 1009, 3], given: "cmo", expect: "major" },
  ])("$need with $given is $expect", ({ need, weights, given, expect: expected }) => {
    expect(outcome(members(weights, need), given)).toBe(expected);
  });

  const weighted = { of: [{ service: "t", weight: 2 }, "asset b", "asset c"], at_least: 3 };
  it.each<{ need: object | string; given: string; expect: string }>([
    { need: "2 of service t, asset b, asset c", given: "ooo", expect: "ok" },
    { need: "2 of service t, asset b, asset c", given: "coo", expect: "ok" },
    { need: "2 of (service t, asset b, asset c)", given: "cmo", expect: "major" },
    { need: "2 of service t, asset b, asset c", given: "?co", expect: "ok..critical" },
    { need: "all of service t, asset b", given: "wooo", expect: "warning" },
    { need: "any of service t, asset b", given: "ccoo", expect: "critical" },
    { need: "50% of asset a, asset b, asset c", given: "coo", expect: "ok" },
    { need: "50% of asset a, asset b, asset c", given: "cco", expect: "critical" },
    // What weighs 2 is missed as much as both of the others.
    { need: weighted, given: "ooc", expect: "ok" },
    { need: weighted, given: "occ", expect: "critical" },
    { need: weighted, given: "coo", expect: "critical" },
    { need: { ...weighted, at_least: 2, degraded_below: 4 }, given: "coo", expect: "warning" },
    { need: { ...weighted, at_least: "75%", worst: "major" }, given: "coo", expect: "major" },
  ])("$need with $given is $expect", ({ need, given, expect: expected }) => {
    const services = { s: { needs: [need] }, t: { needs: ["asset a"] } };
    expect(outcome(compileGraph(configOf({ assets: { a: {}, b: {}, c: {} }, services })), given)).toBe(expected);
  });

  it("is the worst of its needs, and of the services among them", () => {
    const graph = compileGraph(
      configOf({
        assets: { a: {}, b: {}, c: {} },
        services: { s: { needs: ["service t", "asset a"] }, t: { needs: ["asset b", { asset: "c", worst: "warning" }] } },
      }),
    );
    expect(["ooo", "woo", "omo", "ooc", "o?o", "wo?"].map((given) => outcome(graph, given))).toEqual([
      "ok",
      "warning",
      "major",
      "warning",
      "ok..critical",
      "warning",
    ]);
  });

  it("unplanned counts assets in maintenance as ok, and nothing else", () => {
    const graph = members(ones(3), "2 of {type=m}");
    const node = graph.serviceOf.get("s")?.node ?? -1;
    const unplanned = (given: string): Level => levelAt(graph, rollUp(graph, leaves(given)), node, UNPLANNED);
    expect(["xxo", "xco", "xcc", "x??"].map(unplanned)).toEqual([0, 0, 3, 0]);
  });
});

/** A random DAG: services need assets, groups by label, sums, and services of higher number. */
const randomConfig = fc
  .record({
    assets: fc.array(fc.record({ group: fc.nat(3), weight: fc.integer({ min: 0, max: 9 }) }), { minLength: 4, maxLength: 12 }),
    services: fc.array(
      fc.array(fc.record({ kind: fc.nat(4), pick: fc.nat(1000), share: fc.integer({ min: 1, max: 100 }), worst: fc.nat(2) }), {
        minLength: 1,
        maxLength: 4,
      }),
      { minLength: 1, maxLength: 10 },
    ),
  })
  .map(({ assets, services }) => {
    const worsts = ["warning", "major", "critical"];
    const labelled = assets.map((asset, i) => ({ ...asset, group: i < 4 ? i : asset.group }));
    const needOf = (need: { kind: number; pick: number; share: number; worst: number }, i: number): object => {
      const worst = worsts[need.worst];
      const later = services.length - i - 1;
      if (need.kind === 0 && later > 0) return { service: `s${i + 1 + (need.pick % later)}`, worst };
      if (need.kind === 4) {
        const services = later > 0 ? [{ service: `s${i + 1 + (need.pick % later)}`, weight: 1 + (need.pick % 3) }] : [];
        const parts = [{ asset: `a${need.pick % assets.length}`, weight: 2 }, `asset a${(need.pick + 1) % assets.length}`, ...services];
        return { of: parts, at_least: `${need.share}%`, worst };
      }
      if (need.kind === 1) return { of: `{group=${need.pick % 4}}`, at_least: `${need.share}%`, worst };
      const group = labelled.filter((asset) => asset.group === need.pick % 4);
      const total = group.reduce((sum, asset) => sum + asset.weight, 0);
      if (need.kind === 2 && total > 0)
        return { sum: `{group=${need.pick % 4}}`, weight: "weight", at_least: (total * need.share) / 100, worst };
      return { asset: `a${need.pick % assets.length}`, worst };
    };
    return configOf({
      assets: Object.fromEntries(labelled.map(({ group, weight }, i) => [`a${i}`, { labels: { group }, attributes: { weight } }])),
      services: Object.fromEntries(services.map((needs, i) => [`s${i}`, { needs: needs.map((need) => needOf(need, i)) }])),
    });
  });
const letter = fc.constantFrom("o", "w", "m", "c", "?", "x");
const valuations: readonly Valuation[] = [LOW, HIGH, UNPLANNED];

describe("on random graphs", () => {
  it("incremental equals full, whatever the stream and the batches", () => {
    const flips = fc.array(fc.record({ leaf: fc.nat(11), to: letter, settle: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(randomConfig, flips, (config, stream) => {
        const graph = compileGraph(config);
        const incremental = new RollUp(graph);
        const state = new Array<string>(graph.leaves).fill("o");
        for (const { leaf, to, settle } of stream) {
          if (leaf >= graph.leaves) continue;
          state[leaf] = to;
          incremental.set(leaf, leaves(to.repeat(12))(leaf));
          if (!settle) continue;
          incremental.settle();
          expect(incremental.levels).toEqual(rollUp(graph, leaves(state.join(""))));
        }
        expect(incremental.repair()).toEqual([]);
      }),
    );
  });

  it("low <= high, unplanned <= low, and worsening a leaf improves nothing", () => {
    fc.assert(
      fc.property(randomConfig, fc.string({ unit: letter, minLength: 12, maxLength: 12 }), fc.nat(11), (config, given, leaf) => {
        const graph = compileGraph(config);
        const before = rollUp(graph, leaves(given));
        const worse = rollUp(graph, (one) => (one === leaf ? { low: 3, high: 3, unplanned: 3 } : leaves(given)(one)));
        for (let node = 0; node < graph.nodes; node++) {
          expect(levelAt(graph, before, node, LOW)).toBeLessThanOrEqual(levelAt(graph, before, node, HIGH));
          expect(levelAt(graph, before, node, UNPLANNED)).toBeLessThanOrEqual(levelAt(graph, before, node, LOW));
          for (const v of valuations) expect(levelAt(graph, worse, node, v)).toBeGreaterThanOrEqual(levelAt(graph, before, node, v));
        }
      }),
    );
  });

  it("the truth lies between low and high, whatever the unknown turn out to be", () => {
    const twelve = fc.string({ unit: letter, minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(
        randomConfig,
        twelve,
        fc.string({ unit: fc.constantFrom("o", "w", "m", "c"), minLength: 12, maxLength: 12 }),
        (config, given, truth) => {
          const graph = compileGraph(config);
          const before = rollUp(graph, leaves(given));
          const after = rollUp(graph, leaves([...given].map((one, i) => (one === "?" ? (truth[i] ?? "o") : one)).join("")));
          for (let node = graph.leaves; node < graph.nodes; node++) {
            expect(levelAt(graph, after, node, LOW)).toBeGreaterThanOrEqual(levelAt(graph, before, node, LOW));
            expect(levelAt(graph, after, node, HIGH)).toBeLessThanOrEqual(levelAt(graph, before, node, HIGH));
          }
        },
      ),
    );
  });

  it("the order within a batch does not matter, and each node is told once", () => {
    const twelve = fc.string({ unit: letter, minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(randomConfig, twelve, (config, given) => {
        const graph = compileGraph(config);
        const forward = new RollUp(graph);
        const backward = new RollUp(graph);
        for (let leaf = 0; leaf < graph.leaves; leaf++) forward.set(leaf, leaves(given)(leaf));
        for (let leaf = graph.leaves - 1; leaf >= 0; leaf--) backward.set(leaf, leaves(given)(leaf));
        const told = forward.settle();
        expect(new Set(told).size).toBe(told.length);
        expect([...backward.settle()].sort()).toEqual([...told].sort());
        expect(backward.levels).toEqual(forward.levels);
      }),
    );
  });
});

describe("a diamond", () => {
  const graph = compileGraph(
    configOf({
      assets: { x: {} },
      services: { p: { needs: ["service a", "service b"] }, a: { needs: [{ asset: "x", worst: "warning" }] }, b: { needs: ["asset x"] } },
    }),
  );

  it("shows its top once, never half computed", () => {
    const incremental = new RollUp(graph);
    incremental.set(0, { low: 3, high: 3, unplanned: 3 });
    const p = graph.serviceOf.get("p")?.node ?? -1;
    expect(incremental.settle().filter((node) => node === p)).toHaveLength(1);
    expect(incremental.level(p, LOW)).toBe(3);
  });
});
