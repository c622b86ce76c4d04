import type { Config } from "../config/schema.ts";
import type {
  AlarmActEntry,
  AlarmLoadView,
  AlarmView,
  AssetView,
  CollectorEvent,
  ImpactView,
  ServiceDetail,
  ServiceView,
  ThresholdView,
  WhatIfView,
} from "../core/api.ts";
import type { ReadingColumns } from "../core/columns.ts";
import type { SourceStatus } from "../core/source.ts";
import type { IndexedSeries } from "../core/store.ts";
import { type ActOutcome, perform, refusal } from "./alarms/act.ts";
import { AlarmEngine } from "./alarms/engine.ts";
import { decodeAlarm, encodeAlarm } from "./alarms/fact.ts";
import { ruleBook } from "./alarms/rule.ts";
import { Suppression } from "./alarms/suppression.ts";
import { loadView, thresholdViews } from "./alarms/view.ts";
import type { Latest } from "./latest.ts";
import type { Plant } from "./plant.ts";
import type { Registry } from "./registry.ts";
import { Chronicle } from "./services/chronicle.ts";
import { compileGraph, type Graph, leavesOf, serviceAt, watchedBy } from "./services/graph.ts";
import { impactIfFails } from "./services/impact.ts";
import { Leaves } from "./services/leaves.ts";
import { isEvidence, longestDeadAfter, Presences } from "./services/presence.ts";
import { PresentScene } from "./services/present.ts";
import { compileWays } from "./services/reach.ts";
import { HIGH, LOW, RollUp } from "./services/rollup.ts";
import { Upkeep } from "./services/upkeep.ts";
import { PlantViews } from "./services/views.ts";
import { whatIf } from "./services/what-if.ts";
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

/** Slack, ms, after the longest `dead_after` before what is unknown is taken as news and not as the start's doing. */
const settleMs = 5000;

/**
 * The judging half of the collector. Throws GraphError where services cannot be judged. After a reload a new one is made with
 * the facts of the old one; `sources` has to be called once with what is known of them.
 */
export function createPlant(options: PlantOptions): Plant & { reset(alarm: string, now: number): boolean } {
  return new Judge(options);
}

class Judge implements Plant {
  readonly #config: PlantOptions["config"];
  readonly #graph: Graph;
  readonly #engine: AlarmEngine;
  readonly #presences: Presences;
  readonly #upkeep: Upkeep;
  readonly #rollUp: RollUp;
  readonly #scene: PresentScene;
  readonly #views: PlantViews;
  readonly #chronicle: Chronicle;
  readonly #leaves: Leaves;
  readonly #suppression: Suppression;
  /** By series: position of its asset in config, or -1. */
  #assetOf = new Int32Array(1024).fill(-1);
  readonly #settledAt: number;
  #settled: boolean = false;
  #now: number;
  #drift = 0;
  #facts = new Map<string, string>();

  constructor({ config, registry, latest, facts, startedAt }: PlantOptions) {
    this.#config = config;
    this.#now = startedAt;
    const graph = compileGraph(config);
    this.#graph = graph;
    const settledAt = startedAt + settleMs + longestDeadAfter(config.assets);
    this.#settledAt = settledAt;
    this.#chronicle = new Chronicle({ graph, facts, settledAt, scene: () => this.#scene });
    this.#engine = new AlarmEngine(ruleBook(config.alarms, watchedBy(graph), graph.index), (id) =>
      decodeAlarm(facts.get(`plant/alarm/${id}`) ?? "null"),
    );
    this.#suppression = this.#suppressed();
    const isCritical = (asset: number): boolean => this.#leaves.isCritical(asset);
    this.#presences = new Presences({ assets: config.assets, index: graph.index, startedAt, isCritical });
    this.#upkeep = new Upkeep(config, graph.index);
    this.#leaves = new Leaves({ graph, engine: this.#engine, presences: this.#presences, upkeep: this.#upkeep });
    this.#rollUp = new RollUp(graph);
    this.#scene = this.#present();
    this.#views = new PlantViews({
      config,
      scene: this.#scene,
      engine: this.#engine,
      presences: this.#presences,
      rollUp: this.#rollUp,
      agentOf: (asset) => this.#agentOf(registry, asset),
    });
    for (const series of registry.all()) this.describe(series);
    if (latest !== undefined) this.#recall(registry, latest);
    this.#begin(startedAt);
  }

  describe(series: IndexedSeries): void {
    const asset = this.#graph.index.indexOf(series.asset);
    if (series.index >= this.#assetOf.length) this.#assetOf = grown(this.#assetOf, series.index);
    this.#assetOf[series.index] = asset ?? -1;
    if (asset === undefined) return;
    this.#presences.expect(asset, series.everyMs);
    this.#engine.describe(series, asset, this.#now);
    for (const watch of this.#engine.ofSeries(series.index)) this.#suppression.add(watch);
  }

  apply(readings: ReadingColumns, now: number, skewMs = 0): void {
    const { series, time, value, quality } = readings;
    this.#engine.arrive(now + skewMs);
    const assetOf = this.#assetOf;
    for (let i = 0; i < readings.length; i++) {
      const index = series[i] ?? 0;
      const asset = index < assetOf.length ? (assetOf[index] ?? -1) : -1;
      if (asset < 0) continue;
      const at = time[i] ?? 0;
      const how = quality[i] ?? 0;
      this.#engine.read(index, at, value[i] ?? Number.NaN, how);
      if (isEvidence(how)) this.#presences.data(asset, at, now);
    }
    this.#now = Math.max(this.#now, now);
  }

  sources(statuses: readonly SourceStatus[], now: number): void {
    for (const status of statuses) {
      const asset = this.#presences.status(status, now);
      if (asset !== undefined) this.#chronicle.touchAsset(asset);
    }
    this.#now = Math.max(this.#now, now);
  }

  tick(now: number): void {
    this.#now = Math.max(this.#now, now);
    this.#engine.tick(now);
    this.#presences.tick(now);
    this.#settle(this.#upkeep.tick(now));
  }

  settled(now: number): boolean {
    this.#settled ||= now >= this.#settledAt || !this.#presences.unsure;
    return this.#settled;
  }

  changes(now: number): readonly CollectorEvent[] {
    this.#now = Math.max(this.#now, now);
    this.#settle();
    const events: CollectorEvent[] = [...this.#views.alarmEvents()];
    const { assets, services } = this.#chronicle.take();
    for (const asset of assets) events.push({ type: "asset", asset: this.#views.asset(asset, this.#scene.since(asset) ?? now) });
    for (const service of services) events.push({ type: "service", service: this.#views.service(service) });
    return events;
  }

  dirtyFacts(): ReadonlyMap<string, string> {
    this.#settle();
    const dirty = new Map([...this.#facts, ...this.#chronicle.takeDirty()]);
    this.#facts = new Map();
    return dirty;
  }

  assets(now: number): readonly AssetView[] {
    this.#now = Math.max(this.#now, now);
    this.#settle();
    return Array.from({ length: this.#graph.index.size }, (_, asset) => this.#views.asset(asset, this.#scene.since(asset) ?? now));
  }

  services(): readonly ServiceView[] {
    this.#settle();
    return this.#graph.services.map((service) => this.#views.service(service));
  }

  service(id: string): ServiceDetail | undefined {
    this.#settle();
    const service = this.#graph.serviceOf.get(id);
    return service === undefined ? undefined : this.#views.detail(service);
  }

  alarms(all = false): readonly AlarmView[] {
    this.#settle();
    return this.#views.alarms(all);
  }

  alarmLoad(now: number): AlarmLoadView {
    this.#settle();
    return loadView(this.#engine, now);
  }

  alarmRefusal(entry: AlarmActEntry): ActOutcome | undefined {
    const watch = this.#engine.find(entry.alarm);
    if (watch === undefined) return { kind: "unknown" };
    const why = refusal(watch, entry);
    return why === undefined ? undefined : { kind: "refused", why };
  }

  act(entry: AlarmActEntry): ActOutcome {
    return perform(this.#engine, entry);
  }

  thresholds(series: number): readonly ThresholdView[] {
    return this.#engine.ofSeries(series).flatMap(thresholdViews);
  }

  whatIf(set: ReadonlyMap<string, WhatIfState>): WhatIfView {
    return whatIf(this.#graph, this.#config, set);
  }

  impact(asset: string): ImpactView | undefined {
    this.#settle();
    const index = this.#graph.index.indexOf(asset);
    return index === undefined ? undefined : impactIfFails(this.#scene, compileWays(this.#config.assets, this.#graph.index), index);
  }

  checkDrift(): number {
    this.#settle();
    for (const node of this.#rollUp.repair()) {
      const service = serviceAt(this.#graph, node);
      if (service === undefined) continue;
      this.#drift++;
      this.#chronicle.noteService(service, this.#now);
    }
    return this.#drift;
  }

  /** Lets a latched alarm go, by the id of its view; false where it is not latched. */
  reset(alarm: string, now: number): boolean {
    return this.#engine.reset(alarm, now);
  }

  #present(): PresentScene {
    return new PresentScene({
      config: this.#config,
      graph: this.#graph,
      engine: this.#engine,
      presences: this.#presences,
      levels: () => this.#rollUp.levels,
      now: () => this.#now,
      liveMembers: (sum) => this.#leaves.liveMembers(sum),
      since: (node) => this.#chronicle.since(node),
      maintenance: (asset) => this.#upkeep.why(asset),
    });
  }

  /** Readings of before the start: values that still count are judged, older ones only say when there was data last. */
  #recall(registry: Registry, latest: Latest): void {
    for (const { index } of registry.all()) {
      const asset = this.#assetOf[index] ?? -1;
      const time = latest.time(index);
      if (asset < 0 || time === 0) continue;
      const quality = latest.quality(index);
      if (isEvidence(quality)) this.#presences.data(asset, time, this.#now);
      this.#engine.recall(index, { time, value: latest.value(index), quality }, this.#now);
    }
  }

  /** Takes the first look at everything, without telling anybody: a start is no news. */
  #begin(now: number): void {
    const everything = Array.from({ length: this.#graph.index.size }, (_, asset) => asset);
    for (const watch of this.#engine.standing()) this.#leaves.alarmChanged(watch.asset);
    this.#upkeep.tick(now);
    this.#presences.tick(now);
    this.#settle(everything);
    for (const service of this.#graph.services) this.#chronicle.noteService(service, this.#now);
    this.#views.forget();
    this.#chronicle.take();
  }

  /** Carries what changed from alarms and presences up to the services. */
  #settle(touched: readonly number[] = []): void {
    const leaves = new Set<number>();
    const assets = new Set(touched);
    this.#takeAlarms(assets, leaves);
    for (const asset of this.#presences.takeChanged()) assets.add(asset);
    if (assets.size > 0 || leaves.size > 0) this.#rollUpFrom(assets, leaves);
    this.#announce(assets);
  }

  /** Adds the services that changed to `assets`: both are nodes. */
  #rollUpFrom(assets: Set<number>, leaves: Set<number>): void {
    for (const asset of assets) {
      for (const leaf of leavesOf(this.#graph, asset)) leaves.add(leaf);
    }
    for (const leaf of leaves) this.#rollUp.set(leaf, this.#leaves.levels(leaf));
    for (const asset of assets) this.#chronicle.noteAsset(asset, this.#now);
    for (const node of this.#rollUp.settle()) {
      const service = serviceAt(this.#graph, node);
      if (service !== undefined) {
        this.#chronicle.noteService(service, this.#now);
        assets.add(node);
      }
    }
    this.#chronicle.noteCauses(leaves);
  }

  /** Alarms are announced once it is known what suppresses them; `nodes` are assets and services that changed. */
  #announce(nodes: Iterable<number>): void {
    this.#suppression.settle(nodes);
    this.#engine.announce(this.#now);
    this.#keepAlarms();
    for (const watch of this.#engine.takeChanged()) this.#views.alarmChanged(watch);
  }

  #keepAlarms(): void {
    for (const watch of this.#engine.takeMoved()) {
      const { levels, tallies } = watch.state;
      this.#facts.set(`plant/alarm/${watch.id}`, encodeAlarm({ levels, tallies, handling: watch.handling }));
    }
  }

  #suppressed(): Suppression {
    const presence = (asset: number): string => this.#presences.of(asset).kind;
    return new Suppression({
      assetNode: (id) => this.#graph.index.indexOf(id),
      serviceNode: (id) => this.#graph.serviceOf.get(id)?.node,
      span: (node) => ({ low: this.#rollUp.level(node, LOW), high: this.#rollUp.level(node, HIGH) }),
      isDown: (asset) => (presence(asset) === "waiting" ? undefined : presence(asset) !== "delivering"),
      isCutOff: (asset) => (presence(asset) === "waiting" ? undefined : presence(asset) === "unreachable"),
      isInMaintenance: (asset) => this.#upkeep.why(asset) !== undefined,
      suppress: (watch, why) => this.#engine.handle(watch.id, { kind: "suppress", why }),
    });
  }

  #takeAlarms(assets: Set<number>, leaves: Set<number>): void {
    this.#keepAlarms();
    for (const watch of this.#engine.takeChanged()) {
      this.#views.alarmChanged(watch);
      if (watch.rule.feeds !== "asset") leaves.add(watch.rule.feeds);
      else {
        assets.add(watch.asset);
        if (this.#leaves.alarmChanged(watch.asset)) this.#presences.refresh(watch.asset, this.#now);
      }
    }
  }

  #agentOf(registry: Registry, asset: number): string {
    const id = this.#graph.index.idOf(asset);
    const [first] = registry.ofAsset(id);
    return this.#config.assets[id]?.agent ?? (first === undefined ? "" : registry.get(first).agent);
  }
}

function grown(from: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.max(index + 1, from.length * 2)).fill(-1);
  to.set(from);
  return to;
}
