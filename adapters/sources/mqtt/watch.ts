import type { BrokerConfig } from "../../../config/assets.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { Broker } from "./broker.ts";
import type { Message, QoS } from "./receiver.ts";

export interface WatchOptions {
  readonly broker: BrokerConfig;
  /** MQTT filters: `plant/#`. */
  readonly filters: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Hears whatever a broker has under these filters, until the signal aborts (then it resolves) or the connection is lost (then
 * it rejects with SourceError). It subscribes and nothing else.
 */
export async function watch({ broker, filters, clock, log }: WatchOptions, { signal, heard }: Watcher): Promise<void> {
  const subscriptions = new Map(filters.map((filter): [string, QoS] => [filter, 0]));
  await new Broker({ config: broker, url: broker.url, clock, log }).listen({ subscriptions, message: heard }, signal, () => {
    log.info({ broker: broker.url, filters }, "subscribed");
  });
}

export interface Watcher {
  readonly signal: AbortSignal;
  readonly heard: (message: Message) => void;
}
