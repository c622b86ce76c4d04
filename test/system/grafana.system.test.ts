import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dashboard } from "../../collector/grafana/dashboards.ts";
import { until } from "../peers/process.ts";
import { type Prometheus, startPrometheus } from "../peers/prometheus.ts";
import { type Demo, millwright, startDemo } from "./demo.ts";

let demo: Demo;
let prometheus: Prometheus;
const folder = mkdtempSync(join(tmpdir(), "millwright-grafana-"));

beforeAll(async () => {
  demo = await startDemo();
  prometheus = await startPrometheus(new URL(demo.url).host);
  await demo.allOk(20_000);
  // So that panels of alarms and of sources that are down have something to show.
  demo.toggle("filler-overheats");
  demo.toggle("filler-dead");
  await until("Prometheus has scraped an alarm and a source that is down", 30_000, async () => {
    const [alarms, down] = await Promise.all([
      prometheus.query("millwright_alarm_state == 1"),
      prometheus.query("millwright_asset_up == 0"),
    ]);
    return alarms.length > 0 && down.length > 0;
  });
});
afterAll(async () => {
  await prometheus?.stop();
  await demo?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function build(): readonly Dashboard[] {
  const config = /config\s+(\S+)/.exec(demo.output())?.[1] ?? "";
  const env = { ...process.env, MILLWRIGHT_DEMO_COMMUNITY: "demo" };
  execFileSync(
    process.execPath,
    [millwright, "dashboards", "build", "--config", config, "--out", folder, "--prometheus-url", prometheus.url],
    { env },
  );
  return readdirSync(join(folder, "dashboards")).map(
    (name) => JSON.parse(readFileSync(join(folder, "dashboards", name), "utf8")) as Dashboard,
  );
}

/** What Grafana makes of a dashboard's variables before it asks: the demo's line, and all of its assets. */
async function substitute(expr: string): Promise<string> {
  const members = await prometheus.query('millwright_service_asset_info{business_service="bottling-line-3"}');
  const assets = [...new Set(members.map((series) => series.metric["asset"] ?? ""))].join("|");
  return expr.replaceAll("$business_service", "bottling-line-3").replaceAll("$asset", assets);
}

describe("millwright dashboards build", () => {
  it("writes an overview and a service dashboard whose every query a real Prometheus answers with data", async () => {
    const dashboards = build();
    expect(dashboards.map((one) => one.uid).sort()).toEqual(["millwright-overview", "millwright-service"]);
    const empty: string[] = [];
    let asked = 0;
    for (const one of dashboards) {
      for (const panel of one.panels) {
        for (const { expr } of panel.targets) {
          asked++;
          const result = await prometheus.query(await substitute(expr));
          if (result.length === 0) empty.push(`${one.title}: ${panel.title}: ${expr}`);
        }
      }
    }
    process.stdout.write(`${dashboards.length} dashboards, ${asked} queries, ${empty.length} without data\n`);
    expect(empty).toEqual([]);
  });

  it("fills its variables, and points its files at one data source", async () => {
    const service = build().find((one) => one.uid === "millwright-service");
    const queries = service?.templating.list.flatMap((one) =>
      typeof one["query"] === "object" ? [(one["query"] as { query: string }).query] : [],
    );
    for (const query of queries ?? []) {
      const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      const values = await prometheus.query(await substitute(selector));
      expect(values.filter((series) => series.metric[label] !== undefined).length).toBeGreaterThan(3);
    }
    expect(readFileSync(join(folder, "provisioning/datasources/millwright.yaml"), "utf8")).toContain(`url: "${prometheus.url}"`);
    expect(readFileSync(join(folder, "provisioning/dashboards/millwright.yaml"), "utf8")).toContain(join(folder, "dashboards"));
  });

  it("stands on metrics that promtool finds nothing to say about", async () => {
    const text = await (await fetch(`${demo.url}/metrics`)).text();
    expect(text.split("\n").length).toBeGreaterThan(300);
    const said = execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
    expect(said).toBe("");
    expect(text).not.toMatch(/[{,](service|job|instance)=/);
  });
});
