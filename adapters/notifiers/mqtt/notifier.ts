import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IClientOptions, MqttClient } from "mqtt";
import type { MqttChannelConfig } from "../../../config/notify.ts";
import type { Config } from "../../../config/schema.ts";
import { messageOf } from "../../../core/errors.ts";
import { type Notifier, NotifyError } from "../../../core/notifier.ts";

type BrokerConfig = Config["brokers"][string];

/** How long the broker may take for one step, ms. */
const stepMs = 10_000;

/**
 * Publishes each message as JSON to one topic; a connection for each. Beside sources, which can only hear, this is the one
 * place that publishes, and it does so to the topic of config only.
 */
export function createMqttNotifier(config: MqttChannelConfig, broker: BrokerConfig): Notifier {
  return {
    async send(notification, signal) {
      const doing = `${broker.url}: publish to ${config.topic}`;
      let client: MqttClient | undefined;
      const abort = (): void => void client?.end(true);
      try {
        const { connectAsync } = await import("mqtt");
        client = await connectAsync(broker.url, await clientOptions(broker), false);
        client.on("error", () => {});
        signal.addEventListener("abort", abort, { once: true });
        await client.publishAsync(config.topic, JSON.stringify({ version: 1, ...notification }), { qos: config.qos });
      } catch (error) {
        throw new NotifyError("retry", `${doing}: ${messageOf(error)}`, { cause: error });
      } finally {
        signal.removeEventListener("abort", abort);
        await client?.endAsync(signal.aborted).catch(() => {});
      }
    },
    async close() {},
  };
}

async function clientOptions(broker: BrokerConfig): Promise<IClientOptions> {
  const url = new URL(broker.url);
  const tls = url.protocol === "mqtts:" || url.protocol === "ssl:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    protocol: tls ? "mqtts" : "mqtt",
    hostname: host,
    host,
    port: url.port === "" ? (tls ? 8883 : 1883) : Number(url.port),
    protocolVersion: broker.version === "5" ? 5 : 4,
    clean: true,
    // Not the broker's client_id: an agent has that, and would be thrown out.
    clientId: `millwright-notify-${randomBytes(6).toString("hex")}`,
    connectTimeout: stepMs,
    reconnectPeriod: 0,
    ...(broker.user === undefined ? {} : { username: broker.user }),
    ...(broker.password === undefined ? {} : { password: broker.password.reveal() }),
    ...(broker.ca === undefined ? {} : { ca: await readFile(broker.ca) }),
  };
}
