import { type ChildProcess, fork, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../test/peers/port.ts";
import { columns, community, ports, scalars, user } from "./snmp-columns.ts";
import type { Version } from "./snmp-pollers.ts";

const startMs = 10_000;

/** A process that polls the bench's device when it is scraped, and answers with Prometheus text. */
export interface Scraped {
  /** Scrapes so many times, a few at once; CPU of the process per scrape, us. */
  cost(times: number): Promise<number>;
  /** What it says of the device's table, sorted. */
  cells(): Promise<readonly string[]>;
  stop(): void;
}

/** Debian's prometheus-snmp-exporter. */
export async function startExporter(port: number, version: Version, folder: string): Promise<Scraped> {
  const config = join(folder, `snmp-${version}.yml`);
  writeFileSync(config, exporterConfig(version));
  const listen = await freePort();
  const child = spawn("prometheus-snmp-exporter", [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${listen}`], {
    stdio: "ignore",
  });
  return scraped(child, `http://127.0.0.1:${listen}/snmp?module=bench&target=127.0.0.1:${port}`);
}

/** The same of our own parts. */
export async function startOurText(port: number, version: Version): Promise<Scraped> {
  const script = new URL("./snmp-text-server.js", import.meta.url);
  const child = fork(script, [`${port}`, version], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const listen = await new Promise<string>((resolve) => child.stdout?.once("data", (line: Buffer) => resolve(line.toString().trim())));
  return scraped(child, `http://127.0.0.1:${listen}/`);
}

async function scraped(child: ChildProcess, url: string): Promise<Scraped> {
  const scrape = async (): Promise<readonly string[]> => cellsIn(await (await fetch(url)).text());
  await ready(scrape);
  return {
    async cost(times) {
      const before = cpuOf(child.pid ?? 0);
      for (let done = 0; done < times; done += 4) await Promise.all([scrape(), scrape(), scrape(), scrape()]);
      return (cpuOf(child.pid ?? 0) - before) / times;
    },
    cells: scrape,
    stop: () => child.kill(),
  };
}

/** `ifhcinoctets 7 7204511338207` of either one's line for a cell of the table. */
function cellsIn(text: string): readonly string[] {
  const cells: string[] = [];
  for (const line of text.split("\n")) {
    const cell = /^(?:millwright_)?(if\w+?)(?:_total)?\{.*\bif_?index="(\d+)".*\} (\S+)/i.exec(line);
    if (cell !== null) cells.push(`${cell[1]?.toLowerCase()} ${cell[2]} ${Number(cell[3])}`);
  }
  return cells.sort((a, b) => (a < b ? -1 : 1));
}

async function ready(scrape: () => Promise<readonly string[]>): Promise<void> {
  const until = performance.now() + startMs;
  while ((await scrape().catch(() => [])).length < ports * columns.length) {
    if (performance.now() > until) throw new Error("a poller does not read the bench's device");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What snmp_exporter's generator would write for the same columns. */
function exporterConfig(version: Version): string {
  const cells = columns.map(({ name, oid, type }) => ({
    name,
    oid,
    type,
    help: name,
    indexes: [{ labelname: "ifIndex", type: "gauge" }],
  }));
  const single = scalars.map((oid, i) => ({ name: `scalar${i}`, oid: oid.replace(/\.0$/, ""), type: "gauge", help: "a scalar" }));
  const auth =
    version === "2c"
      ? { community }
      : {
          username: user.name,
          security_level: "authPriv",
          auth_protocol: "SHA256",
          password: user.auth,
          priv_protocol: "AES",
          priv_password: user.privacy,
        };
  const module = { walk: columns.map(({ oid }) => oid), get: scalars, metrics: [...single, ...cells], max_repetitions: 50 };
  // JSON is YAML.
  return JSON.stringify({ bench: { ...module, version: version === "2c" ? 2 : 3, auth } });
}

/** User and system time of a process so far, us: what its threads have run, to the nanosecond (/proc/PID/stat counts ticks of 10 ms). */
function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"));
  return threads.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1000;
}
