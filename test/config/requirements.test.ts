import { describe, expect, it } from "vitest";
import { compileGraph, GraphError } from "../../collector/services/graph.ts";
import { findCycle } from "../../config/cycle.ts";
import { integerScale, membersNeeded } from "../../config/quorum.ts";
import { requirementFaults } from "../../config/requirements.ts";
import { configOf } from "../collector/stage.ts";

const fillers = {
  f1: { labels: { type: "filler" }, attributes: { bph: 12000 } },
  f2: { labels: { type: "filler" }, attributes: { bph: 12000 } },
  mute: { labels: { type: "odd" }, attributes: { bph: "fast" } },
  bare: { labels: { type: "bare" } },
};
const faultsOf = (needs: readonly (string | object)[]): string[] =>
  requirementFaults(configOf({ assets: fillers, services: { line: { needs } } })).map(
    (fault) => `${fault.path.join(".")}: ${fault.message}`,
  );

describe("needs that cannot be judged", () => {
  it.each<{ need: string | object; fault: string }>([
    { need: "1 of {type=robot}", fault: "{type=robot} finds 0 assets, expected at least 1" },
    { need: { of: "{type=filler}", at_least: 1, min_members: 3 }, fault: "{type=filler} finds 2 assets, expected at least 3" },
    { need: "3 of {type=filler}", fault: "{type=filler} finds 2 assets, so that 3 of them can never be ok" },
    {
      need: { of: "{type=filler}", at_least: 2, degraded_below: 2 },
      fault: "degraded_below is 2, expected more than at_least, which is 2",
    },
    {
      need: { of: "{type=filler}", at_least: 1, degraded_below: 3 },
      fault: "{type=filler} finds 2 assets, so that it is degraded below 3 for ever",
    },
    {
      need: { sum: "{type=odd}", weight: "bph", at_least: 1 },
      fault: "asset mute has no number of 0 or more as bph, which is its weight here",
    },
    { need: { sum: "{type=bare}", weight: "bph", at_least: 1 }, fault: "asset bare has no attribute bph, which is its weight here" },
    {
      need: { sum: "{type=filler}", weight: "bph", at_least: 24001 },
      fault: "the bph of 2 assets is 24000 in all, at_least 24001 can never be met",
    },
    {
      need: { sum: "{type=filler}", weight: "bph", at_least: 12000, degraded_below: 24001 },
      fault: "the bph of 2 assets is 24000 in all, so that it is degraded below 24001 for ever",
    },
    {
      need: { sum: "{type=filler}", weight: "bph", at_least: 12000, degraded_below: 12000 },
      fault: "degraded_below is 12000, expected more than at_least, which is 12000",
    },
  ])("$need", ({ need, fault }) => {
    expect(faultsOf(["1 of {type=filler}", need])).toEqual([`services.line.needs.1: ${fault}`]);
  });

  it("are all found at once, and stop the graph with all of them", () => {
    const config = configOf({ assets: fillers, services: { a: { needs: ["1 of {type=x}"] }, b: { needs: ["5 of {type=filler}"] } } });
    expect(requirementFaults(config)).toHaveLength(2);
    expect(() => compileGraph(config)).toThrow(GraphError);
    expect(() => compileGraph(config)).toThrow(/services\.a\.needs\.0: .*\nservices\.b\.needs\.0: /);
  });

  it("a name that does not exist stops the graph", () => {
    const config = configOf({ assets: fillers, services: { a: { needs: ["asset f3"] } } });
    expect(() => compileGraph(config)).toThrow("service a needs asset f3, which does not exist");
  });
});

describe("cycles", () => {
  it.each<{ what: string; edges: Record<string, string[]>; cycle: string | undefined }>([
    { what: "a tree", edges: { a: ["b", "c"], b: ["d"], c: [], d: [] }, cycle: undefined },
    { what: "a diamond", edges: { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, cycle: undefined },
    { what: "itself", edges: { a: ["a"] }, cycle: "a -> a" },
    { what: "through the second child", edges: { a: ["b", "c"], b: [], c: ["d"], d: ["a"] }, cycle: "a -> c -> d -> a" },
    { what: "beside the start", edges: { x: ["a"], a: ["b"], b: ["a"] }, cycle: "a -> b -> a" },
  ])("$what", ({ edges, cycle }) => {
    expect(findCycle(Object.keys(edges), (node) => edges[node] ?? [])?.join(" -> ")).toBe(cycle);
  });

  it("a chain of 100,000 needs no call stack", () => {
    const nodes = Array.from({ length: 100_000 }, (_, i) => `n${i}`);
    expect(findCycle(nodes, (node) => nodes.slice(Number(node.slice(1)) + 1, Number(node.slice(1)) + 2))).toBeUndefined();
  });

  it("among services and on the way to assets are refused with the path", () => {
    const config = configOf({
      assets: { a: { via: ["b"] }, b: { via: [["x", "a"]] }, x: {} },
      services: { s: { needs: ["asset x", "service t"] }, t: { needs: ["service s"] } },
    });
    expect(requirementFaults(config).map((fault) => fault.message)).toEqual([
      "services need each other in a circle: s -> t -> s",
      "assets are reached through each other in a circle: a -> b -> a",
    ]);
  });
});

describe("exact numbers", () => {
  it.each([
    { percent: 20, total: 5, needed: 1 },
    { percent: 40, total: 5, needed: 2 },
    { percent: 58, total: 50, needed: 29 },
    { percent: 29, total: 100, needed: 29 },
    { percent: 33.3, total: 3, needed: 1 },
    { percent: 33.4, total: 3, needed: 2 },
    { percent: 100, total: 7, needed: 7 },
    { percent: 0.1, total: 7, needed: 1 },
    { percent: 1e-7, total: 3, needed: 1 },
  ])("$percent% of $total is $needed", ({ percent, total, needed }) => {
    expect(membersNeeded({ percent }, total)).toBe(needed);
  });

  it("every k of n at its exact percentage is k, for all n up to 100 with a whole percentage", () => {
    for (let n = 1; n <= 100; n++)
      for (let k = 1; k <= n; k++) if ((100 * k) % n === 0) expect(membersNeeded({ percent: (100 * k) / n }, n)).toBe(k);
  });

  it.each([
    { values: [1, 2, 3], scale: 1 },
    { values: [0.1, 0.25, 3], scale: 100 },
    { values: [1e-3, 5], scale: 1000 },
    { values: [1e21, 0.5], scale: 1 },
    { values: [1 / 3, 100], scale: 1e13 },
  ])("$values are integers times $scale", ({ values, scale }) => {
    expect(integerScale(values)).toBe(scale);
  });
});
