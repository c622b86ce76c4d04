import snmp from "net-snmp";
import { compileProfile } from "../adapters/sources/snmp/compile.ts";
import { Deadlines } from "../adapters/sources/snmp/deadlines.ts";
import { numberOf, type Varbind } from "../adapters/sources/snmp/decode.ts";
import { Device } from "../adapters/sources/snmp/device.ts";
import { KeyRing } from "../adapters/sources/snmp/keys.ts";
import { createRequests } from "../adapters/sources/snmp/requests.ts";
import { type Credentials, createSession, type Shared } from "../adapters/sources/snmp/session.ts";
import { SharedSocket } from "../adapters/sources/snmp/socket.ts";
import { snmpProfile } from "../config/snmp.ts";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";
import type { ReadingSink } from "../core/source.ts";
import { columns, community, fewColumns, fewRows, scalars, user } from "./snmp-columns.ts";

export type Version = "2c" | "3";

const everyMs = 30_000;

/** Polls devices, several at a time; all of them are the one of the bench, which is as good as many. */
export interface Poller {
  /** One poll of each device; how many values the last one gave. */
  round(): Promise<number>;
  close(): Promise<void>;
}

const profile = compileProfile(
  snmpProfile.parse({
    profile: "bench",
    source: "bench/snmp-columns.ts",
    scalars: scalars.map((oid, i) => ({ metric: `scalar_${i}`, oid })),
    table: [
      {
        rows: "1.3.6.1.2.1.2.2.1",
        labels: { if_index: "index" },
        metrics: columns.map(({ name, oid, type }) => ({ metric: name.toLowerCase(), column: oid, kind: type })),
      },
    ],
  }),
);

/** The scalars and a table of a few rows: what a fleet of small devices has. */
export const smallProfile = compileProfile(
  snmpProfile.parse({
    profile: "bench-small",
    source: "bench/snmp-columns.ts",
    scalars: scalars.map((oid, i) => ({ metric: `scalar_${i}`, oid })),
    table: [{ rows: fewRows, labels: { sensor: "index" }, metrics: fewColumns.map((column, i) => ({ metric: `sensor_${i}`, column })) }],
  }),
);

/** One of our devices, ready to be polled. */
export interface OurDevice {
  poll(): Promise<void>;
  close(): void;
}

/** What all our devices of a bench share. */
export function shareSnmp(): Shared {
  const clock = systemClock();
  return { socket: new SharedSocket(), deadlines: new Deadlines(clock), ring: new KeyRing(), clock };
}

/** One device of ours, from the socket to the sink. */
export function ourDevice(shared: Shared, of: { readonly port: number; readonly version: Version; readonly sink: ReadingSink }): OurDevice {
  const { port, version, sink } = of;
  const target = `127.0.0.1:${port}`;
  const peer = { address: "127.0.0.1", family: 4, port } as const;
  // A table is not read twice within half of its interval, and a bench does not wait: each poll is a whole interval after the last.
  let polls = 0;
  const clock = {
    now: () => shared.clock.now(),
    monotonic: () => shared.clock.monotonic() + polls * everyMs,
    after: shared.clock.after,
  };
  const context = { asset: "bench", everyMs, sink, clock, log: silentLog };
  const credentials = credentialsOf(version);
  const session = createSession({ peer, target, credentials, timeoutMs: 2000, retries: 1, shared, malformed() {}, met() {} });
  const device = new Device({ target, context, named: [profile], choices: undefined });
  return {
    poll() {
      polls++;
      return device.round(createRequests({ session, target, signal: new AbortController().signal }));
    },
    close: () => session.close(),
  };
}

function credentialsOf(version: Version): Credentials {
  if (version === "2c") return { version, community };
  return {
    version,
    user: user.name,
    context: "",
    auth: { protocol: "sha256", key: user.auth },
    privacy: { protocol: "aes", key: user.privacy },
  };
}

/** Ours, from the socket to the readings that the runner's sink is given. */
export function ourPoller(port: number, version: Version, devices: number): Poller {
  const shared = shareSnmp();
  const polled = Array.from({ length: devices }, () => {
    const counted = { puts: 0, series: 0 };
    const sink: ReadingSink = {
      register: () => counted.series++,
      put: () => counted.puts++,
      inventory() {},
      topology() {},
      incomplete() {},
      malformed() {},
    };
    return { counted, device: ourDevice(shared, { port, version, sink }) };
  });
  return {
    async round() {
      for (const { counted } of polled) counted.puts = 0;
      await Promise.all(polled.map(({ device }) => device.poll()));
      return polled[0]?.counted.puts ?? 0;
    },
    async close() {
      for (const { device } of polled) device.close();
      await shared.socket.close();
    },
  };
}

/** npm net-snmp as a careful user has it: one session per device, and the same requests as ours. */
export function libraryPoller(port: number, version: Version, devices: number): Poller {
  const sessions = Array.from({ length: devices }, () => openLibrary(port, version));
  return {
    async round() {
      const values = await Promise.all(sessions.map(pollWithLibrary));
      return values[0] ?? 0;
    },
    async close() {
      for (const session of sessions) session.close();
    },
  };
}

function openLibrary(port: number, version: Version): snmp.Session {
  const options = { port, timeout: 2000, retries: 1 };
  if (version === "2c") return snmp.createSession("127.0.0.1", community, { ...options, version: snmp.Version2c });
  const account = {
    name: user.name,
    level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols.sha256,
    authKey: user.auth,
    privProtocol: snmp.PrivProtocols.aes,
    privKey: user.privacy,
  };
  return snmp.createV3Session("127.0.0.1", account, { ...options, version: snmp.Version3 });
}

async function pollWithLibrary(session: snmp.Session): Promise<number> {
  const found = await new Promise<readonly unknown[]>((resolve, reject) =>
    session.get([...scalars], (error, varbinds) => (error === null ? resolve(varbinds ?? []) : reject(error))),
  );
  let values = found.filter((one) => !Number.isNaN(numberOf(one as Varbind))).length;
  let asked = columns.map(({ oid }) => ({ column: oid, last: oid }));
  while (asked.length > 0) {
    const lists = await bulkWithLibrary(
      session,
      asked.map(({ last }) => last),
      Math.floor(52 / asked.length),
    );
    asked = asked.filter((progress, i) => {
      for (const varbind of lists[i] ?? []) {
        if (!varbind.oid.startsWith(`${progress.column}.`)) return false;
        progress.last = varbind.oid;
        if (!Number.isNaN(numberOf(varbind))) values++;
      }
      return true;
    });
  }
  return values;
}

function bulkWithLibrary(session: snmp.Session, oids: string[], repetitions: number): Promise<readonly (readonly Varbind[])[]> {
  return new Promise((resolve, reject) =>
    session.getBulk(oids, 0, repetitions, (error, lists) =>
      error === null ? resolve((lists ?? []) as unknown as readonly (readonly Varbind[])[]) : reject(error),
    ),
  );
}
