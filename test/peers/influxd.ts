import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { type Peer, startPeer } from "./process.ts";

export interface InfluxdOptions {
  /** User and password of its administrator: it then asks for them. */
  readonly admin?: readonly [user: string, password: string];
}

/** A row of a query's answer, by column name. */
export type InfluxRow = Readonly<Record<string, string | number | null>>;

export interface Influxd {
  readonly url: string;
  /** Runs InfluxQL; rows of all series, tags among the columns; times in ms. */
  query(q: string, database?: string): Promise<InfluxRow[]>;
  /** Ends it at once, as a power cut would; its data stay. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Debian's influxd 1.6 on free loopback ports, its data in a temporary folder. */
export async function startInfluxd({ admin }: InfluxdOptions = {}): Promise<Influxd> {
  const dir = await mkdtemp(join(tmpdir(), "millwright-influxd-"));
  const port = await freePort();
  const config = join(dir, "influxdb.conf");
  await writeFile(config, configText({ dir, port, rpcPort: await freePort(), auth: admin !== undefined }));
  const url = `http://127.0.0.1:${port}`;
  const query = (q: string, database = ""): Promise<InfluxRow[]> => ask({ url, q, database, admin });
  const start = (): Promise<Peer> =>
    startPeer({
      command: "/usr/bin/influxd",
      args: ["-config", config],
      // It reports to its makers unless told not to; the HTTP proxy is not for loopback.
      env: { INFLUXDB_REPORTING_DISABLED: "true" },
      ready: () =>
        fetch(`${url}/ping`)
          .then((answer) => answer.status === 204)
          .catch(() => false),
    });
  let peer = await start();
  if (admin !== undefined) await query(`CREATE USER "${admin[0]}" WITH PASSWORD '${admin[1]}' WITH ALL PRIVILEGES`);
  return {
    url,
    query,
    kill: () => peer.kill(),
    async restart() {
      peer = await start();
    },
    async stop() {
      await peer.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

interface ConfigPlace {
  readonly dir: string;
  readonly port: number;
  readonly rpcPort: number;
  readonly auth: boolean;
}

function configText({ dir, port, rpcPort, auth }: ConfigPlace): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${auth}
  log-enabled = false
[ifql]
  enabled = false
[continuous_queries]
  enabled = false
`;
}

interface Question {
  readonly url: string;
  readonly q: string;
  readonly database: string;
  readonly admin: readonly [string, string] | undefined;
}

interface Answer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name: string;
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly (string | number | null)[])[];
    }[];
  }[];
}

async function ask({ url, q, database, admin }: Question): Promise<InfluxRow[]> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    body: new URLSearchParams({ q, db: database, epoch: "ms" }),
    headers: admin === undefined ? {} : { authorization: `Basic ${Buffer.from(admin.join(":")).toString("base64")}` },
  });
  const answer = (await response.json()) as Answer;
  const [result] = answer.results ?? [];
  const error = answer.error ?? result?.error;
  if (error !== undefined) throw new Error(`${q}: ${error}`);
  return (result?.series ?? []).flatMap(({ tags, columns, values }) =>
    values.map((row) => ({ ...tags, ...Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])) })),
  );
}
