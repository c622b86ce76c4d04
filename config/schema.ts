import { isIP } from "node:net";
import { z } from "zod";
import { pinPattern } from "../core/pin.ts";
import { alarm } from "./alarms.ts";
import { asset, broker } from "./assets.ts";
import { maintenance } from "./maintenance.ts";
import { notify } from "./notify.ts";
import { calendar, service } from "./services.ts";
import { trapPort } from "./traps.ts";
import { duration, httpUrl, id, secret, size } from "./values.ts";

const listen = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, "host:port, such as 127.0.0.1:8460");
const optionalText = z.string().min(1).optional();

const pin = z.string().regex(pinPattern, "a key's pin, sha256/BASE64, as `millwright token create --role agent` prints it");

export const agent = z
  .strictObject({
    name: id.describe("the agent's name; --name on the command line comes before it"),
    collector: httpUrl.default("http://127.0.0.1:8460").describe("where it ships readings"),
    spool: z
      .strictObject({
        dir: z.string().min(1).default("./var/spool").describe("folder of the disk queue"),
        max_size: size.prefault("2GiB").describe("the oldest readings are dropped beyond this, and the gap is recorded"),
      })
      .prefault({})
      .describe("the agent's disk queue"),
    key: z
      .string()
      .min(1)
      .default("./var/agent.key")
      .describe("file of its private key, made by `millwright enrol`; it signs what it sends"),
    join: secret.optional().describe("join token: it enrols itself with it at its first start"),
    ca: z.string().min(1).optional().describe("file with the CA certificate of a collector that speaks https, PEM"),
    pin: z
      .union([pin, z.array(pin).min(1)])
      .optional()
      .describe("key of a collector that speaks https, or keys of which it has one; without ca it is enough"),
    traps: trapPort.optional().describe("the port where it hears SNMP traps and informs; it opens none without it"),
  })
  .refine(({ collector, pin: pins }) => pins === undefined || collector.startsWith("https:"), {
    path: ["pin"],
    message: "is of a key, and a collector that speaks plain http shows none: `collector` has to begin with https://",
  });
export type AgentConfig = z.output<typeof agent>;

const store = z.strictObject({
  duckdb: z
    .strictObject({
      dir: z.string().min(1).default("./var/store").describe("folder of the embedded store"),
      retain: duration.prefault("90d").describe("older readings are deleted"),
    })
    .prefault({})
    .describe("the embedded store"),
});

const influx = z.strictObject({
  url: httpUrl.describe("an InfluxDB 1.x"),
  database: z.string().min(1),
  user: optionalText,
  password: secret.optional(),
});
const remoteWrite = z.strictObject({
  url: httpUrl.describe("a Prometheus remote-write 1.0 receiver"),
  user: optionalText,
  password: secret.optional(),
  token: secret.optional().describe("bearer token"),
});
const sink = z.union([z.strictObject({ influx }), z.strictObject({ remote_write: remoteWrite })]);
export type SinkConfig = z.output<typeof sink>;

const tls = z.strictObject({
  cert: z.string().min(1).describe("file with the certificate and its chain, PEM"),
  key: z.string().min(1).describe("file with its private key, PEM"),
});
const hostName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, "a host's name, such as millwright.plant.example");
const proxy = z.string().refine(isNetwork, "an address, or a network such as 10.0.4.0/24");

export const collector = z.strictObject({
  listen: listen.default("127.0.0.1:8460").describe("address of the API, the pages and the ingest"),
  store: store.prefault({}).describe("where readings are kept"),
  sinks: z.array(sink).default([]).describe("other engines that are fed from the store, each at its own pace"),
  tls: tls.optional().describe("speaks https with it, TLS 1.2 or later"),
  hosts: z.array(hostName).default([]).describe("further names that it is asked for by, such as that of a proxy"),
  trust_proxy: z.array(proxy).default([]).describe("addresses of proxies whose X-Forwarded-* headers are believed"),
  insecure: z.boolean().default(false).describe("listen beyond loopback without TLS and users"),
});
export type CollectorConfig = z.output<typeof collector>;

const user = z.strictObject({
  role: z.enum(["viewer", "operator", "admin"]),
  password: secret.describe("file with the scrypt hash"),
});

function isNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

/** The whole of a config: one file, or the files of a folder merged. */
export const config = z.strictObject({
  agent: agent.optional().describe("the agent that reads this config"),
  collector: collector.optional().describe("the collector that reads this config"),
  brokers: z.record(id, broker).default({}).describe("MQTT brokers"),
  assets: z.record(id, asset).default({}).describe("the things that are monitored"),
  alarms: z.record(id, alarm).default({}).describe("threshold rules"),
  calendars: z.record(id, calendar).default({}).describe("when services are meant to be delivered"),
  services: z.record(id, service).default({}).describe("what the business delivers or relies on"),
  maintenance: z.array(maintenance).default([]).describe("planned work: what is worked on counts as ok"),
  notify: notify.prefault({}).describe("who is told, and how"),
  users: z.record(id, user).default({}).describe("people who may sign in"),
});

/** Config as the parts take it: durations in ms, sizes in bytes, secrets sealed, every default filled in. */
export type Config = z.output<typeof config> & {
  /** Folder that relative paths of the config are relative to; those in the config are absolute already. */
  readonly directory: string;
};
