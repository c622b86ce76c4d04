import type { BrokerConfig, MqttConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import { SourceError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { ListeningSource, SourceAdapter, SourceContext } from "../../../core/source.ts";
import { Broker } from "./broker.ts";
import { Receiver } from "./receiver.ts";
import type { SessionOptions } from "./session.ts";

/** One asset's topics, and the broker that has them. */
export interface MqttSpec {
  readonly mqtt: MqttConfig;
  readonly broker: BrokerConfig;
  /** The broker's key in the config: sources of one key share a connection. */
  readonly brokerId: string;
}

export interface MqttAdapterOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** Hears assets through MQTT brokers (3.1.1 and 5), one connection per broker. It subscribes and nothing else. */
export function createMqttAdapter({ log, clock }: MqttAdapterOptions): SourceAdapter<MqttSpec> {
  const brokers = new Map<string, Broker>();
  return {
    protocol: "mqtt",
    source(spec, context) {
      checkBroker(spec);
      const receiver = new Receiver(spec.mqtt, context);
      return listen(sharedBroker(brokers, { config: spec.broker, url: spec.broker.url, clock, log }, spec.brokerId), receiver, context);
    },
    async close() {
      await Promise.all([...brokers.values()].map((broker) => broker.close()));
      brokers.clear();
    },
  };
}

function checkBroker({ broker, brokerId }: MqttSpec): void {
  if (!URL.canParse(broker.url)) throw new SourceError("config", `broker ${brokerId}: ${JSON.stringify(broker.url)} is not a URL`);
  if (broker.password !== undefined && broker.user === undefined && broker.version === "3.1.1")
    throw new SourceError("config", `broker ${brokerId}: MQTT 3.1.1 takes a password only with a user (MQTT-3.1.2-22)`);
}

/** Secrets print alike, so a changed reference keeps the connection, and is used at the next connect. */
function sharedBroker(brokers: Map<string, Broker>, options: SessionOptions, id: string): Broker {
  const key = `${id}\u0000${JSON.stringify(options.config)}`;
  const known = brokers.get(key);
  known?.renew(options);
  const broker = known ?? new Broker(options);
  brokers.set(key, broker);
  return broker;
}

function listen(broker: Broker, receiver: Receiver, context: SourceContext): ListeningSource {
  const closing = new AbortController();
  let listening: Promise<void> | undefined;
  return {
    mode: "listen",
    target: `${broker.url} ${shortList([...receiver.subscriptions.keys()])}`,
    listen(signal, live) {
      receiver.begin();
      const hearer = { subscriptions: receiver.subscriptions, message: receiver.message.bind(receiver) };
      listening = broker.listen(hearer, AbortSignal.any([signal, closing.signal]), () => {
        context.log.info({ broker: broker.url, topics: receiver.subscriptions.size }, "subscribed");
        live();
      });
      return listening;
    },
    async close() {
      closing.abort();
      await listening?.catch(() => {});
    },
  };
}

/** The first three, and how many more. */
function shortList(filters: readonly string[]): string {
  const more = filters.length - 3;
  return `${filters.slice(0, 3).join(" ")}${more > 0 ? ` and ${more} more` : ""}`;
}
