import { z } from "zod";
import type { AgentView } from "../core/api.ts";
import type { Gap } from "../core/batch.ts";
import type { IndexedSeries } from "../core/store.ts";
import { parseFact } from "./fact.ts";
import type { Sender } from "./intake.ts";

/** An agent that has sent nothing for three of its shortest intervals is silent, never sooner than this. */
const silentMs = 30_000;
/** Losses kept for people to see, per agent. */
const maxGaps = 50;
/** How often a change of `last_seen` alone is worth storing. */
const rememberMs = 60_000;
/** Agents that are told apart; more are invented by nobody but a fault. */
const maxAgents = 10_000;

interface Agent {
  readonly name: string;
  lastSeen: number;
  skewMs: number | null;
  version: string;
  epoch: string;
  seq: number;
  spoolBytes: number | null;
  gaps: AgentView["gaps"];
  storedAt: number;
  changed: boolean;
}

const remembered = z.object({
  lastSeen: z.number(),
  version: z.string(),
  epoch: z.string(),
  seq: z.number(),
  gaps: z.array(z.object({ time: z.number(), count: z.number(), reason: z.string() })),
});

const factPrefix = "agent:";

/** What an agent reads. */
export interface AgentReach {
  readonly assets: Set<string>;
  /** Shortest interval of its series. */
  everyMs: number;
}

/** What each agent reads, by the series it has described. */
export function reachOf(series: readonly IndexedSeries[]): ReadonlyMap<string, AgentReach> {
  const reach = new Map<string, AgentReach>();
  for (const { agent, asset, everyMs } of series) {
    let one = reach.get(agent);
    if (one === undefined) {
      one = { assets: new Set(), everyMs };
      reach.set(agent, one);
    }
    one.assets.add(asset);
    one.everyMs = Math.min(one.everyMs, everyMs);
  }
  return reach;
}

/** Who sends: when they were last heard, how their clock stands, what they have lost. */
export class Agents {
  readonly #agents = new Map<string, Agent>();

  /** Takes up what `dirtyFacts` once gave. */
  constructor(facts: ReadonlyMap<string, string> = new Map()) {
    for (const [key, text] of facts) {
      if (!key.startsWith(factPrefix)) continue;
      const known = remembered.safeParse(parseFact(text));
      if (known.success) Object.assign(this.#agent(key.slice(factPrefix.length)) ?? {}, known.data);
    }
  }

  /** Any request of an agent. Returns its clock minus ours, ms; null where it did not say. */
  heard(sender: Partial<Sender> & { agent: string; epoch: string }, now: number): number | null {
    const agent = this.#agent(sender.agent);
    const skew = sender.sentAt === undefined || Number.isNaN(sender.sentAt) ? null : sender.sentAt - (sender.arrivedAt ?? now);
    if (agent === undefined) return skew;
    agent.lastSeen = now;
    if (agent.epoch !== sender.epoch) Object.assign(agent, { epoch: sender.epoch, seq: 0, changed: true });
    if (skew !== null) agent.skewMs = skew;
    if (sender.version !== undefined) agent.version = sender.version;
    if (sender.spoolBytes !== undefined) agent.spoolBytes = sender.spoolBytes;
    return skew;
  }

  /** A batch of it is stored. Returns how many readings it says it has lost. */
  stored(batch: { agent: string; epoch: string; seq: number; gaps: readonly Gap[] }): number {
    const agent = this.#agent(batch.agent);
    const lost = batch.gaps.reduce((sum, gap) => sum + gap.count, 0);
    if (agent === undefined) return lost;
    if (agent.epoch === batch.epoch) agent.seq = batch.seq;
    if (batch.gaps.length > 0) {
      const gaps = batch.gaps.map(({ time, count, reason }) => ({ time, count, reason }));
      agent.gaps = [...agent.gaps, ...gaps].slice(-maxGaps);
      agent.changed = true;
    }
    return lost;
  }

  /** `reach` says what each agent reads. */
  views(now: number, reach: ReadonlyMap<string, AgentReach>): readonly AgentView[] {
    return [...this.#agents.values()].map((agent) => ({
      name: agent.name,
      last_seen: agent.lastSeen,
      skew_ms: agent.skewMs,
      version: agent.version,
      epoch: agent.epoch,
      seq: agent.seq,
      spool_bytes: agent.spoolBytes,
      assets: reach.get(agent.name)?.assets.size ?? 0,
      silent: now - agent.lastSeen > Math.max(silentMs, 3 * (reach.get(agent.name)?.everyMs ?? 0)),
      gaps: agent.gaps,
    }));
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): ReadonlyMap<string, string> {
    const facts = new Map<string, string>();
    for (const agent of this.#agents.values()) {
      if (!agent.changed && agent.lastSeen - agent.storedAt < rememberMs) continue;
      const { lastSeen, version, epoch, seq, gaps } = agent;
      facts.set(factPrefix + agent.name, JSON.stringify({ lastSeen, version, epoch, seq, gaps }));
      agent.changed = false;
      agent.storedAt = agent.lastSeen;
    }
    return facts;
  }

  #agent(name: string): Agent | undefined {
    let agent = this.#agents.get(name);
    if (agent === undefined && this.#agents.size < maxAgents) {
      agent = { name, lastSeen: 0, skewMs: null, version: "", epoch: "", seq: 0, spoolBytes: null, gaps: [], storedAt: 0, changed: false };
      this.#agents.set(name, agent);
    }
    return agent;
  }
}
