import type { Config } from "./schema.ts";

/** What this version reads and checks, but does not act on yet: what it is, and whether a config has it. */
const unused: readonly (readonly [what: string, has: (config: Config) => boolean])[] = [
  [
    "assets.*.mqtt.sparkplug: Sparkplug is not read yet",
    ({ assets }) => Object.values(assets).some(({ mqtt }) => mqtt?.sparkplug !== undefined),
  ],
  [
    "collector.sinks.remote_write: nothing is written there yet",
    ({ collector }) => (collector?.sinks ?? []).some((sink) => "remote_write" in sink),
  ],
];

/** One line for each part of this config that this version does not act on yet. */
export function unusedSections(config: Config): string[] {
  return unused.filter(([, has]) => has(config)).map(([what]) => what);
}
