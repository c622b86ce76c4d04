/** Assets, their sources and the agents that read them, as the HTTP interface shows them (DESIGN §9). */
import type { LevelName } from "./level.ts";
import type { Labels } from "./reading.ts";
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
