import { createNotifier } from "../../adapters/notifiers/list.ts";
import { sameValue } from "../../config/diff.ts";
import type { ChannelConfig } from "../../config/notify.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { type ChannelCounts, type ChannelState, Courier } from "./courier.ts";
import type { Graveyard } from "./dead-letters.ts";
import type { Outbox } from "./outbox.ts";

export interface ChannelsParts {
  readonly outbox: Outbox;
  readonly graveyard: Graveyard;
  readonly clock: Clock;
  readonly log: Log;
}

export type ChannelSettings = Pick<Config, "notify" | "brokers">;

/** A courier for each channel of config. */
export class Channels {
  readonly #parts: ChannelsParts;
  readonly #couriers = new Map<string, { readonly config: unknown; readonly courier: Courier }>();
  #released = 0;

  constructor(parts: ChannelsParts) {
    this.#parts = parts;
  }

  /** Takes over a config: who did not change goes on; what waits for one that is gone is crossed out. */
  renew({ notify: { channels }, brokers }: ChannelSettings): void {
    const { outbox, log } = this.#parts;
    const configs = new Map(Object.entries(channels).map(([id, channel]) => [id, { channel, broker: brokerOf(channel, brokers) }]));
    for (const [id, { config, courier }] of this.#couriers) {
      if (sameValue(config, configs.get(id))) continue;
      this.#couriers.delete(id);
      void courier.stop();
    }
    for (const [id, config] of configs) {
      if (this.#couriers.has(id)) continue;
      const courier = this.#courier(id, config.channel, brokers);
      this.#couriers.set(id, { config, courier });
      courier.release(this.#released);
    }
    const lost = outbox.keep(new Set(configs.keys()));
    if (lost > 0) log.warn({ messages: lost }, "messages for channels that config no longer has are dropped");
  }

  has(channel: string): boolean {
    return this.#couriers.has(channel);
  }

  /** Letters up to this number may go. */
  release(upTo: number): void {
    this.#released = Math.max(this.#released, upTo);
    for (const { courier } of this.#couriers.values()) courier.release(upTo);
  }

  /** Gives up what has waited for too long, or is too much. */
  trim(now: number): void {
    for (const { courier } of this.#couriers.values()) courier.trim(now);
  }

  counts(): readonly ChannelCounts[] {
    return [...this.#couriers.values()].map(({ courier }) => courier.counts());
  }

  states(): readonly ChannelState[] {
    return [...this.#couriers.values()].map(({ courier }) => courier.state());
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#couriers.values()].map(({ courier }) => courier.stop()));
  }

  #courier(channel: string, config: ChannelConfig, brokers: Config["brokers"]): Courier {
    const { clock } = this.#parts;
    const open = () => createNotifier(config, { brokers, clock });
    return new Courier({ ...this.#parts, channel, open, random: Math.random });
  }
}

function brokerOf(channel: ChannelConfig, brokers: Config["brokers"]): unknown {
  return "mqtt" in channel ? brokers[channel.mqtt.broker] : undefined;
}
