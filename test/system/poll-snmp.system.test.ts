import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { PollLine } from "../../cli/poll.ts";
import { snmpdKeys, startSnmpd } from "../peers/snmpd.ts";
import { snmpsimFolder, startSnmpsim } from "../peers/snmpsim.ts";
import { poll } from "./poll.ts";

const run = promisify(execFile);
const recordings = fileURLToPath(new URL("../../../shared/data/snmp/recordings.tar.xz", import.meta.url));
const lint = fileURLToPath(new URL("../../../shared/tools/lint_snmprec.py", import.meta.url));

/** Numbers of a device by OID, as Debian's snmpbulkwalk prints them. */
async function walk(target: { port: number; community: string }, root: string): Promise<ReadonlyMap<string, number>> {
  const args = ["-v2c", "-c", target.community, "-t", "5", "-On", "-Oe", "-Ot", "-OU", "-Cc", `127.0.0.1:${target.port}`, root];
  const { stdout } = await run("snmpbulkwalk", args, { env: { ...process.env, MIBS: "" }, maxBuffer: 64 * 1024 * 1024 });
  const found = new Map<string, number>();
  for (const line of stdout.split("\n")) {
    const match = /^\.([0-9.]+) = (?:\w+: )?\(?(-?\d+)\)?/.exec(line);
    if (match !== null) found.set(match[1] ?? "", Number(match[2]));
  }
  return found;
}

const interfaces = "1.3.6.1.2.1.2.2";
const interfacesX = "1.3.6.1.2.1.31.1.1";
const host = "1.3.6.1.2.1.25";

/** What the device's number must be multiplied by, for the metrics compared here; the units of storage stand in column 4. */
function factorOf(line: PollLine, device: ReadonlyMap<string, number>): number {
  if (line.metric === "storage_used_ratio") return 1 / (device.get(line.origin.replace(".25.2.3.1.6.", ".25.2.3.1.5.")) ?? Number.NaN);
  if (line.metric.startsWith("storage_")) return device.get(line.origin.replace(/\.25\.2\.3\.1\.[56]\./, ".25.2.3.1.4.")) ?? Number.NaN;
  if (line.metric === "host_uptime_seconds") return 0.01;
  if (line.metric === "load_ratio") return 0.01;
  if (line.origin.startsWith("1.3.6.1.2.1.31.1.1.1.15.")) return 1e6 / 8;
  if (line.metric === "if_speed_bytes_per_second") return 1 / 8;
  return 1;
}

interface Compared {
  equal: number;
  readonly wrong: string[];
}

/** Every reading whose OID was walked lies between what the device said before and after. */
function compare(lines: readonly PollLine[], before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Compared {
  const compared: Compared = { equal: 0, wrong: [] };
  for (const line of lines) {
    const first = before.get(line.origin);
    const second = after.get(line.origin);
    if (first === undefined || second === undefined || line.value === null) continue;
    const factor = factorOf(line, before);
    // Integer32 that overflowed is read as unsigned (facts/snmp.md §5.2).
    const ends = [first, second].map((raw) => (raw < 0 && line.metric.startsWith("storage_") ? raw + 2 ** 32 : raw) * factor);
    const slack = Math.abs(line.value) * 1e-9;
    if (line.value >= Math.min(...ends) - slack && line.value <= Math.max(...ends) + slack) compared.equal++;
    else
      compared.wrong.push(`${line.metric} ${JSON.stringify(line.labels)} ${line.origin}: ${line.value}, snmpbulkwalk ${ends.join("..")}`);
  }
  return compared;
}

async function walkAll(target: { port: number; community: string }): Promise<ReadonlyMap<string, number>> {
  const parts = await Promise.all([interfaces, interfacesX, host].map((root) => walk(target, root)));
  return new Map(parts.flatMap((part) => [...part]));
}

describe("millwright poll", () => {
  it.each([
    ["v2c", "version: 2c, community: env:COMMUNITY"],
    ["v3 authPriv SHA-256/AES", "version: 3, user: sha256aes, auth: { sha256: env:AUTH }, privacy: { aes: env:PRIVACY }"],
  ])("reads Debian's snmpd over %s as snmpbulkwalk prints it", async (_, credentials) => {
    const snmpd = await startSnmpd();
    try {
      const target = { port: snmpd.port, community: "public" };
      // The agent caches its tables for some seconds: storage and load may move between two walks, never outside them.
      const before = await walkAll(target);
      const polled = await poll(
        `agent: { name: a }\nassets:\n  host: { snmp: { host: 127.0.0.1, port: ${snmpd.port}, ${credentials}, profile: [system, if-mib, host-resources], every: 10s, timeout: 5s } }\n`,
        { COMMUNITY: "public", AUTH: snmpdKeys.auth, PRIVACY: snmpdKeys.privacy },
      );
      const after = await walkAll(target);
      expect(polled.stderr).not.toContain("error");
      expect(polled.code).toBe(0);
      const { equal, wrong } = compare(polled.lines, before, after);
      process.stdout.write(
        `snmpd ${credentials.slice(0, 12)}: ${polled.lines.length} readings, ${equal} compared equal, ${wrong.length} not\n`,
      );
      // What moves both ways (memory used, load) may leave the bracket; counters and sizes may not.
      expect(wrong.filter((line) => !/^(storage_used_bytes|storage_used_ratio|load_ratio|host_processes)/.test(line))).toEqual([]);
      const counters = polled.lines.filter((line) => line.metric === "if_in_octets_total");
      expect(counters.length).toBe([...before.keys()].filter((oid) => oid.startsWith("1.3.6.1.2.1.31.1.1.1.6.")).length);
      expect(polled.lines.some((line) => line.metric === "storage_size_bytes" && line.quality === "Good")).toBe(true);
    } finally {
      await snmpd.stop();
    }
  });

  // Test data from elsewhere is no part of the product; where it is absent the run says so here.
  it.skipIf(!existsSync(recordings))("reads recorded devices from snmpsim as snmpbulkwalk prints them (needs ../shared/data)", async () => {
    const names = [
      "ios_2960x",
      "junos_ex2200",
      "fortigate_60f",
      "linux_debian-snmpd",
      "procurve_2520",
      "routeros_ccr",
      "synology_ds1817",
      "arista_eos",
    ];
    const { folder, present } = await unpack(names, 5);
    const snmpsim = await startSnmpsim(folder, present[0] ?? "");
    try {
      expect(present.length).toBeGreaterThanOrEqual(5);
      const assets = present.map(
        (name) =>
          `  ${name}: { snmp: { host: 127.0.0.1, port: ${snmpsim.port}, version: 2c, community: "env:C_${name.replaceAll(/\W/g, "_")}", profile: [if-mib, host-resources], every: 30s, timeout: 10s } }`,
      );
      const env = Object.fromEntries(present.map((name) => [`C_${name.replaceAll(/\W/g, "_")}`, name]));
      const polled = await poll(`agent: { name: a }\nassets:\n${assets.join("\n")}\n`, env);
      for (const name of present) {
        const device = await walkAll({ port: snmpsim.port, community: name });
        const lines = polled.lines.filter((line) => line.asset === name);
        const { equal, wrong } = compare(lines, device, device);
        process.stdout.write(`snmpsim ${name}: ${lines.length} readings, ${equal} compared equal, ${wrong.length} not\n`);
        expect(wrong).toEqual([]);
        expect(equal).toBeGreaterThan(10);
      }
    } finally {
      await snmpsim.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Cleans recordings into a folder of the simulator's: the named ones first, then others with interfaces, `count` in all. */
async function unpack(names: readonly string[], count: number): Promise<{ folder: string; present: string[] }> {
  const folder = await snmpsimFolder();
  const raw = await snmpsimFolder();
  const { stdout: listing } = await run("tar", ["tJf", recordings], { maxBuffer: 16 * 1024 * 1024 });
  const all = listing.split("\n").filter((path) => path.endsWith(".snmprec"));
  const wanted = names.map((name) => all.find((path) => path.endsWith(`/${name}.snmprec`))).filter((path) => path !== undefined);
  const chosen = [...new Set([...wanted, ...all.filter((path) => /(ios|eos|junos|procurve)[_-]/.test(path))])].slice(0, count);
  await run("tar", ["xJf", recordings, "-C", raw, "--strip-components=2", ...chosen]);
  writeFileSync(join(raw, "README"), "");
  await run("python3", [lint, raw, folder]);
  await run("chmod", ["-R", "a+rX", folder]);
  await rm(raw, { recursive: true, force: true });
  return { folder, present: chosen.map((path) => (path.split("/").at(-1) ?? "").replace(".snmprec", "")) };
}
