import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../test/peers/port.ts";
import { columns, community, ports, scalars, user } from "./snmp-columns.ts";
import type { Version } from "./snmp-pollers.ts";

const startMs = 10_000;

/** Debian's prometheus-snmp-exporter on the bench's device. */
export interface Exporter {
  /** Scrapes so many times, a few at once; CPU of the exporter per scrape, us. */
  cost(times: number): Promise<number>;
  stop(): void;
}

export async function startExporter(port: number, version: Version, folder: string): Promise<Exporter> {
  const config = join(folder, `snmp-${version}.yml`);
  writeFileSync(config, exporterConfig(version));
  const listen = await freePort();
  const child = spawn("prometheus-snmp-exporter", [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${listen}`], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${listen}/snmp?module=bench&target=127.0.0.1:${port}`;
  const scrape = async (): Promise<number> => samplesIn(await (await fetch(url)).text());
  await ready(scrape);
  return {
    async cost(times) {
      const before = cpuOf(child.pid ?? 0);
      for (let done = 0; done < times; done += 4) await Promise.all([scrape(), scrape(), scrape(), scrape()]);
      return (cpuOf(child.pid ?? 0) - before) / times;
    },
    stop: () => child.kill(),
  };
}

function samplesIn(text: string): number {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}

async function ready(scrape: () => Promise<number>): Promise<void> {
  const until = performance.now() + startMs;
  while ((await scrape().catch(() => 0)) < ports * columns.length) {
    if (performance.now() > until) throw new Error("prometheus-snmp-exporter does not read the bench's device");
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

/** User and system time of a process so far, us: fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
