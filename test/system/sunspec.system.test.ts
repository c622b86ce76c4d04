import { afterAll, beforeAll, expect, it } from "vitest";
import type { AlarmView } from "../../core/alarm-view.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus.ts";
import { type Peer, until } from "../peers/process.ts";
import { type ModelImage, sunspecRegisters } from "../peers/sunspec.ts";
import { createSite, type Site } from "./daemons.ts";

/** An inverter that names its own limit, 10 kW, and has its own idea of what a fault is. */
const inverter = ({ watts, state }: { watts: number; state: number }): Map<number, number> => {
  const measured: ModelImage = { id: 103, points: { W: watts / 10, W_SF: 1, St: state } };
  return sunspecRegisters({ models: [{ id: 1 }, measured, { id: 121, points: { WMax: 100, WMax_SF: 2 } }] });
};
const unit = { holding: inverter({ watts: 9000, state: 4 }) };
let device: ModbusServer;
let site: Site;
let agent: Peer;
let collector: Peer;

beforeAll(async () => {
  device = await startModbusServer(new Map([[1, unit]]));
  site = await createSite(`
assets:
  pv-1: { labels: { type: inverter }, modbus: { tcp: "127.0.0.1:${device.port}", profile: sunspec, every: 1s } }
alarms:
  past-its-limit: { on: { type: inverter }, metric: active_power_watts, from_device: { clear_by: 2% } }
  inverter-fault: { on: { type: inverter }, metric: inverter_state, from_device: true }
`);
  collector = await site.startCollector();
  agent = await site.startAgent();
});
afterAll(async () => {
  await agent.kill();
  await collector.kill();
  await device.stop();
  site.remove();
});

/** Active alarms as `alarm level value`. */
async function active(): Promise<readonly string[]> {
  const { alarms } = (await (await fetch(`${site.url}/api/v1/alarms`)).json()) as { alarms: readonly AlarmView[] };
  return alarms.map(({ alarm, level, value }) => `${alarm} ${level} ${value}`).sort();
}

async function isRead(): Promise<boolean> {
  const answer = await fetch(`${site.url}/api/v1/readings/latest?asset=pv-1&metric=active_power_watts`);
  const { readings = [] } = (await answer.json()) as { readings?: readonly { value: number; origin: string }[] };
  return readings.some(({ value, origin }) => value === 9000 && origin === "sunspec:103.W");
}

it("a value past the limit that its own device names, and a state that its model calls a fault, are alarms; and end again", async () => {
  await until("the inverter is read", 30_000, isRead);
  expect(await active()).toEqual([]);
  unit.holding = inverter({ watts: 10_400, state: 7 });
  const raised = ["inverter-fault critical 7", "past-its-limit warning 10400"];
  await until("both alarms are raised", 20_000, async () => (await active()).join() === raised.join());
  unit.holding = inverter({ watts: 9000, state: 4 });
  await until("both end", 20_000, async () => (await active()).length === 0);
});
