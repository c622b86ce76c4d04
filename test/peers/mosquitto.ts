import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientPublishOptions } from "mqtt";
import { freePort } from "./port.ts";
import { type Peer, startPeer } from "./process.ts";

export interface MosquittoOptions {
  /** User and password that it asks for; anybody may come without. */
  readonly users?: Readonly<Record<string, string>>;
  /** The only filters that it gives (its dynamic security plugin: an ACL file refuses no SUBSCRIBE). */
  readonly subscribable?: readonly string[];
  /** PEM files: it then speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** More lines of its config. */
  readonly config?: readonly string[];
  /** The port of one that was killed. */
  readonly port?: number;
}

export interface Mosquitto extends Peer {
  readonly port: number;
  readonly url: string;
}

/** Debian's mosquitto on a free loopback port, without persistence. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const dir = await mkdtemp(join(tmpdir(), "millwright-mosquitto-"));
  const port = options.port ?? (await freePort());
  const config = join(dir, "mosquitto.conf");
  await writeFile(config, (await configLines(options, dir, port)).join("\n"));
  const peer = await startPeer({
    command: "/usr/sbin/mosquitto",
    args: ["-c", config],
    ready: (output) => /mosquitto version \S+ running/.test(output),
  });
  const clean = (): Promise<void> => rm(dir, { recursive: true, force: true });
  return {
    ...peer,
    port,
    url: `${options.tls === undefined ? "mqtt" : "mqtts"}://127.0.0.1:${port}`,
    stop: () => peer.stop().then(clean),
    kill: () => peer.kill().then(clean),
  };
}

async function configLines({ users, subscribable, tls, config = [] }: MosquittoOptions, dir: string, port: number): Promise<string[]> {
  // As root it would become the user mosquitto, who cannot read our files.
  const lines = [`listener ${port} 127.0.0.1`, "user root", "persistence false", "log_dest stderr", "log_type all", ...config];
  lines.push(`allow_anonymous ${users === undefined}`);
  if (users !== undefined) {
    const file = join(dir, "passwords");
    await writeFile(file, "");
    for (const [user, password] of Object.entries(users)) execFileSync("mosquitto_passwd", ["-b", file, user, password]);
    lines.push(`password_file ${file}`);
  }
  if (subscribable !== undefined) {
    const file = join(dir, "security.json");
    await writeFile(file, JSON.stringify(securityOf(subscribable)));
    lines.push("plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so", `plugin_opt_config_file ${file}`);
  }
  if (tls !== undefined) lines.push(`certfile ${tls.cert}`, `keyfile ${tls.key}`);
  return lines;
}

function securityOf(subscribable: readonly string[]): object {
  const acls = subscribable.map((topic) => ({ acltype: "subscribePattern", topic, allow: true }));
  return {
    defaultACLAccess: { publishClientSend: true, publishClientReceive: true, subscribe: false, unsubscribe: true },
    clients: [],
    groups: [{ groupname: "anybody", roles: [{ rolename: "hearer" }] }],
    roles: [{ rolename: "hearer", acls }],
    anonymousGroup: "anybody",
  };
}

export interface Publisher {
  publish(topic: string, payload: string | Buffer, options?: IClientPublishOptions): Promise<void>;
  end(): Promise<void>;
}

/** A device of the test: publishes with QoS 1, so that it knows when the broker has it. */
export async function startPublisher(broker: Pick<Mosquitto, "port">, user?: readonly [string, string]): Promise<Publisher> {
  const [username, password] = user ?? [];
  const client = await connectAsync({
    host: "127.0.0.1",
    port: broker.port,
    reconnectPeriod: 0,
    ...(username === undefined || password === undefined ? {} : { username, password }),
  });
  client.on("error", () => {});
  return {
    async publish(topic, payload, options = {}) {
      await client.publishAsync(topic, payload, { qos: 1, ...options });
    },
    end: () => client.endAsync(true),
  };
}
