import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createProcessMetrics } from "../../../collector/metrics/process.ts";
import { createMetricsText } from "../../../collector/metrics/text.ts";
import { samplePlant } from "../http/sample-plant.ts";
import type { SampleSeries } from "../http/sample-series.ts";
import { SampleView } from "../http/sample-view.ts";

const hostile = ["line\nfeed", 'quo"te', "back\\slash", "žluťoučký 🐎", "</script><img onerror>", "\u0000\u001b[31m", "\ud800"];

async function sampleText(): Promise<string> {
  const now = Date.UTC(2026, 0, 1);
  const { plant, series } = samplePlant(now);
  const naughty = hostile.map((value, i): SampleSeries => {
    const labels = { service: value, job: value, __name__: value, sensor: value };
    return { asset: `naughty-${i}`, metric: "temperature_celsius", labels, unit: "Cel", kind: "gauge", origin: value, value: i };
  });
  plant.assets = plant.assets.map((asset, i) => ({ ...asset, name: hostile[i % hostile.length] ?? "" }));
  const view = new SampleView(plant, [...series, ...naughty], () => now);
  return (await createMetricsText(view, createProcessMetrics()).render()).bytes.toString();
}

test("promtool check metrics has nothing to say, and sees every naughty series", async () => {
  const text = await sampleText();
  const check = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  expect(check.stderr + check.stdout).toBe("");
  expect(check.status).toBe(0);
  expect(text.match(/asset="naughty-/g)).toHaveLength(hostile.length);
});

test("docs/metrics.md lists every name that is not a reading", async () => {
  const documented = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
  const names = [...(await sampleText()).matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] ?? "");
  const readings = /^millwright_(?:temperature_celsius|active_power|bottles|machine|load|energy|if_|uptime|pressure|voltage)/;
  const missing = names.filter((name) => !readings.test(name) && !documented.includes(`\`${name}`));
  expect(missing).toEqual([]);
});
