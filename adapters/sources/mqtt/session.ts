import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IClientOptions, MqttClient } from "mqtt";
import type { BrokerConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import { messageOf, SourceError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { maxPayloadBytes } from "./decode.ts";
import { connectFault, hungUp, reasonOf } from "./fault.ts";
import type { Message, QoS } from "./receiver.ts";
import { Routes } from "./routes.ts";

/** How long the broker may take to answer CONNECT or SUBSCRIBE, ms. */
const answerMs = 10_000;
/** How long a DISCONNECT may take before the socket is closed under it, ms. */
const partingMs = 500;

/** One who wants messages. */
export interface Hearer {
  readonly subscriptions: ReadonlyMap<string, QoS>;
  message(message: Message): void;
}

export interface SessionOptions {
  readonly config: BrokerConfig;
  /** The broker's URL, for messages. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One MQTT connection from CONNECT to its end; never reused. The only file that knows mqtt.js, and what it hands out can hear,
 * not speak: there is no way to PUBLISH from here. Sessions are clean: the broker keeps nothing for us, and no subscription
 * of an older config survives.
 */
export class Session {
  /** Resolves when the connection is over, with the reason. */
  readonly lost: Promise<SourceError>;
  readonly #client: MqttClient;
  readonly #options: SessionOptions;
  readonly #routes = new Routes<Hearer>();
  readonly #wanted = new Map<string, Map<Hearer, QoS>>();

  private constructor(client: MqttClient, options: SessionOptions) {
    this.#client = client;
    this.#options = options;
    this.lost = lostOf(client, options.url);
    client.on("message", (topic, payload, packet) => this.#dispatch({ topic, payload, retained: packet.retain }));
  }

  /** Connects. Rejects with SourceError; at once when the signal aborts. */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<Session> {
    const doing = `${options.url}: connect`;
    try {
      // Loaded here, so that an agent without brokers does not carry it.
      const { connect } = await import("mqtt");
      const client = connect(await clientOptions(options.config));
      client.on("error", () => {});
      const session = new Session(client, options);
      await connected(client, signal);
      return session;
    } catch (error) {
      throw connectFault(doing, error);
    }
  }

  /** Subscribes; from here on the hearer gets its messages. Rejects with SourceError that names the topic. */
  async attach(hearer: Hearer): Promise<void> {
    for (const [filter, qos] of hearer.subscriptions) {
      this.#routes.add(filter, hearer);
      const hearers = this.#wanted.get(filter) ?? new Map<Hearer, QoS>();
      this.#wanted.set(filter, hearers.set(hearer, qos));
    }
    for (const qos of [0, 1, 2] as const) {
      const filters = [...hearer.subscriptions.keys()].filter((filter) => this.#qos(filter) === qos);
      if (filters.length > 0) await this.#subscribe(filters, qos);
    }
  }

  /** Stops a hearer's messages, and unsubscribes what nobody else wants. */
  detach(hearer: Hearer): void {
    const unwanted: string[] = [];
    for (const filter of hearer.subscriptions.keys()) {
      this.#routes.delete(filter, hearer);
      const hearers = this.#wanted.get(filter);
      if (hearers === undefined || !hearers.delete(hearer) || hearers.size > 0) continue;
      this.#wanted.delete(filter);
      unwanted.push(filter);
    }
    if (unwanted.length > 0 && this.#client.connected) this.#client.unsubscribe(unwanted);
  }

  /** Says DISCONNECT and resolves when the socket is closed. */
  end(): Promise<void> {
    return part(this.#client, this.#options.clock);
  }

  /** The highest QoS that a hearer of this filter asked for. */
  #qos(filter: string): QoS {
    let highest: QoS = 0;
    for (const qos of this.#wanted.get(filter)?.values() ?? []) if (qos > highest) highest = qos;
    return highest;
  }

  async #subscribe(filters: string[], qos: QoS): Promise<void> {
    const { url, clock } = this.#options;
    let giveUp = (): void => {};
    const late = new Promise<SourceError>((resolve) => {
      const doing = `${url}: subscribe to ${filters.map(quoted).join(", ")}`;
      giveUp = clock.after(answerMs, () => resolve(new SourceError("timeout", `${doing}: no answer within ${answerMs / 1000} s`)));
    });
    const refused = subscribe(this.#client, { filters, qos, url });
    const fault = await Promise.race([refused, late, this.lost]).finally(giveUp);
    if (fault !== undefined) throw fault;
  }

  #dispatch(message: Message): void {
    for (const hearer of this.#routes.hearers(message.topic)) {
      try {
        hearer.message(message);
      } catch (error) {
        // One asset's trouble is no other's, and must not break the stream that this is called from.
        this.#options.log.error({ topic: message.topic, error: messageOf(error) }, "a message could not be taken");
      }
    }
  }
}

/** Settings of mqtt.js. Throws SourceError (config) for what cannot be read. */
async function clientOptions(config: BrokerConfig): Promise<IClientOptions> {
  const url = new URL(config.url);
  const tls = url.protocol === "mqtts:" || url.protocol === "ssl:";
  const five = config.version === "5";
  return {
    protocol: tls ? "mqtts" : "mqtt",
    // Not `host` alone: mqtt.js prefers hostname.
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (tls ? 8883 : 1883) : Number(url.port),
    protocolVersion: five ? 5 : 4,
    clean: true,
    clientId: config.client_id ?? `millwright-${randomBytes(6).toString("hex")}`,
    keepalive: Math.min(65_535, Math.ceil(config.keepalive / 1000)),
    connectTimeout: answerMs,
    // The runner owns retry, and attach() subscribes.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // A broker of MQTT 5 keeps larger messages to itself; with 3.1.1 they come, and are counted as malformed.
    ...(five ? { properties: { sessionExpiryInterval: 0, maximumPacketSize: maxPayloadBytes + (1 << 17) } } : {}),
    ...(await credentials(config)),
  };
}

async function credentials(config: BrokerConfig): Promise<IClientOptions> {
  try {
    return {
      ...(config.user === undefined ? {} : { username: config.user }),
      ...(config.password === undefined ? {} : { password: config.password.reveal() }),
      ...(config.ca === undefined ? {} : { ca: await readFile(config.ca) }),
    };
  } catch (cause) {
    throw new SourceError("config", `${config.url}: ${messageOf(cause)}`, { cause });
  }
}

function connected(client: MqttClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      client.end(true);
      reject(new SourceError("disconnected", "given up"));
    };
    const fail = (error: Error): void => {
      client.end(true);
      reject(error);
    };
    client.once("connect", () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    client.once("error", fail);
    client.once("close", () => fail(new Error(hungUp)));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

function lostOf(client: MqttClient, url: string): Promise<SourceError> {
  let why = "the connection was closed";
  client.on("disconnect", (packet) => {
    why = reasonOf(packet.reasonCode ?? 0)[1];
  });
  client.on("error", (error) => {
    why = messageOf(error);
    // A packet that mqtt.js cannot parse is an error without a close.
    client.stream.destroy();
  });
  return new Promise((resolve) => {
    client.once("close", () => resolve(new SourceError("disconnected", `${url}: connection lost: ${why}`)));
  });
}

interface Subscription {
  readonly filters: string[];
  readonly qos: QoS;
  readonly url: string;
}

/** Undefined once subscribed, or what the broker said. Never rejects. */
function subscribe(client: MqttClient, { filters, qos, url }: Subscription): Promise<SourceError | undefined> {
  return new Promise((resolve) => {
    client.subscribe(filters, { qos }, (error, _granted, packet) => {
      if (error === null || error === undefined) return resolve(undefined);
      const codes = packet?.granted ?? [];
      const refused = filters.flatMap((filter, i) => (Number(codes[i]) >= 0x80 ? [{ filter, code: Number(codes[i]) }] : []));
      const [first] = refused;
      if (first === undefined)
        return resolve(new SourceError("disconnected", `${url}: subscribe to ${filters.map(quoted).join(", ")}: ${messageOf(error)}`));
      const [fault, why] = reasonOf(first.code);
      resolve(new SourceError(fault, `${url}: subscribe to ${refused.map((r) => quoted(r.filter)).join(", ")}: ${why}`));
    });
  });
}

function part(client: MqttClient, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (client.stream.destroyed) return resolve();
    const cancel = clock.after(partingMs, () => client.stream.destroy());
    client.stream.once("close", () => {
      cancel();
      resolve();
    });
    client.end();
  });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
