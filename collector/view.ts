import type { AlarmLoadView, AlarmView } from "../core/alarm-view.ts";
import type { CollectorEvent } from "../core/api.ts";
import type { AssetEvent } from "../core/asset-event.ts";
import type { AgentView, AssetView } from "../core/asset-view.ts";
import type { RangeView, ReadingView, ThresholdView } from "../core/reading-view.ts";
import type { ImpactView, ServiceDetail, ServiceView, WhatIfView } from "../core/service-view.ts";
import type { EventQuery } from "../core/store.ts";
import type { Wanted } from "./announcer.ts";
import type { Latest } from "./latest.ts";
import type { IncidentDesk } from "./notify/duty.ts";
import type { Part } from "./plant.ts";
import type { Registry } from "./registry.ts";
import type { TopologyBook } from "./topology/book.ts";

/** What a reader sets in a what-if: any asset it does not name is ok. */
export const whatIfStates = ["ok", "warning", "major", "critical", "unknown", "maintenance"] as const;
export type WhatIfState = (typeof whatIfStates)[number];

/** What API, metrics and events read: snapshots, with no way to change anything. */
export interface CollectorView {
  readonly registry: Registry;
  readonly latest: Latest;
  assets(): readonly AssetView[];
  /** Undefined for an id that config does not know. */
  asset(id: string): AssetView | undefined;
  services(): readonly ServiceView[];
  /** Undefined for an id that config does not know. */
  service(id: string): ServiceDetail | undefined;
  /** Those whose process is not normal; with `all` also those that wait for an operator, or are put aside, while theirs is. */
  alarms(all?: boolean, part?: Part): readonly AlarmView[];
  alarmLoad(): AlarmLoadView;
  /** Incidents, and who is told of them. */
  readonly duty: IncidentDesk;
  /** What hangs on which port of what. */
  readonly topology: Pick<TopologyBook, "neighbours" | "topology">;
  agents(): readonly AgentView[];
  /** Newest readings of one asset, or of all. */
  readings(asset?: string): readonly ReadingView[];
  /** Limits of alarms on a series, by index. They change with config (event `config`) and with the series' description only. */
  thresholds(series: number): readonly ThresholdView[];
  range(query: { asset: string; metric: string; from: number; to: number; points?: number }): Promise<RangeView>;
  /** What an asset told of its own accord, the newest first. */
  events(query: EventQuery): Promise<readonly AssetEvent[]>;
  /** Levels of all services if assets stood so; changes nothing. */
  whatIf(set: ReadonlyMap<string, WhatIfState>): WhatIfView;
  /** What else fails if this asset does; undefined for an id that config does not know. Changes nothing. */
  impact(asset: string): ImpactView | undefined;
  /** Calls with each event, or with those that are wanted, until the returned function is called. */
  subscribe(listener: (event: CollectorEvent) => void, wanted?: Wanted): () => void;
  /** Self-metrics: readings by outcome and the like. */
  counts(): CollectorCounts;
  /** Undefined while ready; otherwise why not, in one sentence. */
  notReady(): string | undefined;
  now(): number;
}

export interface CollectorCounts {
  /** `stored`, `duplicate`, `refused_future`, `refused_malformed`, `lost` (in gaps). */
  readonly readings: ReadonlyMap<string, number>;
  /** Services whose incremental level differed from a full recompute; 0 for ever, we trust. */
  readonly rollupDrift: number;
  readonly sinks: readonly { readonly name: string; readonly behind: number; readonly written: number; readonly rejected: number }[];
}
