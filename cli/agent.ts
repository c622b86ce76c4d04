import type { Command } from "commander";
import { runDaemon } from "./daemon.ts";
import type { Io } from "./io.ts";
import { growSlowly } from "./memory.ts";

interface AgentCommandOptions {
  readonly config: string;
  readonly name?: string;
}

/** `millwright agent`: the daemon that reads assets and ships readings. */
export function registerAgent(program: Command, io: Io): void {
  program
    .command("agent")
    .description("read the assets of this agent and ship the readings to the collector")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .option("--name <name>", "the agent's name (default: the config's)")
    .action(({ config, name }: AgentCommandOptions) => {
      growSlowly();
      return runDaemon(io, {
        path: config,
        level: program.opts<{ logLevel?: string }>().logLevel,
        start: async (parts) => {
          const { startAgent } = await import("../agent/agent.ts");
          return startAgent({ ...parts, ...(name === undefined ? {} : { name }) });
        },
      });
    });
}
