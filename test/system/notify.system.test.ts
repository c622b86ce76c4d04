import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { IncidentView } from "../../core/incident-view.ts";
import type { Notification } from "../../core/notifier.ts";
import { type ModbusServer, serveModbus } from "../../demo/modbus-server.ts";
import { type Receiver, startReceiver } from "../adapters/notifiers/receiver.ts";
import { type Peer, until } from "../peers/process.ts";
import { createSite, type Site } from "./daemons.ts";
import { millwright } from "./demo.ts";

let celsius = 20;
let device: ModbusServer;
let receiver: Receiver;
let site: Site;
let agent: Peer;

beforeAll(async () => {
  receiver = await startReceiver();
  device = await serveModbus({ id: 1, registers: () => celsius });
  site = await createSite(`
assets:
  oven:
    modbus: { tcp: "127.0.0.1:${device.port}", unit: 1, every: 200ms, metrics: [{ metric: temperature_celsius, register: 0, type: int16 }] }
alarms:
  hot: { asset: oven, metric: temperature_celsius, critical: { above: 50 } }
services:
  baking: { name: Baking, owner: ops, needs: [asset oven] }
notify:
  routes: [{ level: major, group: 0s, to: [hook] }]
  channels: { hook: { webhook: { url: "${receiver.url}" } } }
`);
  agent = await site.startAgent();
});
afterAll(async () => {
  await agent.kill();
  await device.stop();
  await receiver.close();
  site.remove();
});

const keys = (): string[] => [...new Set(receiver.received.map(({ headers }) => String(headers["idempotency-key"])))];
const kinds = (): string[] => receiver.received.map(({ body }) => (JSON.parse(body) as Notification).news.map(({ kind }) => kind).join());
async function incidents(): Promise<readonly IncidentView[]> {
  const answer = await fetch(`${site.url}/api/v1/incidents`);
  return ((await answer.json()) as { incidents: IncidentView[] }).incidents;
}
async function waiting(): Promise<string | undefined> {
  const text = await (await fetch(`${site.url}/metrics`)).text();
  return /^millwright_notifications_waiting\{channel="hook"\} (\d+)$/m.exec(text)?.[1];
}

it("an incident is told once and resolved once, however often the collector is killed", async () => {
  let collector = await site.startCollector();
  celsius = 90;
  receiver.answer = 503;
  await until("the first attempt", 15_000, () => receiver.received.length > 0);
  await collector.kill();
  collector = await site.startCollector();
  receiver.answer = 200;
  const before = receiver.received.length;
  await until("the message is taken", 15_000, async () => receiver.received.length > before && (await waiting()) === "0");
  // Crossed out in the store, too.
  await sleep(2500);
  expect(keys()).toHaveLength(1);
  const attempts = receiver.received.length;
  await collector.kill();
  collector = await site.startCollector();
  await until("the plant is known", 15_000, async () => (await incidents())[0]?.state === "open");
  await sleep(3000);
  expect(receiver.received).toHaveLength(attempts);
  await collector.kill();
  celsius = 20;
  await sleep(1000);
  collector = await site.startCollector();
  await until("the resolve", 15_000, () => kinds().at(-1) === "resolved");
  expect(keys()).toHaveLength(2);
  expect(
    kinds()
      .slice(0, -1)
      .every((kind) => kind === "opened"),
  ).toBe(true);
  expect(await incidents()).toMatchObject([{ state: "resolved", causes: ["oven"], services: [{ id: "baking", owner: "ops" }] }]);
  await collector.stop();
});

it("notify test reaches the channel, and says so when it does not", async () => {
  const run = promisify(execFile);
  const args = (channel: string): string[] => [millwright, "notify", "test", "--config", site.config, channel];
  const { stdout } = await run(process.execPath, args("hook"));
  expect(stdout).toMatch(/^channel hook took the test message test-/);
  expect(kinds().at(-1)).toBe("resolved");
  receiver.answer = 500;
  await expect(run(process.execPath, args("hook"))).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${receiver.url}: answers 500`),
  });
  await expect(run(process.execPath, args("hok"))).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("did you mean hook?"),
  });
});
