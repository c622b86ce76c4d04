import { resolve } from "node:path";
import { type AgentConfig, agent as agentSchema, type Config } from "../config/schema.ts";

/** An agent's section of a config, or what holds without one; its spool and key as whole paths. `name` comes before the config's. */
export function settingsOf({ config, name }: { readonly config: Config; readonly name?: string }): AgentConfig {
  const found = config.agent ?? agentSchema.parse({ name: name ?? "agent" });
  return {
    ...found,
    name: name ?? found.name,
    spool: { ...found.spool, dir: resolve(config.directory, found.spool.dir) },
    key: resolve(config.directory, found.key),
  };
}
