import type { Config } from "../config/schema.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { printWarnings } from "./config.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { logLevelOf } from "./log-level.ts";
import { giveBackMemory } from "./memory.ts";
import { untilStopped } from "./signals.ts";

/** What a daemon's command holds while it runs. */
export interface Daemon {
  reload(config: Config): Promise<void>;
  stop(): Promise<void>;
}

export interface DaemonParts {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
}

/** After this what only the start needed is garbage: sources have their plans, libraries are loaded. */
const settleMs = 5000;

/** Reads a config, starts what is to run on it, and reloads it on SIGHUP and on change until told to stop. */
export async function runDaemon(
  io: Io,
  { path, level, start }: { path: string; level: string | undefined; start: (parts: DaemonParts) => Promise<Daemon> },
): Promise<void> {
  const [{ readConfig }, { watchConfig }, { diffConfig, diffText }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/watch.ts"),
    import("../config/diff.ts"),
  ]);
  const log = createLog(io, logLevelOf(level, io.env));
  const clock = systemClock();
  const loaded = readConfig(path);
  let current = loaded.config;
  await printWarnings(io, loaded);
  const daemon = await start({ config: loaded.config, log, clock });
  const settled = clock.after(settleMs, giveBackMemory);
  const watch = watchConfig({
    path,
    log,
    clock,
    onChange: ({ config }) => {
      log.info({ changed: diffText(diffConfig(current, config)) }, "config is read anew");
      current = config;
      daemon
        .reload(config)
        .catch((error: unknown) => log.error({ err: error }, "the new config could not be taken over, the old one is kept"))
        .finally(giveBackMemory);
    },
    onFault: (faults) => log.error({ faults: faults.message }, "new config has faults, the old one is kept"),
  });
  const reload = (): void => watch.reload();
  process.on("SIGHUP", reload);
  await untilStopped();
  settled();
  process.off("SIGHUP", reload);
  watch.close();
  await daemon.stop();
}
