import type { CollectorEvent } from "../core/api.ts";
import type { AgentView, AssetView } from "../core/asset-view.ts";
import type { Clock } from "../core/clock.ts";
import { isGood } from "../core/quality.ts";
import type { RangeView, ReadingView } from "../core/reading-view.ts";
import type { ServiceView, WhatIfView } from "../core/service-view.ts";
import { sourceUpMetric } from "../core/source.ts";
import type { Store } from "../core/store.ts";
import { reachOf } from "./agents.ts";
import type { Wanted } from "./announcer.ts";
import type { ControlRoom } from "./control-room.ts";
import type { Feeder } from "./journal/sinks.ts";
import type { Latest } from "./latest.ts";
import type { IncidentDesk } from "./notify/duty.ts";
import type { Part, Plant } from "./plant.ts";
import { rangeView, readingView } from "./reading-view.ts";
import type { Registry } from "./registry.ts";
import type { CollectorCounts, CollectorView, WhatIfState } from "./view.ts";

/** What the view is composed of. */
export interface LiveParts {
  readonly room: ControlRoom;
  readonly store: Pick<Store, "range" | "events">;
  readonly clock: Clock;
  readonly feeders: readonly Feeder[];
  readonly notReady: () => string | undefined;
}

/** The running collector as API, metrics and events see it. */
export class LiveView implements CollectorView {
  readonly #parts: LiveParts;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get registry(): Registry {
    return this.#parts.room.registry;
  }

  get latest(): Latest {
    return this.#parts.room.latest;
  }

  now(): number {
    return this.#parts.clock.now();
  }

  assets(): readonly AssetView[] {
    return this.#plant.assets(this.now()).map((asset) => completed(this.#parts.room, asset));
  }

  asset(id: string): AssetView | undefined {
    const asset = this.#plant.asset(id, this.now());
    return asset === undefined ? undefined : completed(this.#parts.room, asset);
  }

  services(): ReturnType<CollectorView["services"]> {
    return this.#plant.services().map((service) => this.#withSlo(service));
  }

  service(id: string): ReturnType<CollectorView["service"]> {
    const service = this.#plant.service(id);
    if (service === undefined) return undefined;
    const hours = this.#parts.room.levels.hours(id);
    return { ...this.#withSlo(service), ...(hours === undefined ? {} : { hours }) };
  }

  alarms(all = false, part?: Part): ReturnType<CollectorView["alarms"]> {
    return this.#plant.alarms(all, part);
  }

  alarmLoad(): ReturnType<CollectorView["alarmLoad"]> {
    return this.#plant.alarmLoad(this.now());
  }

  get duty(): IncidentDesk {
    return this.#parts.room.duty;
  }

  get topology(): CollectorView["topology"] {
    return this.#parts.room.topology;
  }

  agents(): readonly AgentView[] {
    return this.#parts.room.agents.views(this.now(), reachOf(this.registry.all()));
  }

  readings(asset?: string): readonly ReadingView[] {
    const indexes = asset === undefined ? this.registry.all().keys() : this.registry.ofAsset(asset);
    const views: ReadingView[] = [];
    for (const index of indexes) {
      if (this.latest.time(index) > 0) views.push(readingView(this.registry.get(index), this.latest, this.thresholds(index)));
    }
    return views;
  }

  thresholds(series: number): ReturnType<CollectorView["thresholds"]> {
    return this.#plant.thresholds(series);
  }

  async range(query: { asset: string; metric: string; from: number; to: number; points?: number }): Promise<RangeView> {
    const { asset, metric, ...span } = query;
    const series = this.registry.ofAsset(asset).filter((index) => this.registry.get(index).metric === metric);
    const found = await this.#parts.store.range({ series, ...span });
    return rangeView(found, (index) => this.registry.get(index), query.points !== undefined);
  }

  events(query: Parameters<Store["events"]>[0]): ReturnType<Store["events"]> {
    return this.#parts.store.events(query);
  }

  whatIf(set: ReadonlyMap<string, WhatIfState>): WhatIfView {
    return this.#plant.whatIf(set);
  }

  impact(asset: string): ReturnType<CollectorView["impact"]> {
    return this.#plant.impact(asset);
  }

  subscribe(listener: (event: CollectorEvent) => void, wanted?: Wanted): () => void {
    return this.#parts.room.announcer.subscribe(listener, wanted);
  }

  counts(): CollectorCounts {
    const sinks = this.#parts.feeders.map((feeder) => feeder.counts());
    return { readings: this.#parts.room.counts.all(), rollupDrift: this.#parts.room.drift, sinks };
  }

  notReady(): string | undefined {
    return this.#parts.notReady();
  }

  #withSlo<S extends ServiceView>(service: S): S {
    const slo = this.#parts.room.levels.slo(service.id);
    return slo === undefined ? service : { ...service, slo };
  }

  get #plant(): Plant {
    return this.#parts.room.plant;
  }
}

type Heard = Pick<ControlRoom, "registry" | "latest" | "told">;

/** The plant judges assets; what is written on them, and when a source was heard since its state changed, it does not know. */
export function completed(heard: Heard, asset: AssetView): AssetView {
  const sources = asset.sources.map((source) => {
    const last_ok = Math.max(source.last_ok ?? 0, heardAt(heard, asset.id, source.protocol));
    return { ...source, last_ok: last_ok > 0 ? last_ok : null };
  });
  return { ...asset, sources, inventory: heard.told.inventory(asset.id) };
}

/** Time of the newest good round, which agents write as a reading; 0 where the newest was not good. */
function heardAt({ registry, latest }: Heard, asset: string, protocol: string): number {
  const index = registry.find(asset, sourceUpMetric, { protocol });
  return index !== undefined && isGood(latest.quality(index)) ? latest.time(index) : 0;
}
