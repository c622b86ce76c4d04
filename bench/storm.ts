import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { mostPerTurn } from "../collector/control-room.ts";
import { createPlant } from "../collector/judge.ts";
import { Registry } from "../collector/registry.ts";
import { config as schema } from "../config/schema.ts";
import { ColumnBuilder, partOf, type ReadingColumns } from "../core/columns.ts";
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
  const before = liveMegabytes();
  let now = Date.UTC(2026, 0, 1);
  const start = performance.now();
  const plant = createPlant({ config, registry, facts: new Map(), startedAt: now });
  const made = performance.now() - start;
  const round = (value: number): { ms: number; note: string } => {
    now += everyMs;
    const batch = batchOf(now, value);
    let events = 0;
    const before = process.cpuUsage();
    // The turns of the loop in which the collector goes about it.
    const turns = Array.from({ length: Math.ceil(assets / mostPerTurn) }, (_, i) =>
      msOf(() => plant.apply(partOf(batch, i * mostPerTurn, (i + 1) * mostPerTurn), now)),
    );
    turns.push(
      msOf(() => plant.settle(now)),
      msOf(() => {
        events = plant.news(now).size;
      }),
      msOf(() => plant.dirtyFacts()),
    );
    const { user, system } = process.cpuUsage(before);
    const ms = turns.reduce((sum, turn) => sum + turn);
    return {
      ms,
      note: `${events} events; ${Math.round((user + system) / 1000)} ms of CPU; the longest turn of the loop ${Math.max(...turns).toFixed(0)} ms`,
    };
  };
  round(20);
  const resting = liveMegabytes();
  const raised = round(99);
  const again = round(99);
  const alarmed = liveMegabytes();
  const cleared = round(20);
  return [
    { name: "a plant of 100,000 alarms and 10,000 services, made (start, reload)", value: made, unit: "ms" },
    { name: "100,000 alarms at once, whole judge", value: raised.ms, unit: "ms", note: raised.note },
    { name: "the same readings again", value: again.ms, unit: "ms", note: again.note },
    { name: "100,000 alarms end at once", value: cleared.ms, unit: "ms", note: cleared.note },
    { name: "memory of the plant at rest", value: resting - before, unit: "MB", note: "live, after a garbage collection" },
    { name: "memory that 100,000 alarms add", value: alarmed - resting, unit: "MB", note: "live, after a garbage collection" },
  ];
}

function msOf(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

/** What is alive, not what the process was given: V8 lets garbage lie while memory is free. */
function liveMegabytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed / 1e6;
}

const description = {
  metric: "temperature_celsius",
  labels: {},
  unit: "Cel",
  kind: "gauge" as const,
  origin: "",
  everyMs,
  agent: "bench",
};

/** Lines of twenty assets behind their first one, a service on each, and tops that hang on one another. */
function stormPlant() {
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

function batchOf(time: number, value: number): ReadingColumns {
  const columns = new ColumnBuilder(assets);
  // Each device has its own moment.
  for (let i = 0; i < assets; i++) columns.put(i, time - (i % 997), value, Q.Good);
  return columns.view();
}
