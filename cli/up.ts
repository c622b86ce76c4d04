import type { Command } from "commander";
import { startCollectorAlone } from "./collector.ts";
import { type Daemon, type DaemonParts, runDaemon } from "./daemon.ts";
import type { Io } from "./io.ts";

/** `millwright up`: collector and agent in one process, for a small site. */
export function registerUp(program: Command, io: Io): void {
  program
    .command("up")
    .description("collector and agent in one process, for a small site")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .action((options: { config: string }) =>
      runDaemon(io, { path: options.config, level: program.opts<{ logLevel?: string }>().logLevel, start: startBoth }),
    );
}

async function startBoth(parts: DaemonParts): Promise<Daemon> {
  const { startAgent } = await import("../agent/agent.ts");
  const collector = await startCollectorAlone(parts);
  try {
    const agent = await startAgent(parts);
    return {
      async reload(config) {
        await Promise.all([collector.reload(config), agent.reload(config)]);
      },
      async stop() {
        // The agent goes first, so that its last batch still finds its collector.
        await agent.stop();
        await collector.stop();
      },
    };
  } catch (error) {
    await collector.stop();
    throw error;
  }
}
