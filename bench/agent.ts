import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serveModbus } from "../demo/modbus-server.ts";
import { startPeer } from "../test/peers/process.ts";
import type { BenchRow } from "./row.ts";

const sources = 1000;
/** Long enough for every source to have been polled several times and every batch shipped. */
const settleMs = 20_000;

/** Memory of the agent daemon, idle and with a thousand Modbus sources polled every 5 s. */
export async function agentBench(): Promise<BenchRow[]> {
  const collector = await startTaker();
  const devices = await Promise.all(
    Array.from({ length: sources }, (_, i) => serveModbus({ id: 1, registers: (_table, address) => (address * 7 + i) % 65_536 })),
  );
  try {
    const asset = (port: number, i: number): string =>
      `  meter-${i}: { modbus: { tcp: "127.0.0.1:${port}", unit: 1, every: 5s, metrics: [${Array.from({ length: 10 }, (_, n) => `{ metric: value_${n}, register: ${n}, type: uint16 }`).join(", ")}] } }`;
    const idle = await memoryOf("", collector.port, 5000);
    const busy = await memoryOf(`assets:\n${devices.map((device, i) => asset(device.port, i)).join("\n")}\n`, collector.port, settleMs);
    return [
      { name: "agent, no source", value: idle.rss / 2 ** 20, unit: "MiB RSS" },
      {
        name: `agent, ${sources} Modbus sources x 10 values / 5 s`,
        value: busy.rss / 2 ** 20,
        unit: "MiB RSS",
        note: `${collector.readings()} readings shipped`,
      },
      { name: `agent, ${sources} sources`, value: busy.cpu * 100, unit: "% of a core" },
    ];
  } finally {
    collector.stop();
    await Promise.all(devices.map((device) => device.stop()));
  }
}

/** Takes every batch and forgets it, so that the agent's spool drains as in service. */
async function startTaker(): Promise<{ port: number; readings(): number; stop(): void }> {
  let readings = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      readings += Number(request.headers["x-millwright-count"] ?? 0);
      const seq = request.headers["x-millwright-seq"];
      const answer = seq === undefined ? { mark: null, ack: null } : { ack: Number(seq) };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...answer, time: Date.now() }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, readings: () => readings, stop: () => server.close() };
}

async function memoryOf(assets: string, collectorPort: number, ms: number): Promise<{ rss: number; cpu: number }> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-bench-"));
  const config = join(folder, "agent.yaml");
  writeFileSync(config, `agent: { name: bench, collector: "http://127.0.0.1:${collectorPort}", spool: { dir: ./spool } }\n${assets}`);
  const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));
  const agent = await startPeer({ command: process.execPath, args: [main, "agent", "--config", config], ready: () => true });
  try {
    await sleep(ms / 2);
    const before = ticksOf(agent.pid);
    await sleep(ms / 2);
    const rss = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8"))?.[1]) * 1024;
    return { rss, cpu: (ticksOf(agent.pid) - before) / 100 / (ms / 2000) };
  } finally {
    await agent.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU time of a process so far, ticks of 10 ms. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
