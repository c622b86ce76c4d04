import { fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { BenchRow } from "./row.ts";
import type { FleetMeasured } from "./snmp-fleet-agent.ts";

const devices = 10_000;
const dead = devices / 10;
/** The first round, and one more of all that answer. */
const pollSeconds = 125;
const contactSeconds = 15;

/** 10,000 SNMP devices on one agent, every 60 s, one in ten of them dead; and the first contact with as many of version 3. */
export async function snmpFleetBench(): Promise<BenchRow[]> {
  const device = fork(new URL("./snmp-device.js", import.meta.url), { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const port = Number(await new Promise<string>((resolve) => device.stdout?.once("data", (line: Buffer) => resolve(line.toString()))));
  const silent = createSocket("udp4").bind(0, "127.0.0.1");
  await once(silent, "listening");
  try {
    const deadPort = silent.address().port;
    const polled = await runAgent([port, deadPort, 2, devices, pollSeconds]);
    const met = await runAgent([port, deadPort, 3, devices, contactSeconds]);
    return [...polledRows(polled), ...metRows(met)];
  } finally {
    device.kill();
    silent.close();
  }
}

async function runAgent(of: readonly number[]): Promise<FleetMeasured> {
  const agent = fork(new URL("./snmp-fleet-agent.js", import.meta.url), of.map(String));
  const [measured] = await once(agent, "message");
  return measured as FleetMeasured;
}

function polledRows(of: FleetMeasured): BenchRow[] {
  const perRound = (of.cpuSeconds * 1e6) / (of.rounds + of.answered);
  return [
    { name: "10,000 devices v2c, every 60 s: memory", value: of.rssMegabytes, unit: "MB RSS", note: "to reach: < 350" },
    { name: "10,000 devices v2c: open files", value: of.files, unit: "", note: "to reach: < 60" },
    {
      name: "10,000 devices v2c: lateness of the live, 99 %",
      value: of.lateP99,
      unit: "ms",
      note: `${of.rounds} rounds; to reach: < 1,000`,
    },
    { name: "10,000 devices v2c: devices that answered", value: of.answered, unit: "", note: `${dead} are dead; ${of.readings} readings` },
    { name: "10,000 devices v2c: CPU per round, starting included", value: perRound, unit: "us CPU" },
  ];
}

function metRows(of: FleetMeasured): BenchRow[] {
  const note = `as the clock has it, also while others had the machine; ${of.answered} answered, ${of.readings} readings; to reach: < 50`;
  return [
    { name: "first contact with 10,000 v3 devices: loop kept for", value: of.blocked, unit: "ms", note },
    { name: "first contact with 10,000 v3 devices: longest turn", value: of.busiest, unit: "ms CPU", note: "of the main thread" },
    { name: "first contact with 10,000 v3 devices: memory", value: of.rssMegabytes, unit: "MB RSS", note: "to reach: < 350" },
  ];
}
