import { z } from "zod";
import type { AgentView } from "../core/asset-view.ts";
import type { Gap } from "../core/batch.ts";
import type { HighWaterMark, IndexedSeries } from "../core/store.ts";
import { type Facts, parseFact } from "./fact.ts";
import type { Sender } from "./intake.ts";

/** An agent that has sent nothing for three of its shortest intervals is silent, never sooner than this. */
const silentMs = 30_000;
/** An agent that has shown the present beside its backlog so lately still has a backlog. */
const showingMs = 15_000;
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
  traps: AgentView["traps"];
  /** Time of the newest reading of the batch that was stored last; undefined before the first. */
  storedUntil: number | undefined;
  /** When it last showed the present beside its backlog; 0 for never. */
  shownAt: number;
  /** `lastSeen` as it was stored last; undefined where something else has changed since. */
  storedAt: number | undefined;
}

const remembered = z.object({
  lastSeen: z.number(),
  version: z.string(),
  epoch: z.string(),
});
const rememberedGap = z.object({ agent: z.string(), time: z.number(), count: z.number(), reason: z.string() });

const agentPrefix = "agent:";
const gapPrefix = "gap:";

/** Losses that a batch tells, as facts: they go into the transaction that moves its mark, so that no loss is ever lost. */
export function gapFacts(batch: { agent: string; epoch: string; gaps: readonly Gap[] }): [key: string, text: string][] {
  const { agent, epoch, gaps } = batch;
  return gaps.map(({ firstSeq, lastSeq, time, count, reason }) => [
    `${gapPrefix}${agent}:${epoch}:${firstSeq}-${lastSeq}:${time}`,
    JSON.stringify({ agent, time, count, reason }),
  ]);
}

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
  /** Times of losses, ms since epoch, by the key of their fact. */
  readonly #gapFacts = new Map<string, number>();
  /** Facts that are to be deleted. */
  readonly #gone = new Set<string>();

  /** Takes up what was stored: what `dirtyFacts` and `gapFacts` once gave, and marks in the order in which they moved. */
  constructor(facts: ReadonlyMap<string, string> = new Map(), marks: readonly HighWaterMark[] = []) {
    for (const [key, text] of facts) {
      if (key.startsWith(agentPrefix)) this.#remember(key.slice(agentPrefix.length), text);
      else if (key.startsWith(gapPrefix)) this.#rememberGap(key, text);
    }
    for (const agent of this.#agents.values()) agent.gaps = [...agent.gaps].sort((a, b) => a.time - b.time).slice(-maxGaps);
    for (const mark of marks) this.stored({ ...mark, gaps: [] });
  }

  /** Any request of an agent. Returns its clock minus ours, ms; null where it did not say. */
  heard(sender: Partial<Sender> & { agent: string; epoch: string }, now: number): number | null {
    const agent = this.#agent(sender.agent);
    const skew = sender.sentAt === undefined || Number.isNaN(sender.sentAt) ? null : sender.sentAt - (sender.arrivedAt ?? now);
    if (agent === undefined) return skew;
    agent.lastSeen = now;
    // A request may name any epoch; the one that is shown is that of what is stored.
    if (agent.epoch === "") Object.assign(agent, { epoch: sender.epoch, storedAt: undefined });
    if (skew !== null) agent.skewMs = skew;
    if (sender.version !== undefined) agent.version = sender.version;
    if (sender.spoolBytes !== undefined) agent.spoolBytes = sender.spoolBytes;
    return skew;
  }

  /** An agent's clock minus ours, ms; 0 where it is not known. */
  skewMs(name: string): number {
    return this.#agents.get(name)?.skewMs ?? 0;
  }

  /** A batch of it is stored. Returns how many readings it says it has lost. */
  stored(batch: {
    agent: string;
    epoch: string;
    seq: number;
    gaps: readonly Gap[];
    /** Time of its newest reading. */
    until?: number | undefined;
    traps?: AgentView["traps"] | undefined;
  }): number {
    const agent = this.#agent(batch.agent);
    const lost = batch.gaps.reduce((sum, gap) => sum + gap.count, 0);
    for (const [at, [key]] of gapFacts(batch).entries()) this.#gapFacts.set(key, batch.gaps[at]?.time ?? 0);
    if (agent === undefined) return lost;
    if (agent.epoch !== batch.epoch) Object.assign(agent, { epoch: batch.epoch, storedAt: undefined });
    agent.seq = batch.seq;
    if (batch.traps !== undefined) agent.traps = batch.traps;
    if (batch.until !== undefined) agent.storedUntil = batch.until;
    if (batch.gaps.length > 0) {
      const gaps = batch.gaps.map(({ time, count, reason }) => ({ time, count, reason }));
      agent.gaps = [...agent.gaps, ...gaps].slice(-maxGaps);
    }
    return lost;
  }

  /** It has shown the present: its backlog still drains. */
  shown(name: string, now: number): void {
    const agent = this.#agent(name);
    if (agent !== undefined) agent.shownAt = now;
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
      behind_ms: behindMs(agent, now),
      ...(agent.traps === undefined ? {} : { traps: agent.traps }),
    }));
  }

  /** Losses of before this time, ms since epoch, are forgotten, as the readings around them are. */
  forget(before: number): void {
    for (const [key, time] of this.#gapFacts) {
      if (time >= before) continue;
      this.#gapFacts.delete(key);
      this.#gone.add(key);
    }
    for (const agent of this.#agents.values()) agent.gaps = agent.gaps.filter(({ time }) => time >= before);
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const facts = new Map([...this.#gone].map((key) => [key, ""]));
    this.#gone.clear();
    for (const agent of this.#agents.values()) {
      const { name, lastSeen, version, epoch, storedAt } = agent;
      if (lastSeen === 0 || (storedAt !== undefined && lastSeen - storedAt < rememberMs)) continue;
      facts.set(agentPrefix + name, JSON.stringify({ lastSeen, version, epoch }));
      agent.storedAt = lastSeen;
    }
    return facts;
  }

  #agent(name: string): Agent | undefined {
    let agent = this.#agents.get(name);
    if (agent === undefined && this.#agents.size < maxAgents) {
      agent = {
        name,
        lastSeen: 0,
        skewMs: null,
        version: "",
        epoch: "",
        seq: 0,
        spoolBytes: null,
        gaps: [],
        storedUntil: undefined,
        shownAt: 0,
        traps: undefined,
        storedAt: undefined,
      };
      this.#agents.set(name, agent);
    }
    return agent;
  }

  #remember(name: string, text: string): void {
    const found = remembered.safeParse(parseFact(text));
    const agent = this.#agent(name);
    if (found.success && agent !== undefined) Object.assign(agent, found.data, { storedAt: found.data.lastSeen });
  }

  #rememberGap(key: string, text: string): void {
    const found = rememberedGap.safeParse(parseFact(text));
    this.#gapFacts.set(key, found.success ? found.data.time : 0);
    if (!found.success) return;
    const { agent: name, ...gap } = found.data;
    const agent = this.#agent(name);
    if (agent !== undefined) agent.gaps = [...agent.gaps, gap];
  }
}

/** How old what is stored is while a backlog drains; null where there is none. */
function behindMs({ shownAt, storedUntil }: Agent, now: number): number | null {
  return storedUntil !== undefined && now - shownAt < showingMs ? Math.max(0, now - storedUntil) : null;
}
