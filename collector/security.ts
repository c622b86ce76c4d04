import type { CollectorConfig, Config } from "../config/schema.ts";
import { weaknesses, weaknessKinds } from "../config/weaknesses.ts";
import type { SecurityView } from "../core/api.ts";
import type { Door } from "./door/door.ts";

/** How this collector is guarded by its config, its tokens and its agents' keys. */
export function securityOf({ config, settings, door }: { config: Config; settings: CollectorConfig; door: Door }): SecurityView {
  const { loopback, enrolled, tokens } = door.keys();
  return {
    listener: {
      address: settings.listen,
      tls: settings.tls !== undefined,
      loopback,
      users: Object.keys(config.users).length,
      insecure: settings.insecure,
    },
    agents: { enrolled, unsigned_allowed: loopback && enrolled.length === 0 },
    tokens: tokens.map(({ id, record: { kind, name, rights, expires } }) => ({ id, kind, name, rights, expires })),
    // The listener is as it was started; the rest of the config as it was taken over last.
    weak: weaknesses({ ...config, collector: settings }).map(({ kind, where }) => ({ kind, where, meaning: weaknessKinds[kind] })),
  };
}
