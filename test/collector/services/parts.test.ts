import { beforeEach, describe, expect, it } from "vitest";
import { dotText, exportGraph } from "../../../collector/services/export.ts";
import { compileGraph } from "../../../collector/services/graph.ts";
import { configOf, Stage, snmp } from "../stage.ts";

const site = {
  assets: { a: { name: "Server A", snmp }, b: { name: "Server B", snmp }, c: { name: "Server C", snmp } },
  alarms: { broken: { on: { any: "x" }, metric: "temperature_celsius", critical: { above: 50 } } },
  services: {
    portal: { name: "Portal", needs: ["2 of service web, service shop, asset c"] },
    web: { name: "Web", needs: ["asset a"] },
    shop: { name: "Shop", needs: ["asset b"] },
    paid: { name: "Paid", needs: [{ of: [{ service: "shop", weight: 3 }, "asset c", "asset a"], at_least: 4, degraded_below: 5 }] },
  },
};
for (const asset of Object.values(site.assets)) Object.assign(asset, { labels: { any: "x" } });

let stage: Stage;
beforeEach(() => {
  stage = new Stage(site);
  for (const asset of ["a", "b", "c"]) stage.put(asset, 20);
});

describe("so many of named services and assets", () => {
  it("says how many there are, and what is the matter with the others", () => {
    stage.put("b", 60);
    expect(stage.service("portal")).toMatchObject({ level: "ok", causes: [] });
    stage.put("a", 70);
    expect(stage.service("portal")).toMatchObject({ level: "critical", causes: ["a", "b"] });
    expect(stage.service("portal").why).toMatch(
      /^Portal is critical since .*: it needs 2 of 3 parts and has 1; Server A: temperature at 70 °C \(above 50 °C\), Server B: temperature at 60 °C/,
    );
  });

  it("counts by weight, where parts have one", () => {
    stage.put("a", 70);
    expect(stage.service("paid").level).toBe("warning");
    expect(stage.service("paid").why).toContain("it has 4 of 5 parts by weight, below 5 it is degraded");
    stage.put("b", 60);
    expect(stage.service("paid").why).toContain("it needs 4 of 5 parts by weight and has 1");
  });

  it("unfolds its services in the tree, and says what would have to recover", () => {
    stage.put("a", 70);
    stage.put("b", 60);
    stage.changes();
    const detail = stage.plant.service("portal");
    expect(detail?.recovery.text).toBe("ok again when Server A recovers, or when Server B recovers");
    const [need] = detail?.needs ?? [];
    expect(need?.text).toBe("2 of service web, service shop, asset c: 2 needed, 1 up");
    expect(need?.children.map(({ kind, id, level, children }) => [kind, id, level, children.map((child) => child.id)])).toEqual([
      ["service", "web", "critical", ["a"]],
      ["service", "shop", "critical", ["b"]],
      ["asset", "c", "ok", []],
    ]);
  });

  it("is in what-if and in the exported graph", () => {
    expect(
      stage.plant.whatIf(
        new Map([
          ["a", "unknown"],
          ["b", "critical"],
        ]),
      ).services["portal"],
    ).toMatchObject({ level: "unknown", causes: ["b", "a"] });
    const config = configOf(site);
    const { edges } = exportGraph(compileGraph(config), config);
    expect(edges.filter(({ from }) => from === "need:portal:0").map(({ to }) => to)).toEqual(["service:web", "service:shop", "asset:c"]);
    expect(dotText(exportGraph(compileGraph(config), config))).toContain("2 of service web, service shop, asset c");
  });

  it("is unknown while it matters that members give no data, and says of how many that is so", () => {
    stage.put("b", 60);
    stage.pass(400, ["b", "c"]);
    // Silent for longer than dead_after: a is critical by then, in between nobody knew.
    expect(stage.service("portal").level).toBe("critical");
    const again = new Stage(site);
    again.put("b", 60);
    again.put("c", 20);
    expect(again.service("portal")).toMatchObject({ level: "unknown", low: "ok", high: "critical", causes: ["b", "a"] });
    expect(again.service("portal").why).toContain("it needs 2 of 3 parts and has 1, 1 unknown");
  });
});
