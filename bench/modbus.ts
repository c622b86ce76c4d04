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
const rounds = 5;
const readsPerRound = 400;

/** CPU per read of 100 registers over loopback, ours beside modbus-serial as its README shows it; the device is a process of its own. */
export async function modbusBench(): Promise<BenchRow[]> {
  const device = await startDevice();
  try {
    const ours = await measure(await millwrightReader(device.port));
    const bare = await measure(await bareReader(device.port));
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

async function measure(reader: Reader): Promise<{ cpuMicros: number; perSecond: number }> {
  const cpu: number[] = [];
  const rate: number[] = [];
  // The first round warms the compiler up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const before = process.cpuUsage();
    const started = performance.now();
    for (let read = 0; read < readsPerRound; read++) await reader.read();
    const { user, system } = process.cpuUsage(before);
    if (round === 0) continue;
    cpu.push((user + system) / readsPerRound);
    rate.push(readsPerRound / ((performance.now() - started) / 1000));
  }
  await reader.close();
  return { cpuMicros: median(cpu), perSecond: median(rate) };
}

async function startDevice(): Promise<{ port: number; stop: () => void }> {
  const file = fileURLToPath(new URL(`./modbus-device${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  return { port: Number(String(port)), stop: () => void child.stdin.end() };
}
