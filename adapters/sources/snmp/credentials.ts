import type { SnmpConfig } from "../../../config/assets.ts";
import { messageOf, SourceError } from "../../../core/errors.ts";
import type { Credentials } from "./session.ts";

/** Whom a config asks, for messages: `127.0.0.1:161`, `[::1]:161`. */
export function targetOf({ host, port }: SnmpConfig): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As whom a device may be asked. */
export type Account = SnmpConfig["credentials"][number];

/** The one that is named first, and those to try where it is not taken. */
export function accountsOf(spec: SnmpConfig): readonly Account[] {
  return [spec, ...spec.credentials];
}

/** Reads the secrets, each time a session is opened: a file that was replaced is used from then on. Throws SourceError. */
export function credentialsOf(spec: Account, target: string): Credentials {
  try {
    if (spec.version !== "3") return { version: spec.version, community: spec.community?.reveal() ?? "" };
    const [auth] = Object.entries(spec.auth ?? {});
    const [privacy] = Object.entries(spec.privacy ?? {});
    return {
      version: "3",
      user: spec.user ?? "",
      context: spec.context ?? "",
      ...(auth === undefined ? {} : { auth: { protocol: auth[0] as keyof NonNullable<SnmpConfig["auth"]>, key: auth[1].reveal() } }),
      ...(privacy === undefined
        ? {}
        : { privacy: { protocol: privacy[0] as keyof NonNullable<SnmpConfig["privacy"]>, key: privacy[1].reveal() } }),
    };
  } catch (cause) {
    throw new SourceError("config", `${target}: ${messageOf(cause)}`, { cause });
  }
}

/** The same, for what Cisco's switches keep for each VLAN: behind `community@vlan`, or in the context `vlan-N` of version 3. */
export function inVlan(credentials: Credentials, vlan: number | undefined): Credentials {
  if (vlan === undefined) return credentials;
  if (credentials.version === "3") return { ...credentials, context: `vlan-${vlan}` };
  return { ...credentials, community: `${credentials.community}@${vlan}` };
}
