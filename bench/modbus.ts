import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import modbusSerial from "modbus-serial";
import { createModbusAdapter } from "../adapters/sources/modbus/source.ts";
import { modbusConfig } from "../config/assets.ts";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";
import type { ReadingSink } from "../core/source.ts";
import { type BenchRow, median } from "./row.ts";

const registers = 100;
/** Rounds that are not counted: the compiler and the heap warm up. */
const warmUps = 4;
const rounds = 5;
const readsPerRound = 400;

/** CPU per read of 100 registers over loopback, ours beside modbus-serial as its README shows it; the device is a process of its own. */
export async function modbusBench(): Promise<BenchRow[]> {
  const device = await startDevice();
  try {
    const [ours, bare] = await measure(await millwrightReader(device.port), await bareReader(device.port));
    return [
      {
        name: "CPU per poll of 100 registers (50 float32 readings)",
        value: ours.cpuMicros,
        unit: "us",
        note: "plan, queue, check, decode, scale, put",
      },
      {
        name: "CPU per read of 100 registers, modbus-serial alone",
        value: bare.cpuMicros,
        unit: "us",
        note: "raw registers, nothing checked",
      },
      { name: "polls of 100 registers over one connection", value: ours.perSecond, unit: "1/s", note: "one request under way" },
    ];
  } finally {
    device.stop();
  }
}

interface Reader {
  readonly read: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

async function millwrightReader(port: number): Promise<Reader> {
  const clock = systemClock();
  const adapter = createModbusAdapter({ log: silentLog, clock });
  let series = 0;
  let readings = 0;
  const sink: ReadingSink = {
    register: () => series++,
    put: () => void readings++,
    inventory() {},
    topology() {},
    incomplete() {},
    malformed(what) {
      throw new Error(what);
    },
  };
  const metrics = Array.from({ length: registers / 2 }, (_, index) => ({
    metric: `m${index}`,
    register: 2 * index,
    type: "float32" as const,
    unit: "kW" as const,
  }));
  const config = modbusConfig.parse({ tcp: `127.0.0.1:${port}`, metrics });
  const source = adapter.source(config, { asset: "bench", everyMs: 1000, sink, clock, log: silentLog });
  if (source.mode !== "poll") throw new Error("a Modbus source is polled");
  const signal = new AbortController().signal;
  await source.poll(signal);
  if (readings !== metrics.length) throw new Error(`${readings} readings from ${metrics.length} metrics`);
  return { read: () => source.poll(signal), close: () => adapter.close() };
}

async function bareReader(port: number): Promise<Reader> {
  const client = new modbusSerial.default();
  await client.connectTCP("127.0.0.1", { port });
  client.setTimeout(2000);
  return { read: () => client.readHoldingRegisters(0, registers), close: () => new Promise((resolve) => client.close(() => resolve())) };
}

interface Cost {
  readonly cpuMicros: number;
  readonly perSecond: number;
}

/** Both by turns, so that neither gains from the other's warming the machine up. */
async function measure(one: Reader, other: Reader): Promise<[Cost, Cost]> {
  const costs: [Cost[], Cost[]] = [[], []];
  for (let round = 0; round < warmUps + rounds; round++) {
    const pair: [Cost, Cost] = [await runOf(one), await runOf(other)];
    if (round < warmUps) continue;
    costs[0].push(pair[0]);
    costs[1].push(pair[1]);
  }
  await one.close();
  await other.close();
  return [middle(costs[0]), middle(costs[1])];
}

async function runOf(reader: Reader): Promise<Cost> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let read = 0; read < readsPerRound; read++) await reader.read();
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: (user + system) / readsPerRound, perSecond: readsPerRound / ((performance.now() - started) / 1000) };
}

function middle(costs: readonly Cost[]): Cost {
  return { cpuMicros: median(costs.map((cost) => cost.cpuMicros)), perSecond: median(costs.map((cost) => cost.perSecond)) };
}

async function startDevice(): Promise<{ port: number; stop: () => void }> {
  const file = fileURLToPath(new URL(`./modbus-device${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  return { port: Number(String(port)), stop: () => void child.stdin.end() };
}
