/** Services, what they need, and what would be if, as the HTTP interface shows them (DESIGN §9). */
import type { AlarmView } from "./alarm-view.ts";
import type { ShownLevel } from "./asset-view.ts";
import type { LevelName } from "./level.ts";
import type { SloView } from "./service-level.ts";

export interface ServiceView {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** One level when low = high, otherwise `unknown`. */
  readonly level: ShownLevel;
  /** Unknown counted as ok. */
  readonly low: LevelName;
  /** Unknown counted as critical. */
  readonly high: LevelName;
  /** As low, with assets in maintenance counted as ok: what is left of low when planned work is taken out. */
  readonly unplanned?: LevelName;
  readonly since: number;
  /** One sentence: what it needs, what it has, and which assets are to blame. */
  readonly why: string;
  /** Asset ids: the leaves that explain the level, most important first. */
  readonly causes: readonly string[];
  /** Ids of services that rely on it, directly or through others. */
  readonly impact: readonly string[];
  /** Against its SLO, where it has one; not in events of a changed level. */
  readonly slo?: SloView;
}

/** A node of the tree below a service: what it needs, and how each need stands. */
export interface NeedView {
  readonly kind: "service" | "asset" | "members" | "parts" | "sum" | "metric";
  /** Asset or service id where the need is one; else the line of config. */
  readonly id: string;
  /** `2 of {type=filler,line=3}: 2 needed, 3 up`. */
  readonly text: string;
  readonly level: ShownLevel;
  readonly low: LevelName;
  readonly high: LevelName;
  readonly since: number | null;
  readonly why: string;
  /** A soft dependency: the worst that it can do to the service. Critical without it. */
  readonly worst?: LevelName;
  /** What it counts for among its neighbours, nominal; 1 without it. */
  readonly weight?: number;
  readonly children: readonly NeedView[];
}

/** When a service with a calendar is meant to be there. */
export interface HoursView {
  /** Id of the calendar, and the zone of its hours. */
  readonly calendar: string;
  readonly zone: string;
  /** In service now. */
  readonly open: boolean;
  /** When that changes; null where it does not within a week. */
  readonly changes: number | null;
}

/** What has to be ok again before a service is. */
export interface RecoveryView {
  /** Minimal sets of asset ids, the smallest first: when all of one recover, the service is ok for sure. */
  readonly sets: readonly (readonly string[])[];
  /** `ok again when Filler 31 recovers, or when Filler 32 and MES server recover`; empty where there is nothing to say. */
  readonly text: string;
}

/** What else fails if an asset does. */
export interface ImpactView {
  readonly asset: string;
  /** Services that would be worse than they are now, the worst first. */
  readonly services: readonly {
    readonly id: string;
    readonly name: string;
    readonly level: ShownLevel;
    readonly low: LevelName;
    readonly high: LevelName;
  }[];
  /** Assets that could not be reached any more. */
  readonly unreachable: readonly string[];
}

export interface ServiceDetail extends ServiceView {
  readonly recovery: RecoveryView;
  /** Without a calendar it is meant to be there around the clock. */
  readonly hours?: HoursView;
  readonly needs: readonly NeedView[];
  readonly alarms: readonly AlarmView[];
}

export interface WhatIfView {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly level: ShownLevel;
        readonly low: LevelName;
        readonly high: LevelName;
        readonly unplanned?: LevelName;
        readonly causes: readonly string[];
        readonly why: string;
      }
    >
  >;
}
