import { AlarmEngine } from "../collector/alarms/engine.ts";
import { ruleBook } from "../collector/alarms/rule.ts";
import { causesOf } from "../collector/services/causes.ts";
import { compileGraph, type Graph } from "../collector/services/graph.ts";
import { type LeafLevels, RollUp, rollUp } from "../collector/services/rollup.ts";
import { AssetIndex } from "../config/members.ts";
import { config as schema } from "../config/schema.ts";
import type { Level } from "../core/level.ts";
import { Q } from "../core/quality.ts";
import { endToEndBench } from "./end-to-end.ts";
import { type BenchRow, median } from "./row.ts";
import { alarmStorm } from "./storm.ts";

const assets = 100_000;
const services = 10_000;

/** Roll-up at 100,000 assets, 10,000 services and 115,000 edges, and the cost of alarms per reading. */
export async function servicesBench(): Promise<BenchRow[]> {
  const config = bigPlant();
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const graph = compileGraph(config);
  const incremental = new RollUp(graph);
  const loadMs = performance.now() - start;
  const megabytes = (process.memoryUsage().rss - before) / 1e6;
  const rows: BenchRow[] = [
    {
      name: "load",
      value: loadMs,
      unit: "ms",
      note: `target 2,000; ${assets} assets, ${services} services, ${graph.down.node.length} edges`,
    },
    { name: "memory of graph and levels", value: megabytes, unit: "MB", note: "target 120" },
    ...oneChange(graph, incremental),
    allAtOnce(graph, incremental),
    fullRecompute(graph),
    perReading(0),
    perReading(4),
    ladder(),
    ...alarmStorm(),
    ...(await endToEndBench()),
  ];
  return rows;
}

/** Sixteen diamonds on top of each other, on one asset that fails: a list of ways would have 262,140 entries. */
function ladder(): BenchRow {
  const tree: Record<string, { needs: string[] }> = {};
  for (let i = 0; i < 16; i++) {
    const below = i === 0 ? "asset x" : `service top-${i - 1}`;
    for (const side of ["left", "right"]) tree[`${side}-${i}`] = { needs: [below] };
    tree[`top-${i}`] = { needs: [`service left-${i}`, `service right-${i}`] };
  }
  const graph = compileGraph(schema.parse({ assets: { x: {} }, services: tree }));
  const levels = rollUp(graph, () => known(3));
  const top = graph.serviceOf.get("top-15")?.node ?? 0;
  const start = performance.now();
  let causes = 0;
  for (let i = 0; i < 1000; i++) causes = causesOf(graph, levels, top).length;
  return { name: "root cause on a ladder of 16 diamonds", value: performance.now() - start, unit: "us", note: `${causes} cause` };
}

/** Ten fillers a line, half the lines by quorum and half by capacity, and 5,000 services on top that need three each. */
function bigPlant() {
  const made: Record<string, object> = {};
  const tree: Record<string, { needs: (string | object)[] }> = {};
  const lines = services / 2;
  const perLine = assets / lines;
  for (let i = 0; i < assets; i++) made[`a${i}`] = { labels: { line: `l${Math.floor(i / perLine)}` }, attributes: { bph: 100 } };
  for (let i = 0; i < lines; i++) {
    const need = i % 2 === 0 ? `80% of {line=l${i}}` : { sum: `{line=l${i}}`, weight: "bph", at_least: 1500 };
    tree[`line-${i}`] = { needs: [need] };
    // The first of ten tops carries the other nine.
    tree[`top-${i}`] = { needs: [`service line-${i}`, ...(i % 10 === 0 ? [] : [`service top-${i - (i % 10)}`])] };
  }
  return schema.parse({ assets: made, services: tree });
}

const known = (level: Level): LeafLevels => ({ low: level, high: level, unplanned: level });

function oneChange(graph: Graph, incremental: RollUp): BenchRow[] {
  const micros: number[] = [];
  for (let i = 0; i < 100_000; i++) {
    const leaf = (i * 7919) % graph.leaves;
    const to = known(((i >> 3) % 4) as Level);
    const start = performance.now();
    incremental.set(leaf, to);
    incremental.settle();
    micros.push(1000 * (performance.now() - start));
  }
  const sorted = micros.slice(20_000).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return [
    { name: "one change, p50", value: at(0.5), unit: "us" },
    { name: "one change, p99", value: at(0.99), unit: "us", note: "target 20" },
  ];
}

function allAtOnce(graph: Graph, incremental: RollUp): BenchRow {
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const to = known(round % 2 === 0 ? 3 : 0);
    const start = performance.now();
    for (let leaf = 0; leaf < graph.leaves; leaf++) incremental.set(leaf, to);
    incremental.settle();
    times.push(performance.now() - start);
  }
  return { name: "100,000 changes at once", value: median(times), unit: "ms", note: "target 10" };
}

function fullRecompute(graph: Graph): BenchRow {
  const levels = [known(0), known(1), known(2), known(3)];
  const ok = known(0);
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    rollUp(graph, (leaf) => levels[(leaf + round) & 3] ?? ok);
    times.push(performance.now() - start);
  }
  return { name: "full recompute (drift check, what-if)", value: median(times), unit: "ms" };
}

/** A reading of a series with so many thresholds, values moving and none of them reached. */
function perReading(thresholds: number): BenchRow {
  const series = 10_000;
  const ids = Array.from({ length: series }, (_, i) => `a${i}`);
  const index = new AssetIndex(ids.map((id) => ({ id, labels: { type: "t" } })));
  const two = {
    on: { type: "t" },
    metric: "m",
    warning: { above: 70, clear: 66, for: "30s" },
    critical: { above: 85, clear: 80, for: "10s" },
  };
  const low = { ...two, warning: { below: 10, clear: 12 }, critical: { below: 5, clear: 7, hold: "10s" } };
  const { alarms } = schema.parse({ alarms: thresholds === 0 ? {} : { high: two, low } });
  const engine = new AlarmEngine(ruleBook(alarms, [], index));
  const description = { metric: "m", labels: {}, unit: "Cel", kind: "gauge" as const, origin: "", everyMs: 1000, agent: "a" };
  for (const [i, asset] of ids.entries()) engine.describe({ ...description, asset, index: i }, i, 0);
  const times: number[] = [];
  for (let round = 1; round <= 60; round++) {
    const start = performance.now();
    for (let i = 0; i < series; i++) engine.read(i, round * 1000, 20 + ((i + round) % 40), Q.Good);
    times.push((1e6 * (performance.now() - start)) / series);
  }
  return {
    name: `one reading, ${thresholds === 0 ? "no" : "four"} thresholds`,
    value: median(times),
    unit: "ns",
    note: `target ${thresholds === 0 ? 150 : 1000}`,
  };
}
