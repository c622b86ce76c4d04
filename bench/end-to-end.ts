import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ServiceDetail } from "../core/service-view.ts";
import { serveModbus } from "../demo/modbus-server.ts";
import { freePort } from "../test/peers/port.ts";
import { startPeer } from "../test/peers/process.ts";
import type { BenchRow } from "./row.ts";

const flips = 150;
const deadlineMs = 10_000;

/**
 * From the moment a device answers with another value until the API tells the service's new level: agent and collector as
 * daemons, with every fsync and group commit on the way.
 */
export async function endToEndBench(): Promise<BenchRow[]> {
  let level = 0;
  let answered: ((time: number) => void) | undefined;
  const device = await serveModbus({
    id: 1,
    registers() {
      answered?.(performance.now());
      answered = undefined;
      return level;
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "millwright-bench-"));
  const listen = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "site.yaml");
  writeFileSync(config, site(listen, device.port));
  const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));
  const daemon = (name: string) => startPeer({ command: process.execPath, args: [main, name, "--config", config], ready: () => true });
  const [collector, agent] = await Promise.all([daemon("collector"), daemon("agent")]);
  try {
    const service = `http://${listen}/api/v1/services/line`;
    await levelIs(service, "ok");
    const times: number[] = [];
    for (let i = 0; i < flips; i++) {
      // Not in step with polls, commits or ticks.
      await sleep(20 + ((i * 37) % 150));
      const onWire = new Promise<number>((resolve) => {
        answered = resolve;
      });
      level = i % 2 === 0 ? 1 : 0;
      const since = await onWire;
      await levelIs(service, level === 1 ? "critical" : "ok");
      times.push(performance.now() - since);
    }
    const sorted = times.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return [
      { name: "reading on the wire to service level in the API, p50", value: at(0.5), unit: "ms", note: `${flips} changes` },
      {
        name: "reading on the wire to service level in the API, p99",
        value: at(0.99),
        unit: "ms",
        note: "target 1,000, group commits included",
      },
    ];
  } finally {
    await Promise.all([collector.stop(), agent.stop(), device.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function site(listen: string, port: number): string {
  return `agent: { name: bench, collector: "http://${listen}", spool: { dir: ./spool } }
collector: { listen: "${listen}", store: { duckdb: { dir: ./store } } }
assets:
  filler: { modbus: { tcp: "127.0.0.1:${port}", unit: 1, every: 200ms, metrics: [{ metric: fault, register: 0, type: uint16 }] } }
alarms:
  fault: { asset: filler, metric: fault, critical: { above: 0.5 } }
services:
  line: { needs: [asset filler] }
`;
}

async function levelIs(service: string, wanted: string): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (performance.now() < until) {
    const found = await fetch(service).then(
      async (answer) => (answer.ok ? ((await answer.json()) as ServiceDetail).level : undefined),
      () => undefined,
    );
    if (found === wanted) return;
    await sleep(2);
  }
  throw new Error(`${service} is not ${wanted} after ${deadlineMs / 1000} s`);
}
