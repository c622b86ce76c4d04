import { Latest } from "../collector/latest.ts";
import { createMetricsText } from "../collector/metrics/text.ts";
import { emptyProposal, Registry } from "../collector/registry.ts";
import type { CollectorView } from "../collector/view.ts";
import { ColumnBuilder } from "../core/columns.ts";
import { Q } from "../core/quality.ts";
import type { BenchRow } from "./row.ts";

const seriesCount = 100_000;
const runs = 9;
const metrics = ["temperature_celsius", "active_power_watts", "if_in_octets_total", "pressure_pascals", "load_ratio"];

/** Time that one scrape of /metrics keeps the event loop, at 100,000 series: median of 9 after two to warm up. */
export async function metricsBench(): Promise<BenchRow[]> {
  const now = Date.now();
  const text = createMetricsText(viewOf(now));
  const first = performance.now();
  (await text.render()).release();
  const cold = performance.now() - first;
  (await text.render()).release();
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const answer = await text.render();
    times.push(performance.now() - start);
    bytes = answer.bytes.length;
    answer.release();
  }
  times.sort((a, b) => a - b);
  const megabytes = (bytes / 1e6).toFixed(1);
  return [
    { name: "/metrics, 100,000 series", value: times[runs >> 1] ?? 0, unit: "ms", note: `${megabytes} MB of text, median of ${runs}` },
    { name: "/metrics, first scrape", value: cold, unit: "ms", note: "labels rendered" },
  ];
}

/** A collector with 2,000 assets of 50 series each, all fresh. */
function viewOf(now: number): CollectorView {
  const proposal = emptyProposal();
  const described = Array.from({ length: seriesCount }, (_, i) => {
    const metric = metrics[i % metrics.length] ?? "";
    return {
      asset: `asset-${Math.floor(i / 50)}`,
      metric,
      labels: { sensor: `sensor-${i % 50}`, line: `${i % 7}` },
      unit: "1",
      kind: metric.endsWith("_total") ? ("counter" as const) : ("gauge" as const),
      origin: `holding:${i}`,
      everyMs: 10_000,
      number: i,
    };
  });
  const registry = new Registry();
  registry.propose({ agent: "bench", epoch: "e" }, described, proposal);
  registry.accept({ series: proposal.series.values(), aliases: proposal.aliases });
  const columns = new ColumnBuilder(seriesCount);
  for (let i = 0; i < seriesCount; i++) columns.put(i, now, Math.round(i * 137.7) / 100, Q.Good);
  const latest = new Latest();
  latest.apply(columns.view(), now);
  return {
    registry,
    latest,
    now: () => now,
    assets: () => [],
    asset: () => undefined,
    services: () => [],
    service: () => undefined,
    alarms: () => [],
    alarmLoad: () => ({ last_10_minutes: 0, flood: false, announced_total: 0, most_frequent: [] }),
    duty: {
      incidents: () => [],
      incident: () => undefined,
      acknowledge: () => undefined,
      channels: () => [],
      channelViews: () => Promise.resolve([]),
      retry: () => Promise.resolve(0),
    },
    topology: { neighbours: () => undefined, topology: () => ({ assets: [], links: [], unknown: [], suggestions: [] }) },
    agents: () => [],
    readings: () => [],
    thresholds: () => [],
    range: () => Promise.resolve({ series: [] }),
    events: () => Promise.resolve([]),
    whatIf: () => ({ services: {} }),
    impact: () => undefined,
    subscribe: () => () => {},
    counts: () => ({ readings: new Map(), rollupDrift: 0, sinks: [] }),
    notReady: () => undefined,
  };
}
