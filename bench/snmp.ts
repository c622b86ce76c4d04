import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyRing } from "../adapters/sources/snmp/keys.ts";
import { type BenchRow, median } from "./row.ts";
import { columns, ports, scalars } from "./snmp-columns.ts";
import { decodeBench } from "./snmp-decode.ts";
import { startExporter, startOurText } from "./snmp-exporter.ts";
import { buildLibsnmpPoller } from "./snmp-libsnmp.ts";
import type { Version } from "./snmp-pollers.ts";

const devices = 64;
const rounds = 7;
const pollsPerRound = 16;
/** The compiler warms up: a poller runs for months. */
const warmUps = 150;
const scrapes = 60;

/** CPU of one poll of a device: GET of 10 scalars and the walk of 10 columns of 48 ports; all pollers beside one another, interleaved. */
export async function snmpBench(): Promise<BenchRow[]> {
  const device = fork(new URL("./snmp-device.js", import.meta.url), { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const port = Number(await new Promise<string>((resolve) => device.stdout?.once("data", (line: Buffer) => resolve(line.toString()))));
  const folder = mkdtempSync(join(tmpdir(), "millwright-bench-"));
  try {
    return [...(await compare(port, "2c", folder)), ...(await compare(port, "3", folder)), await keysBench(), decodeBench()];
  } finally {
    device.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(port: number, version: Version, folder: string): Promise<BenchRow[]> {
  const ours = startPoller("ours", port, version);
  const library = startPoller("library", port, version);
  const exporter = await startExporter(port, version, folder);
  const text = await startOurText(port, version);
  const libsnmp = buildLibsnmpPoller(folder);
  const cost: Cost = { ours: [], library: [], text: [], exporter: [], libsnmp: [] };
  const { readings } = await ours.cost(warmUps);
  await library.cost(warmUps);
  await text.cost(50 * scrapes);
  if (readings !== scalars.length + ports * columns.length)
    throw new Error(`a poll gave ${readings} readings: it is not what the others do`);
  if ((await text.cells()).join() !== (await exporter.cells()).join()) throw new Error("our text does not say what snmp_exporter's says");
  for (let i = 0; i < rounds; i++) {
    cost.ours.push((await ours.cost(pollsPerRound)).cpu);
    cost.library.push((await library.cost(pollsPerRound)).cpu);
    cost.text.push(await text.cost(scrapes));
    cost.exporter.push(await exporter.cost(scrapes));
    if (libsnmp !== undefined) cost.libsnmp.push(await libsnmp.cost({ port, version, devices, rounds: pollsPerRound }));
  }
  exporter.stop();
  text.stop();
  ours.stop();
  library.stop();
  return rowsOf(version === "2c" ? "v2c" : "v3 authPriv", cost, readings);
}

/** us of CPU per device, of each round. */
type Cost = Readonly<Record<"ours" | "library" | "text" | "exporter" | "libsnmp", number[]>>;

interface PollerProcess {
  /** Polls all devices so many times: CPU per poll of one, us, and readings of the last. */
  cost(rounds: number): Promise<{ readonly cpu: number; readonly readings: number }>;
  stop(): void;
}

function startPoller(kind: "ours" | "library", port: number, version: Version): PollerProcess {
  const child = fork(new URL("./snmp-poller.js", import.meta.url), [kind, `${port}`, version, `${devices}`]);
  return {
    async cost(rounds) {
      child.send(rounds);
      const [answer] = await once(child, "message");
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

function rowsOf(version: string, cost: Cost, readings: number): BenchRow[] {
  const [ours, library, text, exporter, libsnmp] = [
    median(cost.ours),
    median(cost.library),
    median(cost.text),
    median(cost.exporter),
    median(cost.libsnmp),
  ];
  const rows: BenchRow[] = [
    { name: `${version}: one device to readings (millwright)`, value: ours, unit: "us CPU", note: `${readings} readings` },
    { name: `${version}: the same on npm net-snmp`, value: library, unit: "us CPU", note: "decoded to numbers, no readings" },
    { name: `${version}: npm net-snmp / millwright`, value: library / ours, unit: "x" },
    { name: `${version}: request in, poll, Prometheus text out (millwright)`, value: text, unit: "us CPU", note: "same cells as the next" },
    { name: `${version}: the same on snmp_exporter 0.21`, value: exporter, unit: "us CPU" },
    { name: `${version}: snmp_exporter / millwright, to text`, value: exporter / text, unit: "x" },
  ];
  if (cost.libsnmp.length === 0) return [...rows, { name: `${version}: C libsnmp: no gcc or no libsnmp-dev`, value: Number.NaN, unit: "" }];
  return [
    ...rows,
    { name: `${version}: C libsnmp, asynchronous`, value: libsnmp, unit: "us CPU", note: "decoded to numbers, no readings" },
    { name: `${version}: millwright / C libsnmp`, value: ours / libsnmp, unit: "x" },
  ];
}

/** First contact with 2,000 v3 devices that share their passphrases. */
async function keysBench(): Promise<BenchRow> {
  const ring = new KeyRing();
  const before = process.cpuUsage();
  for (let i = 0; i < 2000; i++) {
    const engine = Buffer.from(`engine ${i}`);
    await ring.localise("sha256", "authpass123", engine);
    await ring.localise("sha256", "privpass123", engine);
  }
  const { user, system } = process.cpuUsage(before);
  return { name: "keys of 2,000 v3 devices", value: (user + system) / 1e6, unit: "s CPU" };
}
