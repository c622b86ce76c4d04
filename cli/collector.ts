import type { Command } from "commander";
import { type Daemon, type DaemonParts, runDaemon } from "./daemon.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";

/** `millwright collector`: the daemon that stores readings and says which service is hurt. */
export function registerCollector(program: Command, io: Io): void {
  program
    .command("collector")
    .description("take readings from agents, store them, and say which service is hurt, by what, since when")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .action((options: { config: string }) =>
      runDaemon(io, { path: options.config, level: program.opts<{ logLevel?: string }>().logLevel, start: startCollectorAlone }),
    );
}

/** Starts the collector; an address that it must not or cannot listen on is a mistake of the config. */
export async function startCollectorAlone(parts: DaemonParts): Promise<Daemon> {
  const [{ startCollector }, { ListenError }] = await Promise.all([import("../collector/collector.ts"), import("../collector/listen.ts")]);
  try {
    return await startCollector(parts);
  } catch (error) {
    if (error instanceof ListenError) throw new Exit(exits.config, error.message, { cause: error });
    throw error;
  }
}
