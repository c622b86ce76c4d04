import { metricsOf, type Threshold } from "../../config/alarms.ts";
import type { Config } from "../../config/schema.ts";
import { levelNames } from "../../core/level.ts";
import { exportedName } from "../metrics/names.ts";
import { dataSource, layOutPanels, type Panel, type PanelOptions, type Step } from "./panel.ts";

/** A dashboard file, as Grafana's file provider reads it. */
export interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Record<string, unknown>[] };
  readonly [more: string]: unknown;
}

/** Calm when normal, colour only for what is abnormal: the page's levels in Grafana's palette. */
const levelColors = { ok: "text", warning: "yellow", major: "orange", critical: "red" } as const;
const levelSteps: readonly Step[] = [
  { color: levelColors.ok, value: null },
  { color: levelColors.warning, value: 1 },
  { color: levelColors.major, value: 2 },
  { color: levelColors.critical, value: 3 },
];
const levelTexts = Object.fromEntries(levelNames.map((text, value) => [value, { text, color: levelColors[text] }]));
const scrapeLabels = ["Time", "__name__", "job", "instance"];

/** All of a site on one page: services, alarms, assets that do not answer, agents. */
export function overviewDashboard(): Dashboard {
  return dashboard({
    uid: "millwright-overview",
    title: "Millwright: overview",
    variables: [],
    panels: [
      count("Services critical", "count(millwright_service_level == 3) or vector(0)", "red"),
      count("Services degraded", "count(millwright_service_level > 0 and millwright_service_level < 3) or vector(0)", "orange"),
      count("Services unknown", 'sum(millwright_service_state{state="unknown"}) or vector(0)', "purple"),
      count("Alarms", "count(millwright_alarm_state == 1) or vector(0)", "orange"),
      count("Sources down", "count(millwright_asset_up == 0) or vector(0)", "red"),
      count("Agents silent", "count(time() - millwright_agent_last_seen_timestamp_seconds > 60) or vector(0)", "red"),
      {
        title: "Services",
        type: "state-timeline",
        width: 24,
        height: 9,
        names: levelTexts,
        steps: levelSteps,
        queries: [{ expr: "millwright_service_level", legend: "{{business_service}}" }],
      },
      {
        title: "Alarms",
        type: "table",
        width: 12,
        height: 8,
        hide: [...scrapeLabels, "Value"],
        queries: [{ expr: "millwright_alarm_state == 1", instant: "table" }],
      },
      {
        title: "Sources that do not answer",
        type: "table",
        width: 12,
        height: 8,
        hide: [...scrapeLabels, "Value"],
        queries: [{ expr: "millwright_asset_up == 0", instant: "table" }],
      },
      {
        title: "Readings",
        description: "Readings per second, by what became of them",
        type: "timeseries",
        width: 12,
        height: 7,
        unit: "ops",
        queries: [{ expr: "sum by (outcome) (rate(millwright_readings_total[5m]))", legend: "{{outcome}}" }],
      },
      {
        title: "Waiting at agents",
        type: "timeseries",
        width: 12,
        height: 7,
        unit: "bytes",
        queries: [{ expr: "millwright_agent_spool_bytes", legend: "{{agent}}" }],
      },
    ],
  });
}

/** One service: its level over time, the assets it relies on, and every metric that an alarm watches there. */
export function serviceDashboard(config: Config): Dashboard {
  return dashboard({
    uid: "millwright-service",
    title: "Millwright: service",
    variables: [
      variable("business_service", "label_values(millwright_service_level, business_service)", false),
      variable("asset", 'label_values(millwright_service_asset_info{business_service="$business_service"}, asset)', true),
    ],
    panels: [
      {
        title: "Level",
        type: "stat",
        width: 6,
        height: 4,
        names: levelTexts,
        steps: levelSteps,
        queries: [{ expr: 'millwright_service_level{business_service="$business_service"}', instant: "value" }],
      },
      {
        title: "Level over time",
        type: "state-timeline",
        width: 18,
        height: 4,
        names: levelTexts,
        steps: levelSteps,
        queries: [{ expr: 'millwright_service_level{business_service="$business_service"}', legend: "{{business_service}}" }],
      },
      {
        title: "Alarms",
        type: "table",
        width: 12,
        height: 7,
        hide: [...scrapeLabels, "Value"],
        queries: [{ expr: 'millwright_alarm_state{asset=~"$asset"} == 1', instant: "table" }],
      },
      {
        title: "Sources",
        description: "1 = answers",
        type: "state-timeline",
        width: 12,
        height: 7,
        names: { 0: { text: "down", color: "red" }, 1: { text: "up", color: "text" } },
        steps: [
          { color: "red", value: null },
          { color: "text", value: 1 },
        ],
        queries: [{ expr: 'millwright_asset_up{asset=~"$asset"}', legend: "{{asset}} {{source}}" }],
      },
      ...watchedMetrics(config),
    ],
  });
}

/** A panel for each metric that an alarm watches, with the limits that all its alarms agree on as lines. */
function watchedMetrics(config: Config): PanelOptions[] {
  const metrics = new Map<string, Step[]>();
  for (const rule of Object.values(config.alarms)) {
    for (const metric of metricsOf(rule)) {
      const steps = metrics.get(metric) ?? [];
      for (const level of ["warning", "major", "critical"] as const) {
        const limit = numericLimit(rule[level]);
        if (limit !== undefined) steps.push({ color: levelColors[level], value: limit });
      }
      metrics.set(metric, steps);
    }
  }
  return [...metrics]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([metric, steps]) => ({
      title: metric,
      type: "timeseries" as const,
      width: 12,
      height: 8,
      unit: grafanaUnit(metric),
      ...(steps.length === 0
        ? {}
        : { steps: [{ color: "transparent", value: null }, ...steps.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))] }),
      queries: [{ expr: `${exportedName(metric, metric.endsWith("_total") ? "counter" : "gauge")}{asset=~"$asset"}` }],
    }));
}

function numericLimit(threshold: Threshold | undefined): number | undefined {
  return threshold?.above ?? threshold?.below;
}

const grafanaUnits: readonly (readonly [suffix: string, unit: string])[] = [
  ["_celsius", "celsius"],
  ["_watts", "watt"],
  ["_volts", "volt"],
  ["_amperes", "amp"],
  ["_pascals", "pressurepa"],
  ["_hertz", "hertz"],
  ["_seconds", "s"],
  ["_bytes", "bytes"],
  ["_joules_total", "joule"],
  ["_ratio", "percentunit"],
  ["_bytes_per_second", "Bps"],
];

function grafanaUnit(metric: string): string {
  return grafanaUnits.find(([suffix]) => metric.endsWith(suffix))?.[1] ?? "short";
}

function count(title: string, expr: string, color: string): PanelOptions {
  return {
    title,
    type: "stat",
    width: 4,
    height: 4,
    steps: [
      { color: "text", value: null },
      { color, value: 1 },
    ],
    queries: [{ expr, instant: "value" }],
  };
}

function variable(name: string, query: string, all: boolean): Record<string, unknown> {
  return {
    name,
    label: name.replace("_", " "),
    type: "query",
    datasource: dataSource,
    query: { query, refId: `variable-${name}` },
    refresh: 2,
    sort: 1,
    multi: all,
    includeAll: all,
    ...(all ? { current: { text: "All", value: "$__all" } } : {}),
  };
}

function dashboard(about: {
  uid: string;
  title: string;
  variables: readonly Record<string, unknown>[];
  panels: readonly PanelOptions[];
}): Dashboard {
  const source = {
    name: "datasource",
    label: "data source",
    type: "datasource",
    query: "prometheus",
    current: { text: "Millwright", value: "millwright-prometheus" },
  };
  return {
    id: null,
    uid: about.uid,
    title: about.title,
    tags: ["millwright"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: "10s",
    time: { from: "now-1h", to: "now" },
    templating: { list: [source, ...about.variables] },
    annotations: { list: [] },
    panels: layOutPanels(about.panels),
    links: about.uid === "millwright-overview" ? [] : [{ title: "Overview", type: "link", url: "/d/millwright-overview", keepTime: true }],
  };
}
