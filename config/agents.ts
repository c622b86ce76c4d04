import type { Finding } from "./check.ts";
import type { Config } from "./schema.ts";
import { nearest } from "./suggest.ts";

type Assets = Pick<Config, "agent" | "assets">;

/** The agents that a config speaks of: its own, and those that assets name. */
export function agentNames({ agent, assets }: Assets): ReadonlySet<string> {
  const named = Object.values(assets).flatMap((asset) => asset.agent ?? []);
  return new Set([...(agent === undefined ? [] : [agent.name]), ...named]);
}

/** Ids of the assets that an agent reads: those that name it, and where there is no other agent, those that name none. */
export function assetsOf(config: Assets, agent: string): readonly string[] {
  const alone = agentNames(config).size < 2;
  const mine = Object.entries(config.assets).filter(([, asset]) => (asset.agent === undefined ? alone : asset.agent === agent));
  return mine.map(([id]) => id);
}

/** Where there are several agents: an asset that none of them reads, and a name that looks misspelt. */
export function agentWarnings(config: Assets): readonly Finding[] {
  const names = agentNames(config);
  if (names.size < 2) return [];
  const warnings: Finding[] = [];
  const own = config.agent?.name;
  for (const [id, asset] of Object.entries(config.assets)) {
    const path = ["assets", id];
    if (asset.agent === undefined) {
      const message = `names no agent, and there are several (${[...names].join(", ")}): nobody reads it`;
      if (asset.snmp ?? asset.modbus ?? asset.mqtt) warnings.push({ path, spot: "key", message });
    } else if (own !== undefined && asset.agent !== own && nearest(asset.agent, [own]) === own) {
      const message = `agent ${asset.agent} is not ${own}: only an agent started with --name ${asset.agent} reads it`;
      warnings.push({ path: [...path, "agent"], spot: "value", message });
    }
  }
  return warnings;
}
