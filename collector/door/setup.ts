import { readFileSync } from "node:fs";
import type { CollectorConfig, Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { checkReach, isLoopback, ListenError, parseAddress, type TlsFiles } from "../listen.ts";
import { Door } from "./door.ts";
import { usersFault } from "./people.ts";

/** Throws ListenError where the collector may not listen as this config says, or a user's hash is none. Touches no network. */
export function checkDoor({ users }: Pick<Config, "users">, { listen, insecure, tls }: CollectorConfig): void {
  checkReach(listen, insecure, { tls: tls !== undefined, users: Object.keys(users).length > 0 });
  const fault = usersFault(users);
  if (fault !== undefined) throw new ListenError(fault);
}

export function openDoor(parts: { config: Config; settings: CollectorConfig; clock: Clock; log: Log }): Door {
  const { config, settings, clock, log } = parts;
  const loopback = isLoopback(parseAddress(settings.listen).host) && settings.trust_proxy.length === 0;
  return new Door({ config, dir: settings.store.duckdb.dir, loopback, clock, log });
}

/** Reads certificate and key; throws ListenError. */
export function readTls({ tls }: CollectorConfig): TlsFiles | undefined {
  if (tls === undefined) return undefined;
  const read = (name: "cert" | "key"): Buffer => {
    try {
      return readFileSync(tls[name]);
    } catch (cause) {
      throw new ListenError(`collector.tls.${name}: ${tls[name]} cannot be read: ${messageOf(cause)}`, { cause });
    }
  };
  return { cert: read("cert"), key: read("key") };
}
