import type { Config } from "../config/schema.ts";
import type { AlarmActEntry, AlarmLoadView, AlarmView } from "../core/alarm-view.ts";
import type { CollectorEvent } from "../core/api.ts";
import type { AssetView } from "../core/asset-view.ts";
import type { ReadingColumns } from "../core/columns.ts";
import type { ThresholdView } from "../core/reading-view.ts";
import type { ImpactView, ServiceDetail, ServiceView, WhatIfView } from "../core/service-view.ts";
import type { SourceStatus } from "../core/source.ts";
import type { IndexedSeries } from "../core/store.ts";
import { type ActOutcome, perform, refusal } from "./alarms/act.ts";
import { loadView, thresholdViews } from "./alarms/view.ts";
import type { Facts } from "./fact.ts";
import type { Latest } from "./latest.ts";
import type { Part, Plant, PlantNews } from "./plant.ts";
import type { Registry } from "./registry.ts";
import { impactIfFails } from "./services/impact.ts";
import { isEvidence } from "./services/presence.ts";
import { compileWays } from "./services/reach.ts";
import { PlantViews } from "./services/views.ts";
import { whatIf } from "./services/what-if.ts";
import { Settlement } from "./settlement.ts";
import type { WhatIfState } from "./view.ts";

export interface PlantOptions {
  readonly config: Pick<Config, "assets" | "alarms" | "services" | "calendars" | "maintenance">;
  /** Series known so far; later ones come through `describe`. */
  readonly registry: Registry;
  /** Newest readings of those series, as the store kept them. */
  readonly latest?: Latest;
  /** What `dirtyFacts` gave before: of the last run, or of the plant that this one takes over from. */
  readonly facts: ReadonlyMap<string, string>;
  /** ms since epoch. */
  readonly startedAt: number;
}

/**
 * The judging half of the collector. Throws GraphError where services cannot be judged. After a reload a new one is made with
 * the facts of the old one; `sources` has to be called once with what is known of them.
 */
export function createPlant(options: PlantOptions): Plant {
  return new Judge(options);
}

/** Takes readings in and answers questions; what they change settles in between (settlement.ts). */
class Judge implements Plant {
  readonly #config: PlantOptions["config"];
  readonly #state: Settlement;
  readonly #views: PlantViews;
  /** By series: position of its asset in config, or -1. */
  #assetOf = new Int32Array(1024).fill(-1);
  #settled: boolean = false;

  constructor({ config, registry, latest, facts, startedAt }: PlantOptions) {
    this.#config = config;
    const state = new Settlement({ config, facts, startedAt, alarmChanged: (watch) => this.#views.alarmChanged(watch) });
    this.#state = state;
    const { scene, engine, presences, rollUp } = state;
    this.#views = new PlantViews({ config, scene, engine, presences, rollUp, agentOf: (asset) => this.#agentOf(registry, asset) });
    for (const series of registry.all()) this.describe(series);
    if (latest !== undefined) this.#recall(registry, latest);
    state.begin();
    // Nobody is told of a start.
    this.#views.takeAlarms();
  }

  describe(series: IndexedSeries): void {
    const { graph, presences, engine, now } = this.#state;
    const asset = graph.index.indexOf(series.asset);
    if (series.index >= this.#assetOf.length) this.#assetOf = grown(this.#assetOf, series.index);
    this.#assetOf[series.index] = asset ?? -1;
    if (asset === undefined) return;
    presences.expect(asset, series.everyMs);
    engine.describe(series, asset, now);
    for (const watch of engine.ofSeries(series.index)) this.#state.watch(watch);
  }

  apply(readings: ReadingColumns, now: number, skewMs = 0): void {
    const { series, time, value, quality } = readings;
    const { engine, presences } = this.#state;
    engine.arrive(now + skewMs);
    const assetOf = this.#assetOf;
    for (let i = 0; i < readings.length; i++) {
      const index = series[i] ?? 0;
      const asset = index < assetOf.length ? (assetOf[index] ?? -1) : -1;
      if (asset < 0) continue;
      const at = time[i] ?? 0;
      const how = quality[i] ?? 0;
      engine.read(index, at, value[i] ?? Number.NaN, how);
      if (isEvidence(how)) presences.data(asset, at, now);
    }
    this.#state.passTo(now);
  }

  sources(statuses: readonly SourceStatus[], now: number): void {
    for (const status of statuses) {
      const asset = this.#state.presences.status(status, now);
      if (asset !== undefined) this.#state.chronicle.touchAsset(asset);
    }
    this.#state.passTo(now);
  }

  tick(now: number): void {
    this.#state.passTo(now);
    this.#state.engine.tick(now);
    this.#state.presences.tick(now);
    this.#state.settle(this.#state.upkeep.tick(now));
  }

  settled(now: number): boolean {
    this.#settled ||= now >= this.#state.settledAt || !this.#state.presences.unsure;
    return this.#settled;
  }

  settle(now: number): void {
    this.#state.passTo(now);
    this.#state.settle();
  }

  news(now: number): PlantNews {
    this.settle(now);
    const alarms = this.#views.takeAlarms();
    const { assets, services } = this.#state.chronicle.take();
    const told = this.#views.services(services).map((service) => ({ type: "service" as const, service }));
    return {
      services: told,
      assets: Array.from(assets, (asset) => ({ type: "asset", asset: this.#views.assetLevel(asset) })),
      size: alarms.length + assets.size + told.length,
      events: () => [
        ...alarms.map((alarm) => this.#views.alarmEvent(alarm)),
        ...Array.from(assets, (asset): CollectorEvent => ({ type: "asset", asset: this.#asset(asset, now) })),
        ...told,
      ],
    };
  }

  changes(now: number): readonly CollectorEvent[] {
    return this.news(now).events();
  }

  dirtyFacts(): Facts {
    this.#state.settle();
    return this.#state.takeFacts();
  }

  assets(now: number): readonly AssetView[] {
    this.settle(now);
    return Array.from({ length: this.#state.graph.index.size }, (_, asset) => this.#asset(asset, now));
  }

  asset(id: string, now: number): AssetView | undefined {
    this.settle(now);
    const asset = this.#state.graph.index.indexOf(id);
    return asset === undefined ? undefined : this.#asset(asset, now);
  }

  assetLevels(now: number): ReturnType<Plant["assetLevels"]> {
    this.settle(now);
    return Array.from({ length: this.#state.graph.index.size }, (_, asset) => this.#views.assetLevel(asset));
  }

  services(): readonly ServiceView[] {
    this.#state.settle();
    return this.#views.services(this.#state.graph.services);
  }

  service(id: string): ServiceDetail | undefined {
    this.#state.settle();
    const service = this.#state.graph.serviceOf.get(id);
    return service === undefined ? undefined : this.#views.detail(service);
  }

  alarms(all = false, part?: Part): readonly AlarmView[] {
    this.#state.settle();
    return this.#views.alarms(all, part);
  }

  alarmLoad(now: number): AlarmLoadView {
    this.#state.settle();
    return loadView(this.#state.engine, now);
  }

  knowsAlarm(id: string): boolean {
    return this.#state.engine.find(id) !== undefined;
  }

  alarmRefusal(entry: AlarmActEntry): ActOutcome | undefined {
    const watch = this.#state.engine.find(entry.alarm);
    if (watch === undefined) return { kind: "unknown" };
    const why = refusal(watch, entry);
    return why === undefined ? undefined : { kind: "refused", why };
  }

  act(entry: AlarmActEntry): ActOutcome {
    return perform(this.#state.engine, entry);
  }

  thresholds(series: number): readonly ThresholdView[] {
    return this.#state.engine.ofSeries(series).flatMap((watch) => (watch.rule.feeds === "suppression" ? [] : thresholdViews(watch)));
  }

  whatIf(set: ReadonlyMap<string, WhatIfState>): WhatIfView {
    return whatIf(this.#state.graph, this.#config, set);
  }

  impact(asset: string): ImpactView | undefined {
    this.#state.settle();
    const { graph, scene } = this.#state;
    const index = graph.index.indexOf(asset);
    return index === undefined ? undefined : impactIfFails(scene, compileWays(this.#config.assets, graph.index), index);
  }

  checkDrift(): number {
    return this.#state.repair();
  }

  #asset(asset: number, now: number): AssetView {
    return this.#views.asset(asset, this.#state.scene.since(asset) ?? now);
  }

  /** Readings of before the start: values that still count are judged, older ones only say when there was data last. */
  #recall(registry: Registry, latest: Latest): void {
    const { engine, presences, now } = this.#state;
    for (const { index } of registry.all()) {
      const asset = this.#assetOf[index] ?? -1;
      const time = latest.time(index);
      if (asset < 0 || time === 0) continue;
      const quality = latest.quality(index);
      if (isEvidence(quality)) presences.data(asset, time, now);
      engine.recall(index, { time, value: latest.value(index), quality }, now);
    }
  }

  #agentOf(registry: Registry, asset: number): string {
    const id = this.#state.graph.index.idOf(asset);
    const [first] = registry.ofAsset(id);
    return this.#config.assets[id]?.agent ?? (first === undefined ? "" : registry.get(first).agent);
  }
}

function grown(from: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.max(index + 1, from.length * 2)).fill(-1);
  to.set(from);
  return to;
}
