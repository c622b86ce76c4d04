import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { modbusMetric, stateNames } from "./modbus.ts";
import { duration, id, labelName, labels, labelValue, metricName, secret } from "./values.ts";

const port = z.int().min(1).max(65535);
const defaultEvery = "30s";
const every = duration.prefault(defaultEvery);

const authProtocols = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;
const privacyProtocols = ["des", "aes", "aes256b", "aes256r"] as const;

/** Exactly one of these names, with a secret: `{ sha256: file:secrets/auth }`. */
function oneOf<const N extends readonly string[]>(names: N) {
  return z.partialRecord(z.enum(names), secret).refine((map) => Object.keys(map).length === 1, `exactly one of ${names.join(", ")}`);
}

/** One SNMP target. */
export const snmpConfig = z
  .strictObject({
    host: z.string().min(1),
    port: port.default(161),
    version: z
      .union([z.literal(1), z.literal("1"), z.literal("2c"), z.literal(3), z.literal("3")])
      .transform((v) => `${v}` as "1" | "2c" | "3")
      .prefault("2c"),
    community: secret.optional(),
    user: z.string().min(1).optional(),
    auth: oneOf(authProtocols).optional(),
    privacy: oneOf(privacyProtocols).optional(),
    context: z.string().optional(),
    /** `auto`, a profile's name, or several. */
    profile: z.union([z.string(), z.array(z.string()).min(1)]).default("auto"),
    every,
    timeout: duration.prefault("2s"),
    retries: z.int().min(0).max(10).default(1),
  })
  .superRefine((snmp, context) => {
    const need = (key: "community" | "user", why: string): void => {
      if (snmp[key] === undefined) context.addIssue({ code: "custom", path: [key], message: `is missing: ${why}` });
    };
    if (snmp.version === "3") need("user", "version 3 needs a user");
    else need("community", `version ${snmp.version} needs a community`);
    if (snmp.privacy !== undefined && snmp.auth === undefined)
      context.addIssue({ code: "custom", path: ["auth"], message: "is missing: privacy needs auth" });
  });
export type SnmpConfig = z.output<typeof snmpConfig>;

/** One Modbus unit. */
export const modbusConfig = z
  .strictObject({
    tcp: z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+)(:\d{1,5})?$/, 'is not "host" or "host:port"'),
    unit: z.int().min(0).max(255).default(1),
    profile: z.string().optional(),
    /** Values beside those of the profile, or instead of one. */
    metrics: z.array(modbusMetric).default([]),
    every,
    timeout: duration.prefault("2s"),
    /** Pause between two requests to this connection, for slow gateways. */
    gap: duration.prefault("0ms"),
  })
  .refine((modbus) => modbus.profile !== undefined || modbus.metrics.length > 0, "needs a profile, or metrics of its own");
export type ModbusConfig = z.output<typeof modbusConfig>;

/** One value of a message. */
export const mqttMetric = z.strictObject({
  /** JSON path into the payload, such as $.bar or $.axes[0].temp; the whole payload without it. */
  path: z.string().regex(/^\$/, "a JSON path starts with $").optional(),
  unit: z.enum(unitNames).default(""),
  kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
  scale: z.number().default(1),
  offset: z.number().default(0),
  states: stateNames.optional(),
  labels: labels.default({}),
  range: z.tuple([z.number(), z.number()]).optional(),
});
export type MqttMetric = z.output<typeof mqttMetric>;

export const mqttTopic = z.strictObject({
  /** `plant/air/{sensor}`: `{name}` is one level, kept as a label; `+` and a trailing `#` as in MQTT. */
  topic: z.string().min(1),
  format: z.enum(["json", "text"]).default("json"),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
  metrics: z.record(metricName, mqttMetric),
  /** JSON path of the time: ms or s since epoch, or ISO 8601. The time of arrival without it. */
  time: z.string().regex(/^\$/, "a JSON path starts with $").optional(),
  /** A message that says the asset is gone: `{ path: $.state, offline: "down" }` is a later issue's. */
});
export type MqttTopic = z.output<typeof mqttTopic>;

/** One asset's topics at a broker. */
export const mqttConfig = z
  .strictObject({
    broker: id,
    every: duration.prefault("10s"),
    topics: z.array(mqttTopic).default([]),
    sparkplug: z.strictObject({ group: z.string().min(1), node: z.string().min(1), device: z.string().min(1).optional() }).optional(),
  })
  .refine((mqtt) => mqtt.topics.length > 0 || mqtt.sparkplug !== undefined, "needs topics or sparkplug");
export type MqttConfig = z.output<typeof mqttConfig>;

/** What an asset is reached through: `[a, b]` both, `[[a, b], c]` (a or b) and c. */
const via = z.array(z.union([id.transform((one) => [one]), z.array(id).min(1)])).default([]);

export const asset = z.strictObject({
  name: z.string().min(1).optional(),
  at: z
    .string()
    .regex(/^[^\s+#/$][^+#$]*$/, "a place is enterprise/site/area/line/cell, without + # $")
    .optional(),
  labels: labels.default({}),
  via,
  attributes: z.record(labelName, z.union([z.number(), labelValue])).default({}),
  agent: id.optional(),
  /** No data for this long, though reachable, is critical. Default: 5 intervals, at least 1 min. */
  dead_after: duration.optional(),
  snmp: snmpConfig.optional(),
  modbus: modbusConfig.optional(),
  mqtt: mqttConfig.optional(),
});
export type AssetConfig = z.output<typeof asset>;

export const broker = z.strictObject({
  url: z.string().regex(/^(mqtt|mqtts|tcp|ssl):\/\/[^\s/]+$/, "is not mqtt://host:port or mqtts://host:port"),
  client_id: z.string().min(1).max(65535).optional(),
  user: z.string().optional(),
  password: secret.optional(),
  /** MQTT protocol version. */
  version: z
    .union([z.literal("3.1.1"), z.literal(5), z.literal("5")])
    .transform((v) => (v === "3.1.1" ? "3.1.1" : "5") as "3.1.1" | "5")
    .prefault("3.1.1"),
  /** File with the CA certificate of an mqtts broker, PEM. */
  ca: z.string().optional(),
  keepalive: duration.prefault("30s"),
});
export type BrokerConfig = z.output<typeof broker>;
