/**
 * What the collector's HTTP interface answers (DESIGN §9). More fields are welcome over time, these stay. The web UI and the
 * collector share these types; times are ms since epoch.
 */
import type { AssetEvent } from "./asset-event.ts";
import type { LevelName } from "./level.ts";
import type { DeviceLimits, Labels, SeriesKind, StateMeaning } from "./reading.ts";
import type { SloView } from "./service-level.ts";
import type { Protocol } from "./source.ts";

/** A level that may not be known. */
export type ShownLevel = LevelName | "unknown";

export interface AssetView {
  readonly id: string;
  readonly name: string;
  readonly at: string;
  readonly labels: Labels;
  /** A source of it delivers. */
  readonly up: boolean;
  readonly level: ShownLevel;
  /** When it took this level. */
  readonly since: number;
  /** One sentence: why it has this level; empty while ok. */
  readonly why: string;
  readonly agent: string;
  readonly sources: readonly SourceView[];
  /** Services that rely on it, directly or through others. */
  readonly services: readonly string[];
  readonly inventory: Readonly<Record<string, string>>;
}

export interface SourceView {
  readonly protocol: Protocol;
  readonly target: string;
  readonly state: "starting" | "up" | "down";
  readonly reason: string;
  readonly last_ok: number | null;
}

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
  readonly children: readonly NeedView[];
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
  readonly needs: readonly NeedView[];
  readonly alarms: readonly AlarmView[];
}

/** `normal` only where alarms are asked for that wait for an operator while their process is normal (`?all=true`). */
export type AlarmState = "pending" | "active" | "clearing" | "normal";

/** State of an alarm by ISA-18.2 / IEC 62682. */
export const isaStates = [
  "normal",
  "unacknowledged",
  "acknowledged",
  "returned-unacknowledged",
  "latched",
  "shelved",
  "suppressed-by-design",
  "out-of-service",
] as const;
export type IsaState = (typeof isaStates)[number];

/** What people may do to an alarm. */
export const alarmActs = ["ack", "unack", "shelve", "unshelve", "out-of-service", "return-to-service", "reset"] as const;
export type AlarmAct = (typeof alarmActs)[number];

/** Who did something to an alarm, when, and why. */
export interface AlarmActView {
  readonly by: string;
  readonly at: number;
  readonly comment: string;
}

/** One act as the audit keeps it. */
export interface AlarmActEntry extends AlarmActView {
  /** The alarm's id. */
  readonly alarm: string;
  readonly act: AlarmAct;
  /** End of a shelf, ms since epoch. */
  readonly until: number | null;
}

/** An alarm that is not normal: one rule on one series. */
export interface AlarmView {
  readonly id: string;
  readonly alarm: string;
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly level: LevelName;
  readonly state: AlarmState;
  readonly since: number;
  readonly value: number | null;
  /** Name of the state that the value stands for. */
  readonly value_name?: string;
  readonly unit: string;
  /** `Filler 31: bearing at 86.2 Cel`. */
  readonly text: string;
  readonly runbook: string | null;
  readonly services: readonly string[];
  /** Absent with collectors of before issue 3, as are those below. */
  readonly isa?: IsaState;
  /** It waits until somebody resets it. */
  readonly latched?: boolean;
  readonly acked?: AlarmActView | null;
  /** Put aside until then; `comment` is the reason. */
  readonly shelved?: (AlarmActView & { readonly until: number }) | null;
  /** What suppresses it by design, in one clause. */
  readonly suppressed?: string | null;
  readonly out_of_service?: AlarmActView | null;
  /** People are told of it, and will be of its end: false while it is put aside from before its start. */
  readonly announced?: boolean;
  /** It was the first of its group (its asset's alarms, unless config names one), of which some are still in alarm. */
  readonly first_out?: boolean;
  /** What would calm it, where it comes and goes too often. */
  readonly advice?: string | null;
}

/** An alarm that comes and goes. */
export interface ChatterView {
  readonly id: string;
  readonly alarm: string;
  readonly asset: string;
  readonly metric: string;
  /** How often it was raised in the last minute, and in the last day. */
  readonly last_minute: number;
  readonly last_day: number;
  /** 3 or more in a minute. */
  readonly chattering: boolean;
  readonly advice: string | null;
}

/** How much alarms ask of people (ISA-18.2, monitoring and assessment). */
export interface AlarmLoadView {
  /** Alarms that people were told of in the last 10 minutes. */
  readonly last_10_minutes: number;
  /** More than 10 of them: nobody can follow. */
  readonly flood: boolean;
  readonly announced_total: number;
  /** Those that are raised most often, the worst first. */
  readonly most_frequent: readonly ChatterView[];
}

/** What people are told about: a root cause, or several that hurt the same services, and every service that they hurt. */
export interface IncidentView {
  readonly id: string;
  /** `Bottling line 3 is critical`. */
  readonly title: string;
  readonly state: "open" | "resolved";
  /** Worst level of its services with unknown counted as ok; `ok` once resolved. */
  readonly level: LevelName;
  /** Worst level that it ever had. */
  readonly worst: LevelName;
  /** All of it comes from assets in maintenance. */
  readonly planned: boolean;
  /** Nothing is known to be broken, but too much is unknown to say that a service is well. */
  readonly blind: boolean;
  readonly opened: number;
  readonly updated: number;
  readonly resolved: number | null;
  /** Asset ids to blame now, or last. */
  readonly causes: readonly string[];
  /** Every service that it hurts or has hurt; `ok` for those that are well again. */
  readonly services: readonly IncidentService[];
  readonly ack: { readonly by: string; readonly comment: string; readonly time: number } | null;
  /** What happened, the oldest first; of a long story the first and the newest lines. */
  readonly history: readonly { readonly time: number; readonly text: string }[];
}

/** One incident with all there is to say of it. */
export interface IncidentDetail extends IncidentView {
  /** Messages of it, the oldest first; of many the first and the newest. */
  readonly told: readonly TellingView[];
}

/** A channel was told of an incident. */
export interface TellingView {
  readonly channel: string;
  readonly kind: "opened" | "updated" | "repeated" | "escalated" | "resolved";
  /** When the message was written. */
  readonly time: number;
  /** The channel has not taken it yet. */
  readonly waiting: boolean;
}

export interface IncidentService {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly level: LevelName;
  /** The sentence of the service, as it was when the incident last changed. */
  readonly why: string;
}

export interface AgentView {
  readonly name: string;
  readonly last_seen: number;
  readonly skew_ms: number | null;
  readonly version: string;
  readonly epoch: string;
  readonly seq: number;
  readonly spool_bytes: number | null;
  /** A backlog drains while the present is shown beside it: how old the newest stored reading is, ms. Null where there is none. */
  readonly behind_ms?: number | null;
  readonly assets: number;
  readonly silent: boolean;
  readonly gaps: readonly { readonly time: number; readonly count: number; readonly reason: string }[];
  /** What became of datagrams at its port for traps since it started, by outcome; absent where it has none. */
  readonly traps?: Readonly<Record<string, number>>;
}

export interface ReadingView {
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number | null;
  readonly unit: string;
  readonly time: number;
  readonly quality: string;
  readonly origin: string;
  readonly kind: SeriesKind;
  /** Name of a state's value, where there is one. */
  readonly state: string | null;
  /** Names of a state's numbers, for charts. */
  readonly states?: Readonly<Record<number, string>>;
  /** What the device or its profile holds of them. */
  readonly meanings?: Readonly<Record<number, StateMeaning>>;
  /** Limits that the device itself names. */
  readonly limits?: DeviceLimits;
  /** How often a value is expected, ms. */
  readonly every_ms: number;
  readonly thresholds: readonly ThresholdView[];
}

/** A limit of an alarm on this series: a line in a chart. */
export interface ThresholdView {
  readonly alarm: string;
  readonly level: LevelName;
  readonly condition: "above" | "below" | "is" | "is_not" | "rate_above" | "rate_below" | "changes" | "stale";
  /** In the base unit; the same a second for rates; how often for changes; seconds for stale; null where the limit is a state's name. */
  readonly value: number | null;
  readonly clear: number | null;
}

export interface RangeView {
  readonly series: readonly {
    readonly asset: string;
    readonly metric: string;
    readonly labels: Labels;
    readonly unit: string;
    /** Raw: [time, value, quality name]; with `points`: [time, min, mean, max] (DESIGN §9). */
    readonly points: readonly (readonly (number | string | null)[])[];
  }[];
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

/** Who asks, as /api/v1/session says it. */
export interface SessionView {
  readonly kind: "nobody" | "user" | "token";
  readonly name: string;
  readonly role: "viewer" | "operator" | "admin" | null;
  readonly rights: readonly ("read" | "metrics" | "act" | "admin")[];
  /** The collector has users: nobody is let in who has not signed in. */
  readonly sign_in: boolean;
}

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly [extension: string]: unknown;
}

/** What /api/v1/events sends: the SSE event's name is `type`. */
export type CollectorEvent =
  | { readonly type: "service"; readonly service: ServiceView }
  | { readonly type: "asset"; readonly asset: AssetView }
  | { readonly type: "alarm"; readonly alarm: AlarmView & { readonly cleared: boolean } }
  /** Opened, changed, acknowledged or resolved. */
  | { readonly type: "incident"; readonly incident: IncidentView }
  /** Newest values that changed since the last of these, at most one a second per series. */
  | { readonly type: "readings"; readonly readings: readonly ReadingUpdate[] }
  /** An asset told something of its own accord: a trap. */
  | { readonly type: "event"; readonly event: AssetEvent }
  | { readonly type: "config"; readonly time: number };

/** One changed value. `series` is the collector's index, as in /api/v1/readings/latest's order only by asset, metric and labels. */
export interface ReadingUpdate {
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number | null;
  readonly time: number;
  readonly quality: string;
  readonly state: string | null;
}

/** How the collector is guarded, and what is weak. No secret is in it. */
export interface SecurityView {
  readonly listener: {
    readonly address: string;
    readonly tls: boolean;
    /** Only this machine reaches it, and no proxy stands in front. */
    readonly loopback: boolean;
    readonly users: number;
    readonly insecure: boolean;
  };
  readonly agents: {
    readonly enrolled: readonly string[];
    /** Whoever is on this machine may send readings without a signature. */
    readonly unsigned_allowed: boolean;
  };
  readonly tokens: readonly {
    readonly id: string;
    readonly kind: "join" | "api";
    readonly name: string;
    readonly rights: readonly string[];
    readonly expires: number;
  }[];
  readonly weak: readonly { readonly kind: string; readonly where: string; readonly meaning: string }[];
}
