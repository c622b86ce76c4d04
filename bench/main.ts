import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BenchRow } from "./row.ts";

/** What `npm run bench [-- NAME...]` runs, in this order. */
const benches: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  ingest: async () => (await import("./ingest.ts")).ingestBench(),
  snmp: async () => (await import("./snmp.ts")).snmpBench(),
  "snmp-fleet": async () => (await import("./snmp-fleet.ts")).snmpFleetBench(),
  modbus: async () => (await import("./modbus.ts")).modbusBench(),
  metrics: async () => (await import("./metrics.ts")).metricsBench(),
  services: async () => (await import("./services.ts")).servicesBench(),
  score: async () => (await import("./score.ts")).scoreBench(),
  spool: async () => (await import("./spool.ts")).spoolBench(),
  herd: async () => (await import("./herd.ts")).herdBench(),
  agent: async () => (await import("./agent.ts")).agentBench(),
};

const given = process.argv.slice(2);
// What follows the first option is the bench's own.
const firstOption = given.findIndex((one) => one.startsWith("--"));
const wanted = firstOption < 0 ? given : given.slice(0, firstOption);
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`no bench called ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}
if (wanted.length === 1) await runOne(wanted[0] ?? "");
else {
  // A process each: what one has left in memory is not the next one's.
  const script = fileURLToPath(import.meta.url);
  for (const name of Object.keys(benches)) {
    if (wanted.length === 0 || wanted.includes(name))
      spawnSync(process.execPath, [...process.execArgv, script, name], { stdio: "inherit" });
  }
}
process.exit(0);

async function runOne(name: string): Promise<void> {
  process.stdout.write(`\n${name}\n`);
  for (const row of (await benches[name]?.()) ?? []) print(row);
}

function print(row: BenchRow): void {
  const value = row.value.toLocaleString("en", { maximumSignificantDigits: 4 }).padStart(12);
  process.stdout.write(`  ${row.name.padEnd(58)} ${value} ${row.unit.padEnd(12)} ${row.note ?? ""}\n`);
}
