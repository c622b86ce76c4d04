import { afterAll, beforeAll, expect, it } from "vitest";
import type { AlarmView } from "../../core/alarm-view.ts";
import type { CollectorEvent } from "../../core/api.ts";
import type { AssetEvent } from "../../core/asset-event.ts";
import type { ReadingView } from "../../core/reading-view.ts";
import { freeUdpPort } from "../peers/port.ts";
import { type Peer, until } from "../peers/process.ts";
import { type Snmpd, snmpdKeys, startSnmpd } from "../peers/snmpd.ts";
import { snmpinform, snmptrap } from "../peers/snmptrap.ts";
import { createSite, type Site } from "./daemons.ts";

const linkDown = "1.3.6.1.6.3.1.1.5.3";
const onBattery = "1.3.6.1.2.1.33.2.1";
const priv = ["-l", "authPriv", "-a", "SHA-256", "-A", snmpdKeys.auth, "-x", "AES", "-X", snmpdKeys.privacy];
const user = ["-v3", "-u", "sha256aes", ...priv];
let device: Snmpd;
let site: Site;
let agent: Peer;
let collector: Peer;
let port: number;

beforeAll(async () => {
  process.env["MILLWRIGHT_LITERAL_SECRETS"] = "allow";
  device = await startSnmpd();
  port = await freeUdpPort();
  const target = `host: 127.0.0.1, port: ${device.port}, profile: system, every: 10m`;
  const keys = `auth: { sha256: "literal:${snmpdKeys.auth}" }, privacy: { aes: "literal:${snmpdKeys.privacy}" }`;
  site = await createSite(
    `
assets:
  sw-1: { labels: { type: switch }, snmp: { ${target}, community: "literal:public" } }
  ups-1: { labels: { type: ups }, snmp: { ${target}, version: 3, user: sha256aes, ${keys} } }
alarms:
  link-flaps: { on: { type: switch }, metric: snmp_traps_total, where: { trap: linkDown }, warning: { changes: 2, within: 10m } }
`,
    "",
    `traps: { listen: "127.0.0.1:${port}" }`,
  );
  collector = await site.startCollector();
  agent = await site.startAgent();
});
afterAll(async () => {
  await agent.kill();
  await collector.kill();
  await device.stop();
  site.remove();
});

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(`${site.url}/api/v1/${path}`)).json()) as T;
}

async function eventsOf(asset: string): Promise<readonly AssetEvent[]> {
  return (await ask<{ events: readonly AssetEvent[] }>(`assets/${asset}/events`)).events;
}

/** When the device was read last, ms since epoch; 0 before the first time. */
async function readAt(asset: string): Promise<number> {
  const { readings = [] } = await ask<{ readings?: readonly ReadingView[] }>(`readings/latest?asset=${asset}&metric=source_up`);
  return readings[0]?.time ?? 0;
}

/** The first `event` of the stream. */
async function heardEvent(): Promise<CollectorEvent> {
  const answer = await fetch(`${site.url}/api/v1/events?types=event`);
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    const data = /event: event\ndata: (.*)\n\n/.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data) as CollectorEvent;
  }
  throw new Error("the stream ended without an event");
}

it("a trap is an early poll, an event in the API and on the stream, and a count that raises an alarm", async () => {
  await until("both are read", 30_000, async () => (await readAt("sw-1")) > 0 && (await readAt("ups-1")) > 0);
  await snmptrap({ port, as: ["-v2c", "-c", "private"], oid: linkDown });
  const before = await readAt("sw-1");
  const streamed = heardEvent();
  await snmptrap({ port, as: ["-v2c", "-c", "public"], oid: linkDown, variables: ["1.3.6.1.2.1.2.2.1.2.3", "s", "eth0"] });
  expect(await streamed).toMatchObject({ type: "event", event: { asset: "sw-1", name: "linkDown" } });
  await until("the device is read again", 30_000, async () => (await readAt("sw-1")) > before);
  expect(await eventsOf("sw-1")).toEqual([
    expect.objectContaining({ asset: "sw-1", kind: "trap", text: "interface eth0 went down", level: "warning" }),
  ]);
  expect(await eventsOf("ups-1")).toEqual([]);
  await until("it is counted", 10_000, async () => {
    const { readings } = await ask<{ readings: readonly ReadingView[] }>("readings/latest?asset=sw-1&metric=snmp_traps_total");
    return readings[0]?.value === 1;
  });
  await snmptrap({ port, as: ["-v2c", "-c", "public"], oid: linkDown });
  await until("the alarm is raised", 15_000, async () => {
    const { alarms } = await ask<{ alarms: readonly AlarmView[] }>("alarms");
    return alarms.some(({ alarm, asset, state }) => alarm === "link-flaps" && asset === "sw-1" && state === "active");
  });
  await until("what was refused is counted where people look", 30_000, async () => {
    const text = await (await fetch(`${site.url}/metrics`)).text();
    return /^millwright_agent_traps_total\{agent="hall-1",outcome="denied"\} 1$/m.test(text);
  });
  expect(agent.output()).toContain("a wrong community");
});

it("an inform that was answered is an event, once, though collector and agent are killed before it is sent on", async () => {
  await collector.kill();
  const sent = await snmpinform({ port, as: user, oid: onBattery, variables: ["1.3.6.1.2.1.33.1.2.2.0", "i", "7"] });
  expect(sent).toEqual({ code: 0, output: "" });
  await agent.kill();
  collector = await site.startCollector();
  agent = await site.startAgent();
  await until("it is there", 20_000, async () => (await eventsOf("ups-1")).length > 0);
  expect(await eventsOf("ups-1")).toEqual([
    expect.objectContaining({ name: "upsTrapOnBattery", text: "on battery since 7 s, ? min left" }),
  ]);
  // The agent's engine has booted once more: whoever remembers it finds out.
  await until("informs go on", 20_000, async () => (await snmpinform({ port, as: user, oid: onBattery })).code === 0);
  await until("both are there", 20_000, async () => (await eventsOf("ups-1")).length === 2);
});
