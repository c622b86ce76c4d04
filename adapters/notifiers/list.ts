import type { ChannelConfig } from "../../config/notify.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { type Notifier, NotifyError } from "../../core/notifier.ts";
import { lifeMs } from "./alertmanager/alerts.ts";

/** How often a channel has to be told of an open incident so as not to forget it, ms; undefined: never. */
export function refreshMsOf(channel: ChannelConfig): number | undefined {
  // Three times within an alert's life.
  return "alertmanager" in channel ? lifeMs / 3 : undefined;
}

export interface NotifierParts {
  readonly brokers: Config["brokers"];
  readonly clock: Pick<Clock, "now">;
}

/** The notifier that a channel of config names, its library loaded only when it sends. A new one is a folder and a line here. */
export async function createNotifier(channel: ChannelConfig, { brokers, clock }: NotifierParts): Promise<Notifier> {
  if ("webhook" in channel) return (await import("./webhook/notifier.ts")).createWebhookNotifier(channel.webhook, clock);
  if ("email" in channel) return (await import("./email/notifier.ts")).createEmailNotifier(channel.email);
  if ("alertmanager" in channel)
    return (await import("./alertmanager/notifier.ts")).createAlertmanagerNotifier(channel.alertmanager, clock);
  const broker = brokers[channel.mqtt.broker];
  if (broker === undefined) throw new NotifyError("retry", `there is no broker ${channel.mqtt.broker}`);
  return (await import("./mqtt/notifier.ts")).createMqttNotifier(channel.mqtt, broker);
}
