import type { Config } from "../../config/schema.ts";
import type { Labels, SeriesDescription } from "../../core/reading.ts";
import { fits, type Rule, ruleBook } from "../alarms/rule.ts";
import { impactOf } from "../services/causes.ts";
import { compileGraph, type Graph } from "../services/graph.ts";
import { type Advice, adviceFor } from "./advice.ts";
import { type Episode, type Played, play, type Track } from "./play.ts";

/** Where stored readings come from. */
export interface History {
  /** Every series that there is of an asset. Rejects where that cannot be said. */
  series(asset: string): Promise<readonly SeriesDescription[]>;
  /** Every series of an asset's metric over [from, to), in order of time. Rejects where they cannot be had. */
  tracks(query: { asset: string; metric: string; from: number; to: number }): Promise<readonly Track[]>;
}

/** One alarm over the time asked about. */
export interface AlarmRecord {
  readonly alarm: string;
  /** How often it became active. */
  readonly count: number;
  /** Assets on which it did, the one with the most first. */
  readonly assets: readonly string[];
  readonly activeMs: number;
  readonly longestMs: number;
  /** How many of them were at least the third within a minute on the same series (ISA-18.2: chattering). */
  readonly chattering: number;
  /** Services that rely on those assets. */
  readonly services: readonly string[];
  readonly advice: readonly Advice[];
  readonly episodes: readonly (Episode & { readonly asset: string; readonly labels: Labels })[];
}

/** A service over the time asked about. */
export interface ServiceRecord {
  readonly service: string;
  /** How many alarms its parts had, and how long at least one was active. */
  readonly count: number;
  readonly activeMs: number;
}

export interface Backtest {
  readonly from: number;
  readonly to: number;
  readonly alarms: readonly AlarmRecord[];
  readonly services: readonly ServiceRecord[];
  /** How many readings were played. */
  readonly readings: number;
}

export interface BacktestOptions {
  readonly config: Config;
  readonly history: History;
  readonly from: number;
  readonly to: number;
  /** Only this alarm. */
  readonly alarm?: string;
}

/** Plays a config's alarms over history. Rejects with what the history rejects with. */
export async function backtest({ config, history, from, to, alarm }: BacktestOptions): Promise<Backtest> {
  const graph = compileGraph(config);
  const book = ruleBook(config.alarms, [], graph.index);
  const records: AlarmRecord[] = [];
  let readings = 0;
  for (const [id, settings] of Object.entries(config.alarms)) {
    if (alarm !== undefined && alarm !== id) continue;
    const played: Played[] = [];
    for (const asset of graph.index.select(settings.on ?? { labels: { id: settings.asset ?? "" } })) {
      const rule = book.get(asset)?.find((one) => one.id === id);
      if (rule === undefined) continue;
      const at = graph.index.idOf(asset);
      for (const metric of await metricsIn(history, at, rule)) {
        const found = await history.tracks({ asset: at, metric, from, to });
        played.push(...found.filter(({ series }) => fits(rule, series)).map((track) => ({ rule, track })));
      }
    }
    readings += played.reduce((sum, { track }) => sum + track.length, 0);
    records.push(recordOf(id, { graph, all: played, span: { from, to } }));
  }
  records.sort((a, b) => b.count - a.count || (a.alarm < b.alarm ? -1 : 1));
  return { from, to, alarms: records, services: serviceRecords(records, to, graph), readings };
}

/** The metrics of an asset that a rule is about. */
async function metricsIn(history: History, asset: string, rule: Rule): Promise<Iterable<string>> {
  if (rule.metrics.length > 0) return rule.metrics;
  return new Set((await history.series(asset)).flatMap((series) => (fits(rule, series) ? [series.metric] : [])));
}

function recordOf(alarm: string, of: { graph: Graph; all: readonly Played[]; span: { from: number; to: number } }): AlarmRecord {
  const { graph, all, span } = of;
  const played = all.map((one) => ({ track: one.track, episodes: play(one, span) }));
  const counts = new Map<string, number>();
  for (const { track, episodes } of played) {
    if (episodes.length > 0) counts.set(track.series.asset, (counts.get(track.series.asset) ?? 0) + episodes.length);
  }
  const episodes = played.flatMap(({ track, episodes: own }) =>
    own.map((episode) => ({ ...episode, asset: track.series.asset, labels: track.series.labels })),
  );
  const lasted = episodes.map((episode) => (episode.to ?? span.to) - episode.from);
  const assets = [...counts].sort((a, b) => b[1] - a[1]).map(([asset]) => asset);
  return {
    alarm,
    count: episodes.length,
    assets,
    activeMs: lasted.reduce((sum, ms) => sum + ms, 0),
    longestMs: lasted.reduce((most, ms) => Math.max(most, ms), 0),
    chattering: played.reduce((sum, one) => sum + chattering(one.episodes), 0),
    services: servicesOf(graph, assets),
    advice: adviceFor(all, span),
    episodes: episodes.sort((a, b) => a.from - b.from),
  };
}

function chattering(episodes: readonly Episode[]): number {
  return episodes.filter((episode, i) => episode.from - (episodes[i - 2]?.from ?? Number.NEGATIVE_INFINITY) < 60_000).length;
}

function servicesOf(graph: Graph, assets: readonly string[]): readonly string[] {
  return impactOf(
    graph,
    assets.flatMap((asset) => graph.index.indexOf(asset) ?? []),
  ).map((service) => service.id);
}

function serviceRecords(alarms: readonly AlarmRecord[], to: number, graph: Graph): readonly ServiceRecord[] {
  const spans = new Map<string, { from: number; to: number }[]>();
  const above = new Map<string, readonly string[]>();
  for (const { asset, from, to: ended } of alarms.flatMap(({ episodes }) => episodes)) {
    const services = above.get(asset) ?? servicesOf(graph, [asset]);
    above.set(asset, services);
    for (const service of services) {
      const all = spans.get(service) ?? [];
      spans.set(service, all);
      all.push({ from, to: ended ?? to });
    }
  }
  const records = [...spans].map(([service, all]) => ({ service, count: all.length, activeMs: unionMs(all) }));
  return records.sort((a, b) => b.activeMs - a.activeMs);
}

/** How long at least one of these lasted. */
function unionMs(spans: readonly { from: number; to: number }[]): number {
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    total += Math.max(0, span.to - Math.max(span.from, until));
    until = Math.max(until, span.to);
  }
  return total;
}
