import { fork, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSnmpAdapter } from "../adapters/sources/snmp/source.ts";
import { snmpConfig } from "../config/assets.ts";
import { literalSecretsVariable } from "../config/secret.ts";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";
import type { ReadingSink } from "../core/source.ts";
import { freePort } from "../test/peers/port.ts";
import { type BenchRow, median } from "./row.ts";

const rounds = 5;
const pollsPerRound = 60;
const ifEntry = "1.3.6.1.2.1.2.2.1";
const ifXEntry = "1.3.6.1.2.1.31.1.1.1";
/** The columns that both sides fetch and turn into values. */
const columns: readonly (readonly [name: string, oid: string, type: "counter" | "gauge"])[] = [
  ["ifAdminStatus", `${ifEntry}.7`, "gauge"],
  ["ifOperStatus", `${ifEntry}.8`, "gauge"],
  ["ifInDiscards", `${ifEntry}.13`, "counter"],
  ["ifInErrors", `${ifEntry}.14`, "counter"],
  ["ifOutDiscards", `${ifEntry}.19`, "counter"],
  ["ifOutErrors", `${ifEntry}.20`, "counter"],
  ["ifHCInOctets", `${ifXEntry}.6`, "counter"],
  ["ifHCInUcastPkts", `${ifXEntry}.7`, "counter"],
  ["ifHCOutOctets", `${ifXEntry}.10`, "counter"],
  ["ifHCOutUcastPkts", `${ifXEntry}.11`, "counter"],
  ["ifHighSpeed", `${ifXEntry}.15`, "gauge"],
];

/** CPU of one poll of a 48-port switch: ours beside Debian's prometheus-snmp-exporter, interleaved. */
export async function snmpBench(): Promise<BenchRow[]> {
  const responder = fork(new URL("./snmp-responder.js", import.meta.url), { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const port = Number(await new Promise<string>((resolve) => responder.stdout?.once("data", (line: Buffer) => resolve(line.toString()))));
  const folder = mkdtempSync(join(tmpdir(), "millwright-bench-"));
  try {
    const ours = createOurs(port);
    const theirs = await startExporter(port, folder);
    const our: number[] = [];
    const their: number[] = [];
    let series = 0;
    let samples = 0;
    await ours.poll(10);
    await theirs.scrape(10);
    for (let round = 0; round < rounds; round++) {
      const cpu = process.cpuUsage();
      series = await ours.poll(pollsPerRound);
      const used = process.cpuUsage(cpu);
      our.push((used.user + used.system) / pollsPerRound);
      const before = cpuOf(theirs.pid);
      samples = await theirs.scrape(pollsPerRound);
      their.push((cpuOf(theirs.pid) - before) / pollsPerRound);
    }
    await ours.close();
    theirs.stop();
    return [
      { name: "48-port switch, one poll to readings (millwright)", value: median(our), unit: "us CPU", note: `${series} readings` },
      {
        name: "48-port switch, one scrape (snmp_exporter 0.21)",
        value: median(their),
        unit: "us CPU",
        note: `${samples} samples, includes HTTP and text`,
      },
      { name: "snmp_exporter / millwright", value: median(their) / median(our), unit: "x" },
    ];
  } finally {
    responder.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function createOurs(port: number): { poll(times: number): Promise<number>; close(): Promise<void> } {
  process.env[literalSecretsVariable] = "allow";
  const clock = systemClock();
  const adapter = createSnmpAdapter({ log: silentLog, clock });
  let puts = 0;
  let numbers = 0;
  const sink: ReadingSink = { register: () => numbers++, put: () => puts++, inventory() {}, malformed() {} };
  const spec = snmpConfig.parse({
    host: "127.0.0.1",
    port,
    version: "2c",
    community: "literal:bench",
    profile: ["system", "if-mib"],
    every: "30s",
  });
  const source = adapter.source(spec, { asset: "bench", everyMs: 30_000, sink, clock, log: silentLog });
  if (source.mode !== "poll") throw new Error("SNMP is polled");
  return {
    async poll(times) {
      for (let i = 0; i < times; i++) {
        puts = 0;
        await source.poll(AbortSignal.timeout(5000));
      }
      return puts;
    },
    async close() {
      await source.close();
      await adapter.close();
    },
  };
}

interface Exporter {
  readonly pid: number;
  scrape(times: number): Promise<number>;
  stop(): void;
}

async function startExporter(port: number, folder: string): Promise<Exporter> {
  const config = join(folder, "snmp.yml");
  writeFileSync(config, exporterConfig());
  const listen = await freePort();
  const child = spawn("prometheus-snmp-exporter", [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${listen}`], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${listen}/snmp?module=bench&target=127.0.0.1:${port}`;
  const scrape = async (times: number): Promise<number> => {
    let text = "";
    for (let i = 0; i < times; i++) text = await (await fetch(url)).text();
    return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  };
  for (let tries = 0; ; tries++) {
    if (
      await scrape(1).then(
        (samples) => samples > 100,
        () => false,
      )
    )
      break;
    if (tries > 100) throw new Error("prometheus-snmp-exporter does not answer");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { pid: child.pid ?? 0, scrape, stop: () => child.kill() };
}

/** What snmp_exporter's generator would write for the same columns. */
function exporterConfig(): string {
  const metrics = columns.map(([name, oid, type]) => ({
    name,
    oid,
    type,
    help: name,
    indexes: [{ labelname: "ifIndex", type: "gauge" }],
    lookups: [{ labels: ["ifIndex"], labelname: "ifName", oid: `${ifXEntry}.1`, type: "DisplayString" }],
  }));
  const uptime = { name: "sysUpTime", oid: "1.3.6.1.2.1.1.3", type: "gauge", help: "sysUpTime" };
  const walk = [...columns.map(([, oid]) => oid), `${ifXEntry}.1`];
  const get = [3, 4, 5, 6].map((arc) => `1.3.6.1.2.1.1.${arc}.0`);
  // JSON is YAML.
  return JSON.stringify({
    bench: { walk, get, metrics: [uptime, ...metrics], version: 2, max_repetitions: 25, auth: { community: "bench" } },
  });
}

/** User and system time of a process so far, us: fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
