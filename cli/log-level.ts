import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** `--log-level` comes before MILLWRIGHT_LOG, that before `info`. Throws Exit (usage) where the variable is none of the levels. */
export function logLevelOf(option: string | undefined, env: Io["env"]): LogLevel {
  const wanted = option ?? env["MILLWRIGHT_LOG"] ?? "info";
  const level = logLevels.find((name) => name === wanted);
  if (level === undefined) throw new Exit(exits.usage, `MILLWRIGHT_LOG: ${JSON.stringify(wanted)} is not one of ${logLevels.join(", ")}`);
  return level;
}
