import type { WebhookConfig } from "../../../config/notify.ts";
import { fillTemplate } from "../../../config/template.ts";
import type { Notification } from "../../../core/notifier.ts";

/** Body and media type of a webhook. */
export interface WebhookBody {
  readonly type: string;
  readonly text: string;
}

/** The message in the form that the receiver wants. */
export function bodyOf(config: Pick<WebhookConfig, "format" | "body" | "content_type">, notification: Notification): WebhookBody {
  if (config.body !== undefined) {
    return { type: config.content_type, text: fillTemplate(config.body, config.content_type, valuesOf(notification)) };
  }
  const shape = { millwright: ownShape, slack: slackShape, teams: teamsShape }[config.format];
  return { type: "application/json", text: JSON.stringify(shape(notification)) };
}

function valuesOf({ id, title, text, level, news, url }: Notification) {
  const services = new Set(news.flatMap(({ incident }) => incident.services.map((service) => service.name)));
  const causes = new Set(news.flatMap(({ incident }) => incident.causes));
  const kinds = new Set(news.map(({ kind }) => kind));
  return { id, title, text, level, url, kind: [...kinds].join(", "), services: [...services].join(", "), causes: [...causes].join(", ") };
}

function ownShape(notification: Notification): object {
  return { version: 1, ...notification };
}

/** Slack's incoming webhooks; &, < and > are all that its text escapes (docs.slack.dev, "Formatting message text"). */
function slackShape({ title, text, url }: Notification): object {
  const escaped = (line: string): string => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { text: [`*${escaped(title)}*`, escaped(text), ...(url === "" ? [] : [`<${url}>`])].join("\n") };
}

/** An adaptive card for a Teams workflow's webhook (Adaptive Cards 1.4); its text blocks take a part of Markdown. */
function teamsShape({ title, text, level, url }: Notification): object {
  const colour = { ok: "good", warning: "warning", major: "attention", critical: "attention" }[level];
  const block = (line: string, more: object = {}) => ({ type: "TextBlock", wrap: true, text: plain(line), ...more });
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body: [block(title, { weight: "bolder", color: colour }), ...text.split("\n").map((line) => block(line, { spacing: "none" }))],
    ...(url === "" ? {} : { actions: [{ type: "Action.OpenUrl", title: "Open", url }] }),
  };
  return { type: "message", attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content }] };
}

/** Text that Markdown leaves alone: a device's name must not become a link. */
function plain(line: string): string {
  return line.replace(/[\\`*_[\]()#<>~|]/g, "\\$&");
}
