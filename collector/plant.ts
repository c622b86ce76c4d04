import type { AlarmActEntry, AlarmLoadView, AlarmView } from "../core/alarm-view.ts";
import type { CollectorEvent } from "../core/api.ts";
import type { AssetView } from "../core/asset-view.ts";
import type { ReadingColumns } from "../core/columns.ts";
import type { ThresholdView } from "../core/reading-view.ts";
import type { ImpactView, ServiceDetail, ServiceView, WhatIfView } from "../core/service-view.ts";
import type { SourceStatus } from "../core/source.ts";
import type { IndexedSeries } from "../core/store.ts";
import type { ActOutcome } from "./alarms/act.ts";
import type { Facts } from "./fact.ts";
import type { WhatIfState } from "./view.ts";

/**
 * What changed in a plant. Services are told in full, since incidents and service levels go by them; alarms and assets are put into
 * words only where somebody listens: a hundred thousand of them at once are as many sentences.
 */
export interface PlantNews {
  readonly services: readonly Extract<CollectorEvent, { type: "service" }>[];
  readonly assets: readonly AssetLevelEvent[];
  /** How many events there are. */
  readonly size: number;
  /** All of it, one transition per service: alarms, assets, services, each in order. Good until the plant is told anything else. */
  events(): readonly CollectorEvent[];
}

/** A part of a long list: the first that are wanted, after so many. All of them where there is no limit. */
export interface Part {
  readonly offset: number;
  readonly limit: number;
}

/** An asset that changed, by its level alone. */
export interface AssetLevelEvent {
  readonly type: "asset";
  readonly asset: Pick<AssetView, "id" | "level">;
}

/**
 * The judging half of the collector: alarms on readings, levels of assets, roll-up to services, causes. It has no timers, no
 * disk and no socket: readings and time are handed in, changes are handed out.
 */
export interface Plant {
  /** A series is new or its description changed: rules that match it apply from now on. */
  describe(series: IndexedSeries): void;
  /**
   * Readings as stored, by the collector's index, in order. Replayed ones (older than what is known, or past their validity) never
   * raise an alarm. `skewMs`: their agent's clock minus ours.
   */
  apply(readings: ReadingColumns, now: number, skewMs?: number): void;
  /** What agents say of their sources. */
  sources(statuses: readonly SourceStatus[], now: number): void;
  /** Lets time pass: on-delays, staleness, dead_after. Called about once a second. */
  tick(now: number): void;
  /** False after a start until every asset was heard of, or had its time: until then nobody is told of what seems to change. */
  settled(now: number): boolean;
  /** Carries what was applied up to the services. `news` does it, too: apart it is half of a long turn. */
  settle(now: number): void;
  /** What changed since the last call. */
  news(now: number): PlantNews;
  /** The same, all of it in words. */
  changes(now: number): readonly CollectorEvent[];
  /** State that must survive a restart and has changed since the last call: key to JSON text. Stored with the next commit. */
  dirtyFacts(): Facts;

  assets(now: number): readonly AssetView[];
  /** Undefined for an id that config does not know. */
  asset(id: string, now: number): AssetView | undefined;
  /** The same, by their level alone. */
  assetLevels(now: number): readonly AssetLevelEvent["asset"][];
  services(): readonly ServiceView[];
  service(id: string): ServiceDetail | undefined;
  /** Those whose process is not normal; with `all` also those that wait for an operator, or are put aside, while theirs is. */
  alarms(all?: boolean, part?: Part): readonly AlarmView[];
  /** Chattering, flood, and what would calm them. */
  alarmLoad(now: number): AlarmLoadView;
  /** Config has this alarm, whatever its state. */
  knowsAlarm(id: string): boolean;
  /** Why an act on an alarm is not possible; undefined where it is. Changes nothing. */
  alarmRefusal(entry: AlarmActEntry): ActOutcome | undefined;
  /** Does to an alarm what people want. */
  act(entry: AlarmActEntry): ActOutcome;
  /** Limits that apply to a series, for charts and metrics. */
  thresholds(series: number): readonly ThresholdView[];
  whatIf(set: ReadonlyMap<string, WhatIfState>): WhatIfView;
  /** What else fails if this asset does; undefined for an id that config does not know. Changes nothing. */
  impact(asset: string): ImpactView | undefined;
  /** Compares the incremental levels with a full recompute and takes that over; returns how many services differed. */
  checkDrift(): number;
}
