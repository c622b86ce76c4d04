import type { WebhookConfig } from "../../../config/notify.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Notifier } from "../../../core/notifier.ts";
import { authorization, post } from "../http.ts";
import { bodyOf } from "./body.ts";
import { signatureOf } from "./signature.ts";

/**
 * Posts each message. `webhook-id` and `idempotency-key` are the same in every attempt; `webhook-signature` is there where config
 * has a secret, which is read anew each time.
 */
export function createWebhookNotifier(config: WebhookConfig, clock: Pick<Clock, "now">): Notifier {
  return {
    async send(notification, signal) {
      const url = urlOf(config);
      const { type, text } = bodyOf(config, notification);
      const timestamp = Math.floor(clock.now() / 1000);
      const { id } = notification;
      const secret = config.secret?.reveal();
      const headers = {
        "content-type": `${type}; charset=utf-8`,
        "user-agent": "millwright",
        "idempotency-key": id,
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        ...(secret === undefined ? {} : { "webhook-signature": signatureOf({ id, timestamp, body: text, secret }) }),
        ...authorization({ token: config.token?.reveal() }),
      };
      await post({ url, name: nameOf(config, url), ca: config.ca, headers, body: text, signal });
    },
    async close() {},
  };
}

function urlOf({ url, url_from }: WebhookConfig): string {
  if (url !== undefined) return url;
  return url_from === undefined ? "" : url_from.reveal();
}

/** The URL, or as much of a secret one as may be told. */
function nameOf({ url_from }: WebhookConfig, url: string): string {
  if (url_from === undefined) return url;
  return URL.canParse(url) ? `webhook at ${new URL(url).origin}` : "webhook: its secret is no URL";
}
