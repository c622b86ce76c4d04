import type { AgentView } from "../../../core/asset-view.ts";

/** One agent that is live, and one that is silent and has lost readings. */
export function sampleAgents(now: number): AgentView[] {
  return [
    agent(now, "hall-1", 900, 14, 18_432, []),
    {
      ...agent(now, "dc-1", 190_000, -2400, 48_234_112, [
        { time: now - 3_600_000, count: 1200, reason: "spool full, oldest segment dropped" },
      ]),
      silent: true,
    },
  ];
}

function agent(now: number, name: string, agoMs: number, skew: number, spool: number, gaps: AgentView["gaps"]): AgentView {
  return {
    name,
    last_seen: now - agoMs,
    skew_ms: skew,
    version: "0.1.0",
    epoch: "5f0c6d0e-0000-4000-8000-000000000000",
    seq: 4182,
    spool_bytes: spool,
    assets: 8,
    silent: false,
    gaps,
  };
}
