import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { printWarnings } from "./config.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { logLevelOf } from "./log-level.ts";
import { untilStopped } from "./signals.ts";

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
    .action((options: AgentCommandOptions) => runAgent(io, options, program.opts<{ logLevel?: string }>().logLevel));
}

async function runAgent(io: Io, options: AgentCommandOptions, level: string | undefined): Promise<void> {
  const [{ readConfig }, { watchConfig }, { startAgent }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/watch.ts"),
    import("../agent/agent.ts"),
  ]);
  const log = createLog(io, logLevelOf(level, io.env));
  const clock = systemClock();
  const loaded = readConfig(options.config);
  await printWarnings(io, loaded);
  const agent = await startAgent({ config: loaded.config, log, clock, ...(options.name === undefined ? {} : { name: options.name }) });
  const watch = watchConfig({
    path: options.config,
    log,
    clock,
    onChange: ({ config }) => {
      agent.reload(config).catch((error: unknown) => log.error({ err: error }, "agent could not take over the new config"));
    },
    onFault: (faults) => log.error({ faults: faults.message }, "new config has faults, the old one is kept"),
  });
  const reload = (): void => watch.reload();
  process.on("SIGHUP", reload);
  await untilStopped();
  process.off("SIGHUP", reload);
  watch.close();
  await agent.stop();
}
