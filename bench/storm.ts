import { createPlant } from "../collector/judge.ts";
import { Registry } from "../collector/registry.ts";
import { config as schema } from "../config/schema.ts";
import { ColumnBuilder, type ReadingColumns } from "../core/columns.ts";
import { Q } from "../core/quality.ts";
import type { BenchRow } from "./row.ts";

const assets = 100_000;
const perLine = 20;
const everyMs = 30_000;

/** All of 100,000 assets go into alarm in one batch, and out of it in another: through the whole judge, with all that is told and kept. */
export function alarmStorm(): BenchRow[] {
  const config = { ...stormPlant(), directory: "." };
  const registry = new Registry();
  const series = Array.from({ length: assets }, (_, index) => ({ ...description, asset: `a${index}`, index }));
  registry.accept({ series, aliases: [] });
  const before = process.memoryUsage().rss;
  let now = Date.UTC(2026, 0, 1);
  const start = performance.now();
  const plant = createPlant({ config, registry, facts: new Map(), startedAt: now });
  const made = performance.now() - start;
  const round = (value: number): { ms: number; events: number } => {
    now += everyMs;
    const batch = batchOf(now, value);
    const from = performance.now();
    plant.apply(batch, now);
    plant.tick(now);
    const events = plant.changes(now).length;
    plant.dirtyFacts();
    return { ms: performance.now() - from, events };
  };
  round(20);
  const raised = round(99);
  const again = round(99);
  const megabytes = (process.memoryUsage().rss - before) / 1e6;
  const cleared = round(20);
  return [
    { name: "a plant of 100,000 alarms and 10,000 services, made (start, reload)", value: made, unit: "ms" },
    { name: "100,000 alarms at once, whole judge", value: raised.ms, unit: "ms", note: `${raised.events} events` },
    { name: "the same readings again", value: again.ms, unit: "ms", note: `${again.events} events` },
    { name: "100,000 alarms end at once", value: cleared.ms, unit: "ms", note: `${cleared.events} events` },
    { name: "memory of it, all in alarm", value: megabytes, unit: "MB" },
  ];
}

export const description = {
  metric: "temperature_celsius",
  labels: {},
  unit: "Cel",
  kind: "gauge" as const,
  origin: "",
  everyMs,
  agent: "bench",
};

/** Lines of twenty assets behind their first one, a service on each, and tops that hang on one another. */
export function stormPlant() {
  const snmp = { host: "127.0.0.1", community: "env:C", every: "30s" };
  const found: Record<string, object> = {};
  const services: Record<string, object> = {};
  for (let i = 0; i < assets; i++) {
    const first = i - (i % perLine);
    found[`a${i}`] = { labels: { type: "t", line: `l${first / perLine}` }, via: i === first ? [] : [`a${first}`], snmp };
  }
  for (let i = 0; i < assets / perLine; i++) {
    services[`line-${i}`] = { needs: [`80% of {line=l${i}}`] };
    services[`top-${i}`] = { needs: [`service line-${i}`, ...(i % 10 === 0 ? [] : [`service top-${i - (i % 10)}`])] };
  }
  const hot = { on: { type: "t" }, metric: description.metric, warning: { above: 60 }, critical: { above: 85 } };
  return schema.parse({ assets: found, services, alarms: { hot } });
}

export function batchOf(time: number, value: number): ReadingColumns {
  const columns = new ColumnBuilder(assets);
  // Each device has its own moment.
  for (let i = 0; i < assets; i++) columns.put(i, time - (i % 997), value, Q.Good);
  return columns.view();
}
