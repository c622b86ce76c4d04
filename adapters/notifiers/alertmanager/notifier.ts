import type { AlertmanagerConfig } from "../../../config/notify.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Notifier } from "../../../core/notifier.ts";
import { authorization, post } from "../http.ts";
import { alertsOf } from "./alerts.ts";

/** Sends incidents as alerts to an Alertmanager's API v2. Open ones are told again before they would count as over. */
export function createAlertmanagerNotifier(config: AlertmanagerConfig, clock: Pick<Clock, "now">): Notifier {
  const url = `${config.url.replace(/\/+$/, "")}/api/v2/alerts`;
  return {
    async send(notification, signal) {
      const { user, password, token, ca } = config;
      const headers = {
        "content-type": "application/json",
        "idempotency-key": notification.id,
        ...authorization({ user, password: password?.reveal(), token: token?.reveal() }),
      };
      await post({ url, name: url, ca, headers, body: JSON.stringify(alertsOf(notification, clock.now())), signal });
    },
    async close() {},
  };
}
