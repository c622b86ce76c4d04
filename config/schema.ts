import { z } from "zod";
import { alarm } from "./alarms.ts";
import { asset, broker } from "./assets.ts";
import { selectorMap } from "./selector.ts";
import { calendar, isZone, service } from "./services.ts";
import { duration, id, secret, size } from "./values.ts";

const httpUrl = z.url({ protocol: /^https?$/, error: "is not an http:// or https:// URL" });
const listen = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'is not "host:port"');

export const agent = z.strictObject({
  name: id,
  collector: httpUrl.default("http://127.0.0.1:8460"),
  spool: z.strictObject({ dir: z.string().min(1).default("./var/spool"), max_size: size.prefault("2GiB") }).prefault({}),
});
export type AgentConfig = z.output<typeof agent>;

const store = z.strictObject({
  duckdb: z.strictObject({ dir: z.string().min(1).default("./var/store"), retain: duration.prefault("90d") }).prefault({}),
});

const sink = z.union([
  z.strictObject({
    influx: z.strictObject({ url: httpUrl, database: z.string().min(1), user: z.string().optional(), password: secret.optional() }),
  }),
  z.strictObject({
    remote_write: z.strictObject({ url: httpUrl, user: z.string().optional(), password: secret.optional(), token: secret.optional() }),
  }),
]);
export type SinkConfig = z.output<typeof sink>;

export const collector = z.strictObject({
  listen: listen.default("127.0.0.1:8460"),
  store: store.prefault({}),
  sinks: z.array(sink).default([]),
  insecure: z.boolean().default(false),
});
export type CollectorConfig = z.output<typeof collector>;

const localTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/, 'is not a local time such as "2026-12-01T22:00"');

export const maintenance = z
  .strictObject({
    assets: selectorMap.optional(),
    asset: id.optional(),
    from: localTime,
    to: localTime,
    zone: z.string().refine(isZone, "is not a time zone of the IANA data base, such as Europe/Prague").default("UTC"),
    why: z.string().min(1),
  })
  .superRefine((window, context) => {
    if ((window.assets === undefined) === (window.asset === undefined))
      context.addIssue({ code: "custom", message: "needs either `assets` (a label selector) or `asset`" });
    if (window.to <= window.from)
      context.addIssue({ code: "custom", path: ["to"], message: `the window ends at ${window.to}, before it starts at ${window.from}` });
  });
export type MaintenanceConfig = z.output<typeof maintenance>;

const levelChoice = z.enum(["warning", "major", "critical"]);

const notify = z.strictObject({
  routes: z
    .array(
      z.strictObject({
        level: levelChoice.default("major"),
        services: z.strictObject({ owner: z.string() }).optional(),
        to: z.array(id).min(1),
      }),
    )
    .default([]),
  channels: z.record(id, z.strictObject({ webhook: z.strictObject({ url: httpUrl, secret: secret.optional() }) })).default({}),
});

const user = z.strictObject({ role: z.enum(["viewer", "operator", "admin"]), password: secret });

/** The whole of a config: one file, or the files of a folder merged. */
export const config = z.strictObject({
  agent: agent.optional(),
  collector: collector.optional(),
  brokers: z.record(id, broker).default({}),
  assets: z.record(id, asset).default({}),
  alarms: z.record(id, alarm).default({}),
  calendars: z.record(id, calendar).default({}),
  services: z.record(id, service).default({}),
  maintenance: z.array(maintenance).default([]),
  notify: notify.prefault({}),
  users: z.record(id, user).default({}),
});

/** Config as the parts take it: durations in ms, sizes in bytes, secrets sealed, every default filled in. */
export type Config = z.output<typeof config> & {
  /** Folder that relative paths of the config are relative to. */
  readonly directory: string;
};
