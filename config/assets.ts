import { z } from "zod";
import { unitNames } from "../core/unit.ts";
import { modbusFact, modbusMetric, stateNames } from "./modbus.ts";
import { duration, id, labelName, labels, labelValue, metricName, secret } from "./values.ts";

const port = z.int().min(1).max(65535);
const defaultEvery = "30s";
const every = duration.prefault(defaultEvery).describe("how often it is read");
const lookAroundEvery = "1h";
const timeout = duration.prefault("2s").describe("how long one request may take");

export const authProtocols = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;
export const privacyProtocols = ["des", "aes", "aes192b", "aes192r", "aes256b", "aes256r"] as const;

/** Exactly one of these names, with a secret: `{ sha256: file:secrets/auth }`. */
export function oneOf<const N extends readonly string[]>(names: N) {
  return z
    .partialRecord(z.enum(names), secret)
    .refine((map) => Object.keys(map).length === 1, `expected exactly one of ${names.join(", ")}, such as { ${names.at(-1)}: file:PATH }`);
}

/** Texts and numbers that mean the same (`1` and `"1"`), as one text. */
function version<const V extends string>(choices: readonly V[]) {
  const numbers = choices.map(Number).filter((choice) => !Number.isNaN(choice));
  return z.codec(z.literal([...choices, ...numbers]), z.enum(choices), {
    decode: (choice) => `${choice}` as V,
    encode: (choice) => choice as never,
  });
}

/** As whom a device is asked. */
const snmpAccount = {
  version: version(["1", "2c", "3"]).prefault("2c"),
  community: secret.optional().describe("of versions 1 and 2c"),
  user: z.string().min(1).optional().describe("of version 3"),
  auth: oneOf(authProtocols).optional().describe("authentication of version 3: one protocol and its passphrase"),
  privacy: oneOf(privacyProtocols).optional().describe("encryption of version 3: one protocol and its passphrase"),
  context: z.string().optional().describe("context name of version 3"),
};
type Account = z.output<z.ZodObject<typeof snmpAccount>>;

function checkAccount(account: Account, context: z.RefinementCtx): void {
  const need = (key: "community" | "user" | "auth", why: string): void => {
    if (account[key] === undefined) context.addIssue({ code: "custom", path: [key], message: `is missing: ${why}` });
  };
  if (account.version === "3") need("user", "version 3 needs a user");
  else need("community", `version ${account.version} needs a community`);
  if (account.privacy !== undefined) need("auth", "privacy needs auth");
}

/** One SNMP target. */
export const snmpConfig = z
  .strictObject({
    host: z.string().min(1).describe("name or address"),
    port: port.default(161),
    ...snmpAccount,
    credentials: z
      .array(z.strictObject(snmpAccount).superRefine(checkAccount))
      .max(10)
      .default([])
      .describe("further versions and secrets, tried in this order where the device does not answer to those above"),
    profile: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .default("auto")
      .describe("auto, a profile's name, or a list of names"),
    scale: z
      .record(
        metricName,
        z.number().refine((factor) => factor !== 0, "would make every value 0"),
      )
      .default({})
      .describe("by metric: what its values are multiplied with, for a device whose scale is not that of its profile"),
    every,
    tables: z
      .record(
        z.string().regex(/^[0-2](\.(0|[1-9]\d*)){2,}$/, "the OID of a table's rows, such as 1.3.6.1.2.1.2.2.1"),
        z.strictObject({ every: duration }),
      )
      .default({})
      .describe("by the OID of a table's rows: how often it is read, where that is less often than the device"),
    timeout,
    retries: z.int().min(0).max(10).default(1).describe("how often one request is sent again"),
    traps_from: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "further names or addresses that its traps come from, where agent.traps listens: of a management port, of a cluster's other half",
      ),
    topology: z
      .union([z.literal("off"), z.strictObject({ every: duration.prefault(lookAroundEvery) })])
      .prefault({})
      .describe("how often its neighbours, forwarding table and ARP cache are read (docs/topology.md); off: never"),
  })
  .superRefine(checkAccount);
export type SnmpConfig = z.output<typeof snmpConfig>;

/** One Modbus unit. */
export const modbusConfig = z
  .strictObject({
    tcp: z
      .string()
      .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+)(:\d{1,5})?$/, "host or host:port")
      .describe("host:port of a Modbus TCP device or gateway; port 502 without one"),
    unit: z.int().min(0).max(255).default(1).describe("unit (slave) number"),
    profile: z.string().min(1).optional().describe("a profile's name"),
    metrics: z.array(modbusMetric).default([]).describe("values beside those of the profile, or instead of one"),
    inventory: z
      .array(modbusFact)
      .default([])
      .describe("texts that are facts of the asset, beside those of the profile, or instead of one"),
    every,
    timeout,
    gap: duration.prefault("0ms").describe("pause between two requests to this connection, for slow gateways"),
    in_flight: z
      .int()
      .min(1)
      .max(16)
      .optional()
      .describe("requests under way at once on this connection; where its units differ, the smallest number counts; 1 without any"),
  })
  .refine((modbus) => modbus.profile !== undefined || modbus.metrics.length > 0, "needs a profile, or metrics of its own");
export type ModbusConfig = z.output<typeof modbusConfig>;

const jsonPath = z.string().regex(/^\$/, "a JSON path: it starts with $, such as $.axes[0].temp");

/** One value of a message. */
export const mqttMetric = z.strictObject({
  path: jsonPath.optional().describe("JSON path into the payload; the whole payload without it"),
  unit: z.enum(unitNames).default("").describe("unit of the payload's value: it is converted to the base unit"),
  kind: z.enum(["gauge", "counter", "state"]).default("gauge"),
  scale: z.number().default(1).describe("multiplies the value before the unit is converted"),
  offset: z.number().default(0).describe("is added after the scale"),
  states: stateNames.optional().describe("names of a state's numbers"),
  labels: labels.default({}).describe("labels of the series"),
  range: z.tuple([z.number(), z.number()]).optional().describe("plausible range in the base unit: outside it the reading is BadOutOfRange"),
});
export type MqttMetric = z.output<typeof mqttMetric>;

export const mqttTopic = z.strictObject({
  topic: z.string().min(1).describe("{name} is one level, kept as a label; + and a trailing # as in MQTT"),
  format: z.enum(["json", "text"]).default("json"),
  qos: z.literal([0, 1, 2]).default(1),
  metrics: z.record(metricName, mqttMetric).describe("what the payload holds, by the metric's name"),
  time: jsonPath.optional().describe("JSON path of the time: ms or s since epoch, or ISO 8601; the time of arrival without it"),
});
export type MqttTopic = z.output<typeof mqttTopic>;

const sparkplug = z.strictObject({ group: z.string().min(1), node: z.string().min(1), device: z.string().min(1).optional() });

/** One asset's topics at a broker. */
export const mqttConfig = z
  .strictObject({
    broker: id.describe("an id of brokers"),
    every: duration.prefault("10s").describe("how often a value is expected: silence for 3 times that makes its series BadNoCommunication"),
    topics: z.array(mqttTopic).default([]),
    sparkplug: sparkplug.optional().describe("a Sparkplug B edge node or device"),
  })
  .refine((mqtt) => mqtt.topics.length > 0 || mqtt.sparkplug !== undefined, "needs topics or sparkplug");
export type MqttConfig = z.output<typeof mqttConfig>;

const single = z.codec(id, z.array(z.string()).length(1), { decode: (one) => [one], encode: (list) => list[0] ?? "" });

/** What an asset is reached through: `[a, b]` both, `[[a, b], c]` (a or b) and c. */
const via = z.array(z.union([single, z.array(id).min(1)])).default([]);

export const asset = z.strictObject({
  name: z.string().min(1).optional().describe("what people call it; the id without it"),
  at: z
    .string()
    .regex(/^[^\s+#/$][^+#$]*$/, "a place: enterprise/site/area/line/cell, without + # $")
    .optional()
    .describe("place: enterprise/site/area/line/cell"),
  labels: labels.default({}).describe("what selectors choose by"),
  via: via.describe("what it is reached through: [a, b] both, [[a, b], c] either of a and b, and c"),
  attributes: z
    .record(labelName, z.union([z.number(), labelValue]))
    .default({})
    .describe("facts that services weigh by, such as nominal_bph: 12000"),
  agent: id.optional().describe("the agent that reads it, where there are several"),
  dead_after: duration.optional().describe("no data for this long, though reachable, is critical; 5 intervals, at least 1m, without it"),
  snmp: snmpConfig.optional().describe("read by SNMP"),
  modbus: modbusConfig.optional().describe("read by Modbus TCP"),
  mqtt: mqttConfig.optional().describe("read by MQTT"),
});
export type AssetConfig = z.output<typeof asset>;

const brokerUrl = z
  .string()
  .regex(/^(mqtt|mqtts|tcp|ssl):\/\/[^\s/@]+$/, "mqtt://host:port or mqtts://host:port, without user and password");

export const broker = z.strictObject({
  url: brokerUrl.describe("mqtt://host:port or mqtts://host:port"),
  client_id: z.string().min(1).max(65535).optional().describe("MQTT client identifier"),
  user: z.string().optional(),
  password: secret.optional(),
  version: version(["3.1.1", "5"]).prefault("3.1.1").describe("MQTT protocol version"),
  ca: z.string().min(1).optional().describe("file with the CA certificate of an mqtts broker, PEM"),
  keepalive: duration.prefault("30s"),
});
export type BrokerConfig = z.output<typeof broker>;
