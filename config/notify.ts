import { z } from "zod";
import { templateFault } from "./template.ts";
import { duration, httpUrl, id, secret } from "./values.ts";

const level = z.enum(["warning", "major", "critical"]);
const text = z.string().min(1);
const idOrIds = z.union([id, z.array(id).min(1)]);

const services = z
  .strictObject({
    owner: text.optional().describe("of services with this owner"),
    id: idOrIds.optional().describe("of this service, or of one of these"),
  })
  .refine(({ owner, id: ids }) => owner !== undefined || ids !== undefined, "needs `owner` or `id`");

const quietHours = z.union([
  id,
  z.strictObject({
    calendar: id.describe("an id of calendars: quiet while it is open"),
    below: level.describe("incidents of this level and worse are told all the same"),
  }),
]);

const step = z
  .strictObject({
    after: duration.optional().describe("so long after the route's first word, where nobody has acknowledged the incident"),
    level: level.optional().describe("once the incident is of this level"),
    to: z.array(id).min(1).describe("ids of channels that are told then"),
  })
  .refine((one) => one.after !== undefined || one.level !== undefined, "needs `after` or `level`: it would be told at once");

const route = z.strictObject({
  level: level.default("major").describe("from this level on"),
  services: services.optional().describe("incidents that hurt such a service; all without it"),
  at: text.optional().describe("incidents with a cause at this place or below it, such as acme/brno"),
  calendar: id.optional().describe("only while this calendar is open"),
  quiet: quietHours.optional().describe("held back while this calendar is open; a resolve never is"),
  to: z.array(id).min(1).describe("ids of channels"),
  group: duration.prefault("10s").describe("what comes within this time goes into one message"),
  repeat: duration.prefault("4h").describe("told again after this time while nobody has acknowledged it; 0s never"),
  escalate: z.array(step).default([]).describe("who else is told, and when"),
});
export type RouteConfig = z.output<typeof route>;

const ca = text.optional().describe("file with the CA certificate of its server, PEM; those that the system trusts without it");

const webhook = z
  .strictObject({
    url: httpUrl.optional().describe("where it is sent by POST"),
    url_from: secret.optional().describe("the same for a URL that is itself a secret, such as Slack's"),
    secret: secret.optional().describe("key of the HMAC signature"),
    token: secret.optional().describe("bearer token"),
    ca,
    format: z.enum(["millwright", "slack", "teams"]).default("millwright").describe("what the body is"),
    body: text
      .optional()
      .describe("a body of your own: {title}, {text}, {level}, {kind}, {id}, {services}, {causes} and {url} are filled in"),
    content_type: z
      .enum(["application/json", "text/plain", "application/x-www-form-urlencoded"])
      .default("application/json")
      .describe("media type of `body`, which says how values are escaped"),
  })
  .superRefine((hook, context) => {
    if ((hook.url === undefined) === (hook.url_from === undefined))
      context.addIssue({ code: "custom", message: "needs `url` or `url_from`, and not both" });
    const fault = hook.body === undefined ? undefined : templateFault(hook.body, hook.content_type);
    if (fault !== undefined) context.addIssue({ code: "custom", path: ["body"], message: fault });
  });
export type WebhookConfig = z.output<typeof webhook>;

const address = z.string().regex(/^[^\s@<>"]+@[^\s@<>"]+$/, "an e-mail address");
const email = z.strictObject({
  host: text.describe("the mail server"),
  port: z.int().min(1).max(65_535).default(587).describe("its port"),
  tls: z.enum(["starttls", "tls", "none"]).default("starttls").describe("none only where the server is on this machine"),
  user: text.optional().describe("where it asks for one"),
  password: secret.optional().describe("of `user`"),
  ca,
  from: address.describe("address of the sender"),
  to: z.array(address).min(1).describe("addresses of the recipients"),
});
export type EmailConfig = z.output<typeof email>;

const mqtt = z.strictObject({
  broker: id.describe("an id of brokers"),
  topic: z
    .string()
    .regex(/^[^+#\0]+$/, "a topic without + and #")
    .describe("where it is published"),
  qos: z
    .union([z.literal(0), z.literal(1), z.literal(2)])
    .default(1)
    .describe("quality of service"),
});
export type MqttChannelConfig = z.output<typeof mqtt>;

const alertmanager = z.strictObject({
  url: httpUrl.describe("an Alertmanager, without /api/v2"),
  user: text.optional().describe("where it asks for one"),
  password: secret.optional().describe("of `user`"),
  token: secret.optional().describe("bearer token"),
  ca,
});
export type AlertmanagerConfig = z.output<typeof alertmanager>;

const channel = z.union([
  z.strictObject({ webhook }),
  z.strictObject({ email }),
  z.strictObject({ mqtt }),
  z.strictObject({ alertmanager }),
]);
export type ChannelConfig = z.output<typeof channel>;

/** The same channels, the paths of their files resolved by `at`. */
export function anchorChannels(channels: Readonly<Record<string, ChannelConfig>>, at: (path: string) => string): typeof channels {
  const anchored = <C extends { readonly ca?: string | undefined }>(config: C): C =>
    config.ca === undefined ? config : { ...config, ca: at(config.ca) };
  const anchor = (one: ChannelConfig): ChannelConfig => {
    if ("webhook" in one) return { webhook: anchored(one.webhook) };
    if ("email" in one) return { email: anchored(one.email) };
    return "alertmanager" in one ? { alertmanager: anchored(one.alertmanager) } : one;
  };
  return Object.fromEntries(Object.entries(channels).map(([id, one]) => [id, anchor(one)]));
}

export const notify = z.strictObject({
  url: httpUrl.optional().describe("where people reach the pages: links in messages begin with it"),
  routes: z.array(route).default([]).describe("who is told what"),
  channels: z.record(id, channel).default({}).describe("ways to tell people"),
});
