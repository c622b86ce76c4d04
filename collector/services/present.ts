import type { Config } from "../../config/schema.ts";
import type { AlarmEngine, Watch } from "../alarms/engine.ts";
import { alarmText, limitText } from "../alarms/text.ts";
import { clockText } from "./explain.ts";
import type { Graph, MetricLeaf } from "./graph.ts";
import { type LiveMember, type LiveSum, lacking } from "./live.ts";
import type { Presences } from "./presence.ts";
import type { Levels } from "./rollup.ts";
import type { Scene } from "./scene.ts";
import { amount } from "./tally.ts";

/** What the present is read from. */
export interface PresentState {
  readonly config: Pick<Config, "assets" | "services" | "calendars">;
  readonly graph: Graph;
  readonly engine: AlarmEngine;
  readonly presences: Presences;
  levels(): Levels;
  now(): number;
  since(node: number): number | null;
  /** How the members of a live sum stand, by asset. */
  liveMembers(sum: LiveSum): (asset: number) => LiveMember;
  /** Why an asset is in maintenance now; undefined where it is not. */
  maintenance(asset: number): string | undefined;
}

/** The plant as it stands, in words. */
export class PresentScene implements Scene {
  readonly #state: PresentState;
  readonly #metricLeaves: ReadonlyMap<number, MetricLeaf>;
  readonly #liveSums: ReadonlyMap<number, LiveSum>;
  /** Clauses of one look at the plant, by leaf: many services name the same. */
  #clauses: Map<number, string> | undefined;

  constructor(state: PresentState) {
    this.#state = state;
    this.#metricLeaves = new Map(state.graph.metricLeaves.map((leaf) => [leaf.node, leaf]));
    this.#liveSums = new Map(state.graph.liveSums.map((sum) => [sum.node, sum]));
  }

  get graph(): Graph {
    return this.#state.graph;
  }

  get levels(): Levels {
    return this.#state.levels();
  }

  get now(): number {
    return this.#state.now();
  }

  nameOf(service: string): string {
    return this.#state.config.services[service]?.name ?? service;
  }

  assetName(asset: number): string {
    const id = this.graph.index.idOf(asset);
    return this.#state.config.assets[id]?.name ?? id;
  }

  zoneOf(service: string): string | undefined {
    const { services, calendars } = this.#state.config;
    return calendars[services[service]?.calendar ?? ""]?.zone;
  }

  since(node: number): number | null {
    return this.#state.since(node);
  }

  liveMembers(sum: LiveSum): (asset: number) => LiveMember {
    return this.#state.liveMembers(sum);
  }

  /** Finds words for many services at once. The plant must not change meanwhile. */
  look<T>(words: () => T): T {
    this.#clauses = new Map();
    try {
      return words();
    } finally {
      this.#clauses = undefined;
    }
  }

  clause(leaf: number): string {
    const known = this.#clauses?.get(leaf);
    if (known !== undefined) return known;
    const clause = this.#clauseOf(leaf);
    this.#clauses?.set(leaf, clause);
    return clause;
  }

  #clauseOf(leaf: number): string {
    const sum = this.#liveSums.get(leaf);
    if (sum !== undefined) return this.#liveClause(sum);
    const metric = this.#metricLeaves.get(leaf);
    return metric === undefined ? this.assetClause(leaf) : this.#metricClause(metric);
  }

  blame(leaf: number): readonly number[] {
    const sum = this.#liveSums.get(leaf);
    if (sum !== undefined) return [...new Set(lacking(sum, this.liveMembers(sum)).flatMap((asset) => this.blame(asset)))];
    const asset = this.#metricLeaves.get(leaf)?.asset ?? leaf;
    const presence = this.#state.presences.of(asset);
    return presence.kind === "unreachable" ? presence.blame : [asset];
  }

  obstacles(leaf: number): readonly number[] {
    const sum = this.#liveSums.get(leaf);
    if (sum === undefined) return this.#state.presences.obstacles(this.#metricLeaves.get(leaf)?.asset ?? leaf);
    return [...new Set(lacking(sum, this.liveMembers(sum)).flatMap((asset) => this.#state.presences.obstacles(asset)))];
  }

  recovers(leaf: number, well: ReadonlySet<number>): boolean {
    return this.#state.presences.recovers(this.#metricLeaves.get(leaf)?.asset ?? leaf, well);
  }

  /** What is the matter with an asset; empty where nothing is. */
  assetClause(asset: number): string {
    const why = this.#state.maintenance(asset);
    const clause = this.#bareClause(asset);
    return why === undefined ? clause : `${clause || this.assetName(asset)} (in maintenance: ${why})`;
  }

  #bareClause(asset: number): string {
    const name = this.assetName(asset);
    const { presences } = this.#state;
    const presence = presences.of(asset);
    const alarms = this.#alarmTexts(asset);
    if (presence.kind === "delivering") return alarms.join(" and ");
    if (presence.kind === "unreachable") return this.#blockedClause(presence.blame, name);
    const before = alarms.length === 0 ? "" : `; last heard: ${alarms.join(" and ")}`;
    if (presence.kind === "waiting") return `${name} has given no data yet${before}`;
    return `${name} ${this.#silence(asset)}${before}`;
  }

  #blockedClause(blame: readonly number[], name: string): string {
    const ways = blame.map((way) => this.assetClause(way) || `${this.assetName(way)} is critical`);
    return ways.length === 0 ? `${name} cannot be reached` : `${ways.join(" and ")}, so that what is behind cannot be reached`;
  }

  /** `does not answer (timed out)`, by what its sources say, or by how long nothing came. */
  #silence(asset: number): string {
    const { presences } = this.#state;
    const down = presences.statuses(asset).find((status) => status.state === "down");
    if (down !== undefined) return `does not answer${down.reason === "" ? "" : ` (${shortReason(down.reason)})`}`;
    const last = presences.lastData(asset);
    return last === 0 ? "has given no data since the start" : `has given no data since ${clockText(last, this.now, undefined)}`;
  }

  /** Active alarms of an asset, the worst first, each with the limit that was passed. */
  #alarmTexts(asset: number): readonly string[] {
    const active = [...this.#state.engine.standingOf(asset)].filter((watch) => watch.standing?.phase !== "pending");
    active.sort((a, b) => (b.standing?.level ?? 0) - (a.standing?.level ?? 0));
    return active.map((watch) => this.alarmClause(watch));
  }

  /** `Filler 31: bearing at 92 °C (above 85 °C)`. */
  alarmClause(watch: Watch): string {
    const limit = limitText(watch);
    return `${this.alarmText(watch)}${limit === undefined ? "" : ` (${limit})`}`;
  }

  alarmText(watch: Watch): string {
    return alarmText(watch, { id: this.graph.index.idOf(watch.asset), name: this.assetName(watch.asset) });
  }

  /** What each member that gives less than it could gives. */
  #liveClause(sum: LiveSum): string {
    const memberAt = this.liveMembers(sum);
    const noun = sum.need.live.metric.replaceAll("_", " ");
    const nominal = new Map(sum.members.map((member) => [member.asset, member.nominal]));
    const clauses = lacking(sum, memberAt).map((asset) => {
      const { value } = memberAt(asset);
      const gives = value === undefined ? `gives no value of ${noun}` : `gives ${amount(value)} of ${nominal.get(asset)} ${noun}`;
      return this.assetClause(asset) || `${this.assetName(asset)} ${gives}`;
    });
    return clauses.join(", ");
  }

  #metricClause(leaf: MetricLeaf): string {
    if (this.#state.presences.of(leaf.asset).kind !== "delivering") return this.assetClause(leaf.asset);
    const watches = [...this.#state.engine.ofLeaf(leaf.node)];
    const active = watches.filter((watch) => watch.standing !== undefined && watch.standing.phase !== "pending");
    if (active.length > 0) return active.map((watch) => this.alarmClause(watch)).join(" and ");
    return `${this.assetName(leaf.asset)} gives no value of ${leaf.rule.metrics.join(", ")}`;
  }
}

/** `127.0.0.1:1502 unit 31: holding 100+2: timed out after 2 s` is for engineers; people read its end, without the hint behind it. */
function shortReason(reason: string): string {
  const end = reason.slice(reason.lastIndexOf(": ") + 1).trim();
  return end.replace(/ \([^()]*\)$/, "") || reason;
}
