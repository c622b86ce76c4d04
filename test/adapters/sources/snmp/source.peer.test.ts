import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SourceError } from "../../../../core/errors.ts";
import { Q } from "../../../../core/quality.ts";
import { freeUdpPort } from "../../../peers/port.ts";
import { type Snmpd, snmpdKeys, startSnmpd } from "../../../peers/snmpd.ts";
import { type RecordingSink, sourceContract } from "../contract.ts";
import { byOrigin, poll, type Subject, secure, subject } from "./setup.ts";

const run = promisify(execFile);
const quick = { timeout: "300ms", retries: 1 };
let snmpd: Snmpd;

beforeAll(async () => {
  snmpd = await startSnmpd();
});
afterAll(() => snmpd.stop());

async function polled(config: Readonly<Record<string, unknown>>): Promise<{ error: unknown; device: Subject }> {
  const device = subject({ port: snmpd.port, ...config });
  const error = await poll(device);
  await device.stop();
  return { error, device };
}

sourceContract("SNMP", {
  asset: "device",
  living: async (sink) => ({ ...subject({ port: snmpd.port }, sink) }),
  dead: async (sink) => ({ ...subject({ port: await freeUdpPort(), ...quick }, sink) }),
});

/** What `snmpbulkwalk` prints below an OID: raw numbers by OID of the instance. */
async function bulkwalk(root: string): Promise<Map<string, number>> {
  const args = ["-v2c", "-c", "public", "-On", "-Oe", "-OU", "-Ot", "-OQ", `127.0.0.1:${snmpd.port}`, root];
  const { stdout } = await run("snmpbulkwalk", args, { env: { ...process.env, MIBS: "" }, maxBuffer: 1 << 24 });
  const values = new Map<string, number>();
  for (const [, oid, value] of stdout.matchAll(/^\.([0-9.]+) = (-?\d+)$/gm)) values.set(oid ?? "", Number(value));
  return values;
}

/** Column or scalar to metric and the factor of the base unit, written here by hand: the profiles are what is tested. */
const expected: readonly (readonly [metric: string, oid: string, factor: number])[] = [
  ["if_oper_status", "1.3.6.1.2.1.2.2.1.8", 1],
  ["if_admin_status", "1.3.6.1.2.1.2.2.1.7", 1],
  ["if_speed_bytes_per_second", "1.3.6.1.2.1.2.2.1.5", 1 / 8],
  ["if_in_octets_total", "1.3.6.1.2.1.31.1.1.1.6", 1],
  ["if_out_octets_total", "1.3.6.1.2.1.31.1.1.1.10", 1],
  ["if_in_unicast_packets_total", "1.3.6.1.2.1.31.1.1.1.7", 1],
  ["if_out_unicast_packets_total", "1.3.6.1.2.1.31.1.1.1.11", 1],
  ["if_in_discards_total", "1.3.6.1.2.1.2.2.1.13", 1],
  ["if_in_errors_total", "1.3.6.1.2.1.2.2.1.14", 1],
  ["if_out_discards_total", "1.3.6.1.2.1.2.2.1.19", 1],
  ["if_out_errors_total", "1.3.6.1.2.1.2.2.1.20", 1],
  ["uptime_seconds", "1.3.6.1.2.1.1.3", 0.01],
  ["host_uptime_seconds", "1.3.6.1.2.1.25.1.1", 0.01],
  ["host_users", "1.3.6.1.2.1.25.1.5", 1],
  ["device_status", "1.3.6.1.2.1.25.3.2.1.5", 1],
  ["memory_total_bytes", "1.3.6.1.4.1.2021.4.5", 1024],
  ["swap_total_bytes", "1.3.6.1.4.1.2021.4.3", 1024],
];

async function walkAll(): Promise<Map<string, number>> {
  const parts = [
    "1.3.6.1.2.1.1",
    "1.3.6.1.2.1.2",
    "1.3.6.1.2.1.31",
    "1.3.6.1.2.1.25.1",
    "1.3.6.1.2.1.25.2",
    "1.3.6.1.2.1.25.3",
    "1.3.6.1.4.1.2021",
  ];
  return new Map((await Promise.all(parts.map(bulkwalk))).flatMap((part) => [...part]));
}

describe("readings of snmpd equal what snmpbulkwalk prints", () => {
  let before: Map<string, number>;
  let after: Map<string, number>;
  let sink: RecordingSink;
  beforeAll(async () => {
    before = await walkAll();
    const { error, device } = await polled({ profile: "auto" });
    expect(error).toBeUndefined();
    sink = device.sink;
    after = await walkAll();
  });

  it.each(expected)("%s", (metric, column, factor) => {
    const ours = byOrigin(sink);
    const instances = [...before].filter(([oid]) => oid.startsWith(`${column}.`) && after.has(oid));
    expect(instances.length).toBeGreaterThan(0);
    for (const [oid, low] of instances) {
      const value = ours.get(`${metric} ${oid}`) ?? Number.NaN;
      const high = after.get(oid) ?? Number.NaN;
      // Counters and clocks may run between the two walks; what stands still must be equal.
      expect(value, oid).toBeGreaterThanOrEqual(Math.min(low, high) * factor - 1e-9);
      expect(value, oid).toBeLessThanOrEqual(Math.max(low, high) * factor + 1e-9);
    }
  });

  it("storage is units times blocks", () => {
    const entry = "1.3.6.1.2.1.25.2.3.1";
    const ours = byOrigin(sink);
    const sizes = [...before].filter(([oid]) => oid.startsWith(`${entry}.5.`));
    expect(sizes.length).toBeGreaterThan(0);
    for (const [oid, size] of sizes) {
      const index = oid.slice(entry.length + 3);
      const unit = before.get(`${entry}.4.${index}`) ?? Number.NaN;
      const value = ours.get(`storage_size_bytes ${oid}`);
      if (after.get(oid) === size) expect(value, oid).toBe((size < 0 ? size + 2 ** 32 : size) * unit);
      if (size > 0) expect(ours.get(`storage_used_ratio ${entry}.6.${index}`), oid).toBeLessThanOrEqual(1);
    }
  });

  it("no interface and no storage is missing, and none is invented", () => {
    const count = (metric: string) =>
      new Set(sink.puts.filter(({ series }) => series.metric === metric).map(({ series }) => series.origin)).size;
    const instances = (column: string) => [...before.keys()].filter((oid) => oid.startsWith(`${column}.`)).length;
    expect(count("if_oper_status")).toBe(instances("1.3.6.1.2.1.2.2.1.8"));
    expect(count("storage_size_bytes")).toBe(instances("1.3.6.1.2.1.25.2.3.1.5"));
    expect(sink.puts.every(({ quality }) => quality === Q.Good)).toBe(true);
  });

  it("text is inventory", () => {
    expect(sink.facts["sys_descr"]).toMatch(/^Linux /);
    expect(sink.facts["sys_object_id"]).toBe("1.3.6.1.4.1.8072.3.2.10");
  });
});

describe("versions and users of snmpd", () => {
  const auth = (protocol: string) => ({ [protocol]: `literal:${snmpdKeys.auth}` });
  const privacy = (protocol: string) => ({ [protocol]: `literal:${snmpdKeys.privacy}` });

  it.each([
    ["version 1", { version: 1 }],
    ["version 2c", { version: "2c" }],
    ["v3 SHA-256 and AES", secure],
    ["v3 SHA-1 and DES", { version: 3, user: "sha1des", auth: auth("sha1"), privacy: privacy("des") }],
    ["v3 MD5 and DES", { version: 3, user: "md5des", auth: auth("md5"), privacy: privacy("des") }],
    ["v3 SHA-224 and AES", { version: 3, user: "sha224aes", auth: auth("sha224"), privacy: privacy("aes") }],
    ["v3 SHA-384 and AES-192", { version: 3, user: "sha384aes192", auth: auth("sha384"), privacy: privacy("aes192b") }],
    ["v3 SHA-1 and AES-192 by Blumenthal", { version: 3, user: "sha1aes192b", auth: auth("sha1"), privacy: privacy("aes192b") }],
    ["v3 SHA-1 and AES-256 by Blumenthal", { version: 3, user: "sha1aes256b", auth: auth("sha1"), privacy: privacy("aes256b") }],
    ["v3 SHA-1 and AES-192 by Reeder", { version: 3, user: "sha1aes192r", auth: auth("sha1"), privacy: privacy("aes192r") }],
    ["v3 MD5 and AES-256 by Reeder", { version: 3, user: "md5aes256r", auth: auth("md5"), privacy: privacy("aes256r") }],
    ["v3 SHA-512 without privacy", { version: 3, user: "sha512", auth: auth("sha512") }],
    ["v3 without authentication", { version: 3, user: "none" }],
  ])("%s reads interfaces", async (_, config) => {
    const { error, device } = await polled({ ...config, profile: ["system", "if-mib"] });
    expect(error).toBeUndefined();
    const loopback = device.sink.latest("if_in_octets_total", { if_name: "lo" });
    expect(loopback?.quality).toBe(Q.Good);
    expect(loopback?.value).toBeGreaterThan(0);
    expect(device.sink.malformations).toEqual([]);
  });

  it.each([
    ["a wrong authentication key", { ...secure, auth: { sha256: "literal:wrong-key-1" } }, "denied", /Wrong Digest/],
    ["an unknown user", { ...secure, user: "nobody" }, "denied", /Unknown User/],
    ["a level that is not allowed", { version: 3, user: "sha256aes" }, "denied", /authorizationError/],
    ["a wrong privacy key", { ...secure, privacy: { aes: "literal:wrong-key-1" } }, "timeout", /wrong privacy key looks the same/],
    ["a wrong community", { community: "literal:wrong" }, "timeout", /wrong community looks the same/],
    ["a secret that is not there", { community: "env:NO_SUCH_VARIABLE" }, "config", /NO_SUCH_VARIABLE/],
    ["a name that is not known", { host: "no-such-host.invalid" }, "unreachable", /no-such-host.invalid/],
  ])("%s is told apart", async (_, config, fault, message) => {
    const { error, device } = await polled({ ...quick, ...config, profile: "system" });
    expect(error).toBeInstanceOf(SourceError);
    expect((error as SourceError).fault).toBe(fault);
    expect((error as SourceError).message).toMatch(message);
    expect((error as SourceError).message).not.toContain("wrong-key-1");
    expect(device.sink.puts).toEqual([]);
  });

  it("a profile that nobody knows is refused before anything is sent", () => {
    expect(() => subject({ port: snmpd.port, profile: "if-mob" })).toThrow(/if-mob.*if-mib/s);
  });
});

describe("an engine that changes", () => {
  it("a restarted agent, with its boots counted or forgotten, is read at once", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millwright-engine-"));
    const port = await freeUdpPort();
    const device = subject({ port, ...secure, timeout: "1s", profile: ["system", "if-mib"] });
    try {
      for (const place of [{ folder }, { folder }, {}]) {
        const agent = await startSnmpd({ port, ...place });
        try {
          expect(await poll(device)).toBeUndefined();
          expect(await poll(device)).toBeUndefined();
        } finally {
          await agent.stop();
        }
        expect(await poll(device)).toMatchObject({ fault: "timeout" });
      }
    } finally {
      await device.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("a restart makes no spike", async () => {
    const port = await freeUdpPort();
    const device = subject({ port, timeout: "1s", profile: "if-mib" });
    for (let i = 0; i < 2; i++) {
      const agent = await startSnmpd({ port });
      expect(await poll(device)).toBeUndefined();
      await agent.stop();
    }
    const rates = device.sink.puts.filter(({ series }) => series.metric === "if_utilisation_ratio" && series.labels["if_name"] === "lo");
    for (const { value, quality } of rates) expect(quality === Q.BadDataLost || value < 1).toBe(true);
    await device.stop();
  });
});
