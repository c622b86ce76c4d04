import { describe, expect, it } from "vitest";
import { causesOf, impactOf } from "../../../collector/services/causes.ts";
import { compileGraph, type Graph } from "../../../collector/services/graph.ts";
import { rollUp } from "../../../collector/services/rollup.ts";
import { whatIf } from "../../../collector/services/what-if.ts";
import type { WhatIfState } from "../../../collector/view.ts";
import { bottlingHall, configOf } from "../stage.ts";

const nodeOf = (graph: Graph, service: string): number => graph.serviceOf.get(service)?.node ?? -1;

/** `filler-31=critical,ups-1=unknown` */
const set = (text: string): Map<string, WhatIfState> =>
  new Map(text === "" ? [] : text.split(",").map((one) => one.split("=") as [string, WhatIfState]));

const hall = configOf(bottlingHall);
const hallGraph = compileGraph(hall);
const ask = (text: string, service = "bottling-line-3") => whatIf(hallGraph, hall, set(text)).services[service];

describe("what if", () => {
  it.each([
    { given: "", level: "ok", causes: [] },
    { given: "filler-31=critical", level: "warning", causes: ["filler-31"] },
    { given: "filler-31=unknown", level: "unknown", causes: ["filler-31"] },
    { given: "filler-31=critical,filler-33=unknown", level: "unknown", causes: ["filler-31", "filler-33"] },
    { given: "filler-31=critical,filler-32=critical", level: "critical", causes: ["filler-31", "filler-32"] },
    { given: "filler-31=critical,filler-32=critical,filler-33=unknown", level: "critical", causes: ["filler-31", "filler-32"] },
    { given: "filler-31=critical,filler-32=critical,core-sw-1=warning", level: "critical", causes: ["filler-31", "filler-32"] },
    { given: "mes-server=major", level: "major", causes: ["mes-server"] },
    { given: "mes-server=critical,core-sw-1=critical", level: "critical", causes: ["core-sw-1", "mes-server"] },
    { given: "compressor=critical", level: "critical", causes: ["compressor"] },
    { given: "compressor=unknown", level: "unknown", causes: ["compressor"] },
    { given: "filler-31=maintenance,filler-32=maintenance", level: "critical", causes: ["filler-31", "filler-32"] },
  ])("$given: $level by $causes", ({ given, level, causes }) => {
    expect(ask(given)).toMatchObject({ level, causes });
  });

  it("maintenance is planned", () => {
    expect(ask("filler-31=maintenance,filler-32=maintenance")).toMatchObject({ low: "critical", unplanned: "ok" });
  });

  it("says so in a sentence without a time", () => {
    expect(ask("filler-31=critical,filler-32=maintenance")?.why).toBe(
      "Bottling line 3 is critical: it needs 2 of 3 fillers and has 1; Filler 31 is critical, Filler 32 is in maintenance",
    );
    expect(ask("filler-31=critical,filler-33=unknown")?.why).toBe(
      "Bottling line 3 is unknown, between warning and critical: it needs 2 of 3 fillers and has 1, 1 unknown; " +
        "it needs 24000 of 36000 nominal bph and has 12000, 12000 unknown; Filler 31 is critical, nothing is known of Filler 33",
    );
  });

  it("does not know an asset that is not there", () => {
    expect(() => whatIf(hallGraph, hall, set("filler-13=critical"))).toThrow(
      /asset "filler-13" does not exist \(did you mean filler-3[13]\?\)/,
    );
  });
});

describe("impact", () => {
  it("goes upwards through services", () => {
    const of = (asset: string): string[] => impactOf(hallGraph, [hallGraph.index.indexOf(asset) ?? -1]).map((service) => service.id);
    expect(of("mes-server")).toEqual(["mes", "bottling-line-3"]);
    expect(of("filler-31")).toEqual(["bottling-line-3"]);
    expect(impactOf(hallGraph, [nodeOf(hallGraph, "bottling-line-3")])).toEqual([]);
  });
});

describe("a ladder of 16 diamonds", () => {
  const services: Record<string, { needs: string[] }> = {};
  for (let i = 0; i < 16; i++) {
    services[`left-${i}`] = { needs: [i === 0 ? "asset x" : `service top-${i - 1}`] };
    services[`right-${i}`] = { needs: [i === 0 ? "asset x" : `service top-${i - 1}`] };
    services[`top-${i}`] = { needs: [`service left-${i}`, `service right-${i}`] };
  }
  const config = configOf({ assets: { x: {} }, services });
  const graph = compileGraph(config);

  it("has one cause", () => {
    const levels = rollUp(graph, () => ({ low: 3, high: 3, unplanned: 3 }));
    expect(causesOf(graph, levels, nodeOf(graph, "top-15"))).toEqual([{ leaf: 0, low: 3, high: 3 }]);
    expect(whatIf(graph, config, set("x=critical")).services["top-15"]?.causes).toEqual(["x"]);
  });

  it("hurts each of its 48 services once", () => {
    expect(impactOf(graph, [0])).toHaveLength(48);
  });
});

describe("causes are what holds the level up", () => {
  it("weights of nothing, capped needs and milder levels are no causes", () => {
    const assets = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, { labels: { type: "m" }, attributes: { w: i } }]));
    const config = configOf({
      assets,
      services: {
        s: {
          needs: [
            { sum: "{type=m}", weight: "w", at_least: 2 },
            { asset: "a", worst: "warning" },
          ],
        },
      },
    });
    const graph = compileGraph(config);
    const causes = (text: string): readonly string[] => whatIf(graph, config, set(text)).services["s"]?.causes ?? [];
    expect(causes("a=critical,c=critical")).toEqual(["c"]);
    expect(causes("a=critical")).toEqual(["a"]);
    expect(causes("b=warning,c=critical")).toEqual(["c"]);
  });
});
