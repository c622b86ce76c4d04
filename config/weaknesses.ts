import { isIPv4 } from "node:net";
import type { Config } from "./schema.ts";

/** Something in a config that lets others on the network listen, or pretend to be somebody. */
export interface Weakness {
  /** `snmp-clear`, `snmp-md5`: one word for all of its kind. */
  readonly kind: Kind;
  /** `assets.ups-1.snmp` */
  readonly where: string;
}

/** What each kind of weakness means, and what is better. */
export const weaknessKinds = {
  "snmp-clear": "SNMP 1 or 2c: the community and the values go over the network in clear, and anybody may answer; better version 3",
  "snmp-no-auth": "SNMP 3 without `auth`: anybody may answer in the device's place; better auth with sha256, and privacy with aes",
  "snmp-no-privacy": "SNMP 3 without `privacy`: values go over the network in clear; better privacy with aes",
  "snmp-md5": "SNMP 3 with MD5, which is broken; better auth with sha256",
  "snmp-des": "SNMP 3 with DES, whose keys can be tried out; better privacy with aes",
  "traps-clear": "traps of SNMP 1 and 2c: anybody who knows the community may send them; better users of version 3",
  "mqtt-clear": "MQTT without TLS: password and values go over the network in clear; better mqtts://",
  "agent-clear":
    "the agent speaks plain http: what it reads goes over the network in clear, and a join token too; better https:// and `pin`",
  "collector-clear": "the collector listens beyond this machine without TLS: passwords, sessions and tokens can be overheard; better `tls`",
  "collector-open": "the collector listens beyond this machine and has no `users`: whoever reaches it may read everything",
  "sink-clear": "readings go to another engine by plain http, with its password or token; better https://",
  "channel-clear": "incidents go out by plain http, or mail without TLS, with the channel's password, token or secret; better https, tls",
} as const;
type Kind = keyof typeof weaknessKinds;

/** Everything that is weak in a config, and where. What stays on this machine is not: nobody else hears it. */
export function weaknesses(config: Omit<Config, "directory">): readonly Weakness[] {
  return [...ofAssets(config), ...ofTraps(config), ...ofBrokers(config), ...ofAgent(config), ...ofCollector(config), ...ofChannels(config)];
}

/** One line for each kind that a config has, with the places. */
export function weaknessLines(found: readonly Weakness[]): string[] {
  const places = new Map<Kind, string[]>();
  for (const { kind, where } of found) places.set(kind, [...(places.get(kind) ?? []), where]);
  return [...places].map(([kind, all]) => {
    const more = all.length > 3 ? ` and ${all.length - 3} more` : "";
    return `weak: ${all.slice(0, 3).join(", ")}${more}: ${weaknessKinds[kind]}`;
  });
}

type Part<K extends keyof Config> = Pick<Config, K>;
type Account = Pick<NonNullable<Config["assets"][string]["snmp"]>, "version" | "auth" | "privacy">;

function ofAssets({ assets }: Part<"assets">): Weakness[] {
  return Object.entries(assets).flatMap(([id, { snmp }]) => {
    if (snmp === undefined || isHere(snmp.host)) return [];
    const at = `assets.${id}.snmp`;
    const others = snmp.credentials.flatMap((account, i) => ofAccount(account, `${at}.credentials[${i}]`));
    return [...ofAccount(snmp, at), ...others];
  });
}

function ofAccount({ version, auth, privacy }: Account, where: string): Weakness[] {
  if (version !== "3") return [{ kind: "snmp-clear", where }];
  return [...ofKeys({ auth, privacy }, where)];
}

function ofKeys({ auth, privacy }: Pick<Account, "auth" | "privacy">, where: string): Weakness[] {
  const kinds: Kind[] = [];
  if (auth === undefined) kinds.push("snmp-no-auth");
  else if (privacy === undefined) kinds.push("snmp-no-privacy");
  if (auth !== undefined && "md5" in auth && auth.md5 !== undefined) kinds.push("snmp-md5");
  if (privacy !== undefined && "des" in privacy && privacy.des !== undefined) kinds.push("snmp-des");
  return kinds.map((kind) => ({ kind, where }));
}

function ofTraps({ agent }: Part<"agent">): Weakness[] {
  const traps = agent?.traps;
  if (traps === undefined || isHere(hostOf(`udp://${traps.listen}`))) return [];
  const clear: Weakness[] = traps.communities.length > 0 ? [{ kind: "traps-clear", where: "agent.traps.communities" }] : [];
  return [...clear, ...traps.users.flatMap((user, i) => ofKeys(user, `agent.traps.users[${i}]`))];
}

function ofBrokers({ brokers }: Part<"brokers">): Weakness[] {
  return Object.entries(brokers).flatMap(([id, { url }]) =>
    /^(mqtt|tcp):/.test(url) && !isHere(hostOf(url)) ? [{ kind: "mqtt-clear" as const, where: `brokers.${id}` }] : [],
  );
}

function ofAgent({ agent }: Part<"agent">): Weakness[] {
  return agent !== undefined && isOpenHttp(agent.collector) ? [{ kind: "agent-clear", where: "agent.collector" }] : [];
}

function ofCollector({ collector, users }: Part<"collector" | "users">): Weakness[] {
  if (collector === undefined) return [];
  const found: Weakness[] = [];
  if (!isHere(hostOf(`tcp://${collector.listen}`))) {
    if (collector.tls === undefined) found.push({ kind: "collector-clear", where: "collector.listen" });
    if (Object.keys(users).length === 0) found.push({ kind: "collector-open", where: "collector.listen" });
  }
  for (const [i, sink] of collector.sinks.entries()) {
    const { url, ...keys } = "influx" in sink ? sink.influx : sink.remote_write;
    const secret = keys.password !== undefined || ("token" in keys && keys.token !== undefined);
    if (secret && isOpenHttp(url)) found.push({ kind: "sink-clear", where: `collector.sinks[${i}]` });
  }
  return found;
}

function ofChannels({ notify }: Part<"notify">): Weakness[] {
  return Object.entries(notify.channels).flatMap(([id, channel]) =>
    isClearChannel(channel) ? [{ kind: "channel-clear" as const, where: `notify.channels.${id}` }] : [],
  );
}

function isClearChannel(channel: Config["notify"]["channels"][string]): boolean {
  if ("webhook" in channel) {
    const { url, secret, token } = channel.webhook;
    return url !== undefined && (secret ?? token) !== undefined && isOpenHttp(url);
  }
  if ("email" in channel) return channel.email.tls === "none" && !isHere(channel.email.host);
  if (!("alertmanager" in channel)) return false;
  const { url, password, token } = channel.alertmanager;
  return (password ?? token) !== undefined && isOpenHttp(url);
}

function isOpenHttp(url: string): boolean {
  return url.startsWith("http:") && !isHere(hostOf(url));
}

/** The host of a URL; the empty text where it has none, which is nowhere on this machine. */
function hostOf(url: string): string {
  return /^[a-z]+:\/\/(\[[^\]]*\]|[^:/?#]*)/i.exec(url)?.[1]?.replace(/^\[|\]$/g, "") ?? "";
}

function isHere(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
