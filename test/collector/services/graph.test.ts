import { describe, expect, it } from "vitest";
import { compileGraph, GraphError } from "../../../collector/services/graph.ts";
import { configOf } from "../stage.ts";

const assets = {
  f1: { labels: { type: "filler" }, attributes: { bph: 12000 } },
  f2: { labels: { type: "filler" }, attributes: { bph: 12000 } },
  mute: { labels: { type: "odd" }, attributes: { bph: "fast" } },
  bare: { labels: { type: "bare" } },
};

describe("services that cannot be judged", () => {
  it.each<{ needs: readonly (string | object)[]; fault: string }>([
    { needs: ["asset f3"], fault: "service a needs asset f3, which does not exist" },
    { needs: ["service z"], fault: "service a needs service z, which does not exist" },
    { needs: ["f3 pressure_pascals > 1"], fault: "service a needs asset f3, which does not exist" },
    { needs: ["1 of {type=robot}"], fault: "service a finds 0 assets for {type=robot}, expected 1 or more" },
    {
      needs: [{ of: "{type=filler}", at_least: 1, min_members: 3 }],
      fault: "service a finds 2 assets for {type=filler}, expected 3 or more",
    },
    {
      needs: [{ sum: "{type=odd}", weight: "bph", at_least: 1 }],
      fault: "service a weighs mute by bph, which is fast, expected a number of 0 or more",
    },
    {
      needs: [{ sum: "{type=bare}", weight: "bph", at_least: 1 }],
      fault: "service a weighs bare by bph, which is missing, expected a number of 0 or more",
    },
    { needs: ["asset f1", "service b"], fault: "services need each other in a circle: a -> b -> c -> a" },
  ])("$fault", ({ needs, fault }) => {
    const services = { a: { needs }, b: { needs: ["asset f1", "service c"] }, c: { needs: ["asset f2", "service a"] } };
    const config = configOf({ assets, services: fault.includes("circle") ? services : { a: { needs } } });
    expect(() => compileGraph(config)).toThrow(new GraphError(fault));
  });
});

describe("the graph", () => {
  it("ranks by the longest way, and shares one leaf among equal metric needs", () => {
    const graph = compileGraph(
      configOf({
        assets,
        services: {
          top: { needs: ["service mid", "asset f1", "f1 load_ratio < 0.9"] },
          mid: { needs: ["2 of {type=filler}", "f1 load_ratio < 0.9", "f1 load_ratio < 0.9 for 30s"] },
        },
      }),
    );
    const rank = (id: string): number | undefined => graph.rank[graph.serviceOf.get(id)?.node ?? -1];
    expect([rank("mid"), rank("top")]).toEqual([2, 3]);
    expect(graph.metricLeaves).toHaveLength(2);
    expect(graph.leaves).toBe(6);
  });

  it("of no services at all is a graph", () => {
    expect(compileGraph(configOf({ assets })).services).toEqual([]);
  });
});
