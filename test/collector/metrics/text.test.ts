import { beforeEach, expect, test } from "vitest";
import { TextBuffer } from "../../../collector/metrics/buffer.ts";
import { ReadingText } from "../../../collector/metrics/readings.ts";
import { createMetricsText } from "../../../collector/metrics/text.ts";
import { Q } from "../../../core/quality.ts";
import { samplePlant } from "../http/sample-plant.ts";
import type { SampleSeries } from "../http/sample-series.ts";
import { SampleView } from "../http/sample-view.ts";
import { Stage, snmp } from "../stage.ts";

let now = 0;
beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
});

function viewOf(series: readonly SampleSeries[]): SampleView {
  return new SampleView({ assets: [], services: [], alarms: [], agents: [] }, series, () => now);
}

async function linesOf(view: SampleView, name: string): Promise<string[]> {
  const answer = await createMetricsText(view).render();
  const lines = answer.bytes.toString().split("\n");
  return lines.filter((line) => line.startsWith(name));
}

const gauge = (value: number, more: Partial<SampleSeries> = {}): SampleSeries => ({
  asset: "a",
  metric: "temperature_celsius",
  unit: "Cel",
  kind: "gauge",
  origin: "input:0",
  value,
  ...more,
});

test("a reading is exported under its asset and labels, with HELP and TYPE once", async () => {
  const view = viewOf([gauge(21.5, { labels: { sensor: "x" } }), gauge(22, { labels: { sensor: "y" } })]);
  const text = (await createMetricsText(view).render()).bytes.toString();
  expect(text).toContain(
    'millwright_temperature_celsius{asset="a",sensor="x"} 21.5\nmillwright_temperature_celsius{asset="a",sensor="y"} 22\n',
  );
  expect(text.match(/# TYPE millwright_temperature_celsius gauge/g)).toHaveLength(1);
  expect(text).toContain("# HELP millwright_temperature_celsius Reading temperature_celsius: newest value, unit Cel (UCUM)");
});

test("a series vanishes after three intervals, at least 30 s, and comes back", async () => {
  const view = viewOf([gauge(1, { everyMs: 2000, ageMs: 0 }), gauge(2, { everyMs: 60_000, ageMs: 0, asset: "b" })]);
  const at = async (ms: number): Promise<number> => {
    now = Date.UTC(2026, 0, 1) + ms;
    return (await linesOf(view, "millwright_temperature_celsius")).length;
  };
  expect(await at(30_000)).toBe(2);
  expect(await at(30_001)).toBe(1);
  expect(await at(180_000)).toBe(1);
  expect(await at(180_001)).toBe(0);
  view.put(0, 5);
  expect(await linesOf(view, "millwright_temperature_celsius")).toEqual(['millwright_temperature_celsius{asset="a"} 5']);
});

test("Bad, infinite and absent values are not exported, Uncertain ones are", async () => {
  const view = viewOf([
    gauge(1, { asset: "bad", quality: Q.BadTimeout }),
    gauge(Number.POSITIVE_INFINITY, { asset: "infinite" }),
    gauge(3, { asset: "doubtful", quality: Q.UncertainSubNormal }),
  ]);
  expect(await linesOf(view, "millwright_temperature_celsius")).toEqual(['millwright_temperature_celsius{asset="doubtful"} 3']);
});

test("series of different kinds under one metric name do not share a family", async () => {
  const view = viewOf([
    gauge(1, { metric: "cycles", kind: "counter", asset: "a" }),
    gauge(2, { metric: "cycles", kind: "gauge", asset: "b" }),
    gauge(3, { metric: "cycles_total", kind: "state", asset: "c" }),
  ]);
  expect(await linesOf(view, "millwright_cycles")).toEqual([
    'millwright_cycles_total{asset="a"} 1',
    'millwright_cycles{asset="b"} 2',
    'millwright_cycles{asset="c"} 3',
  ]);
});

test("of two series with the same exported name and labels one is exported, the other counted", async () => {
  const view = viewOf([gauge(1, { labels: { service: "x" } }), gauge(2, { labels: { service_label: "x" } })]);
  expect(await linesOf(view, "millwright_temperature_celsius")).toEqual(['millwright_temperature_celsius{asset="a",service_label="x"} 1']);
  expect(await linesOf(view, "millwright_series_hidden")).toEqual(["millwright_series_hidden 1"]);
});

test("series that come later and descriptions that change are taken over", async () => {
  const view = viewOf([gauge(1)]);
  const metrics = createMetricsText(view);
  (await metrics.render()).release();
  view.add([gauge(7, { asset: "late" })]);
  view.registry.accept({ series: [{ ...view.registry.get(0), unit: "K" }], aliases: [] });
  const text = (await metrics.render()).bytes.toString();
  expect(text).toContain('millwright_temperature_celsius{asset="a"} 1\nmillwright_temperature_celsius{asset="late"} 7\n');
  expect(text).toContain("unit K");
});

test("two scrapes at the same time do not write into one another's bytes", async () => {
  const view = viewOf([gauge(1)]);
  const metrics = createMetricsText(view);
  const first = await metrics.render();
  const before = first.bytes.toString();
  view.put(0, 99);
  const second = await metrics.render();
  expect(first.bytes.toString()).toBe(before);
  expect(second.bytes.toString()).toContain("} 99\n");
  first.release();
  first.release();
  const third = await metrics.render();
  const fourth = await metrics.render();
  expect(third.bytes.buffer).not.toBe(fourth.bytes.buffer);
});

test("plant, alarms, thresholds and agents have the names of DESIGN §9", async () => {
  const { plant, series } = samplePlant(now);
  const view = new SampleView(plant, series, () => now);
  const text = (await createMetricsText(view).render()).bytes.toString();
  for (const line of [
    'millwright_asset_info{asset="filler-31",at="acme/brno/hall-1/line-3/filler-31",label_line="3",label_type="filler",name="Filler 31"} 1',
    'millwright_asset_up{asset="mes-server",source="snmp"} 0',
    'millwright_asset_up{asset="filler-31",source="modbus"} 1',
    'millwright_service_level{business_service="bottling-line-3"} 3',
    'millwright_service_level{business_service="mes"} 0',
    'millwright_service_state{business_service="mes",state="unknown"} 1',
    'millwright_service_state{business_service="mes",state="ok"} 0',
    'millwright_alarm_state{alarm="bearing-hot",asset="filler-31",level="critical"} 1',
    'millwright_alarm_state{alarm="bearing-hot",asset="filler-33",level="warning"} 0',
    'millwright_alarm_threshold{alarm="bearing-hot",asset="filler-31",bound="upper",level="critical",metric="temperature_celsius",sensor="bearing"} 85',
    'millwright_alarm_threshold{alarm="air-low",asset="compressor",bound="lower",level="critical",metric="pressure_pascals",sensor="main"} 600000',
    'millwright_agent_spool_bytes{agent="hall-1"} 18432',
    'millwright_agent_clock_skew_seconds{agent="dc-1"} -2.4',
    'millwright_readings_total{outcome="stored"} 120345',
    "millwright_rollup_drift_total 0",
    'millwright_sink_backlog_readings{sink="influx:plant"} 120',
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).not.toMatch(/[{,](service|job|instance)="/);
  expect(text).not.toContain("NaN");
});

test("a source that was up when its agent fell silent does not stay up", async () => {
  const { plant, series } = samplePlant(now);
  const silent = { ...plant, assets: plant.assets.map((asset) => (asset.id === "filler-31" ? { ...asset, up: false } : asset)) };
  const text = (await createMetricsText(new SampleView(silent, series, () => now)).render()).bytes.toString();
  expect(text.split("\n")).toContain('millwright_asset_up{asset="filler-31",source="modbus"} 0');
});

test("a device's limits are exported as it names them, also when they change", async () => {
  const stage = new Stage({ assets: { srv: { snmp } }, alarms: { hardware: { asset: "srv", from_device: true } } });
  stage.put("srv", 20, { limits: { lowCritical: 5, highCritical: 45 } });
  const text = new ReadingText();
  const lines = (): string[] => {
    const out = new TextBuffer();
    text.update(stage.registry, (index) => stage.plant.thresholds(index));
    text.write(stage.latest, stage.now, out);
    return out
      .bytes()
      .toString()
      .split("\n")
      .filter((line) => line.startsWith("millwright_alarm_threshold"));
  };
  const line = (bound: string, value: number): string =>
    `millwright_alarm_threshold{alarm="hardware",asset="srv",bound="${bound}",level="critical",metric="temperature_celsius"} ${value}`;
  expect(lines()).toEqual([line("upper", 45), line("lower", 5)]);
  const series = { ...stage.registry.get(0), limits: { highCritical: 50 } };
  stage.registry.accept({ series: [series], aliases: [] });
  stage.plant.describe(series);
  expect(lines()).toEqual([line("upper", 50)]);
});

test("a new config replaces the thresholds", async () => {
  const { plant, series } = samplePlant(now);
  const view = new SampleView(plant, series, () => now);
  const metrics = createMetricsText(view);
  (await metrics.render()).release();
  view.thresholds = () => [];
  view.emit({ type: "config", time: now });
  expect((await metrics.render()).bytes.toString()).not.toContain("millwright_alarm_threshold");
});
