import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAgent } from "../../agent/agent.ts";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { startCollector } from "../../collector/collector.ts";
import { config as schema } from "../../config/schema.ts";
import { literalSecretsVariable } from "../../config/secret.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { capturedIo } from "../cli/captured-io.ts";
import { startModbusServer } from "../peers/modbus.ts";
import { startMosquitto, startPublisher } from "../peers/mosquitto.ts";
import { freePort, freeUdpPort } from "../peers/port.ts";
import { until } from "../peers/process.ts";
import { snmpdKeys, startSnmpd } from "../peers/snmpd.ts";
import { snmpinform, snmptrap } from "../peers/snmptrap.ts";
import { sunspecRegisters } from "../peers/sunspec.ts";
import { type Tap, tapTcp, tapUdp } from "../peers/tap.ts";
import { functionCodes, packets, pduTag } from "./wire.ts";

// Modbus Application Protocol V1.1b3 §6.1 to §6.4; RFC 3416 §3; MQTT 3.1.1 §2.2.1.
const readCodes = [1, 2, 3, 4];
const readPdus = { get: 0xa0, getNext: 0xa1, getBulk: 0xa5 };
const mqtt = { connect: 1, puback: 4, pubrec: 5, pubcomp: 7, subscribe: 8, unsubscribe: 10, pingreq: 12, disconnect: 14 };
const willFlag = 0x04;
const rounds = 6;
const seed = 20_260;

/** What is sent to a device that told something: that its inform was heard, or why it was not (RFC 3416 §4.2.7, RFC 3412 §7.1). */
const answerPdus = { response: 0xa2, report: 0xa8 };

process.env[literalSecretsVariable] = "allow";
let folder: string;
let modbus: Tap;
let snmp: Tap;
let broker: Tap;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-readonly-"));
  const registers = new Map(Array.from({ length: 300 }, (_, i) => [i, i]));
  const models = sunspecRegisters({ models: [{ id: 1 }, { id: 103, points: { W: 5, W_SF: 1 } }, { id: 121 }, { id: 64_999, length: 9 }] });
  const identification = { 0: "Acme", 1: "X-10", 2: "1.2" };
  const device = await startModbusServer(new Map([[1, { holding: new Map([...registers, ...models]), input: registers, identification }]]));
  const [snmpd, mosquitto] = await Promise.all([startSnmpd(), startMosquitto()]);
  [modbus, snmp, broker] = await Promise.all([tapTcp(device.port), tapUdp(snmpd.port), tapTcp(mosquitto.port)]);
  const publisher = await startPublisher(mosquitto);
  const publishing = setInterval(() => {
    for (const qos of [0, 1, 2] as const) void publisher.publish("plant/air/a", '{"bar":6.1,"__proto__":1}', { qos }).catch(() => {});
  }, 100);
  stops.push(() => publisher.end(), modbus.stop, snmp.stop, broker.stop, device.stop, snmpd.stop, mosquitto.stop);
  stops.unshift(async () => clearInterval(publishing));
});
afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

const metric = fc.record({
  metric: fc.constantFrom("power_watts", "x_total", "state"),
  function: fc.constantFrom("holding", "input", "coil", "discrete"),
  register: fc.integer({ min: 0, max: 65_000 }),
  labels: fc.record({ n: fc.nat(1000).map(String) }),
});
const modbusAsset = fc.record({
  unit: fc.constantFrom(1, 1, 2, 0, 255),
  every: fc.constantFrom("200ms", "500ms"),
  timeout: fc.constant("150ms"),
  metrics: fc.array(
    fc.oneof(
      metric.filter((one) => one.function === "coil" || one.function === "discrete"),
      fc
        .tuple(metric, fc.constantFrom("int16", "uint32", "float32", "uint64"), fc.constantFrom("ABCD", "CDAB"))
        .map(([one, type, order]) => ({ ...one, function: one.function === "coil" ? "holding" : "input", type, order })),
    ),
    { minLength: 1, maxLength: 6 },
  ),
});
const snmpAsset = fc
  .oneof(
    fc.record({ version: fc.constantFrom("1", "2c"), community: fc.constantFrom("literal:public", "literal:private") }),
    fc.constant({ version: 3, user: "none" }),
    fc.constant({ version: 3, user: "sha512", auth: { sha512: `literal:${snmpdKeys.auth}` } }),
    fc.constant({ version: 3, user: "nobody", auth: { sha256: "literal:notthekey" } }),
  )
  .map((one) => ({ ...one, host: "127.0.0.1", every: "500ms", timeout: "300ms", retries: 0 }));
const topic = fc.constantFrom("plant/air/{sensor}", "plant/#", "+/+/a", "NCMD/x", "spBv1.0/g/NCMD/n", "plant/air/a");
const mqttAsset = fc.record({
  broker: fc.constantFrom("v3", "v5"),
  every: fc.constant("500ms"),
  topics: fc.array(
    fc.record({
      topic,
      qos: fc.constantFrom(0, 1, 2),
      metrics: fc.constant({ pressure_pascals: { path: "$.bar", unit: "bar" } }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
const plants = fc.record({
  modbus: fc.array(modbusAsset, { minLength: 1, maxLength: 3 }),
  snmp: fc.array(snmpAsset, { minLength: 1, maxLength: 3 }),
  mqtt: fc.array(mqttAsset, { minLength: 1, maxLength: 3 }),
});

interface Plant {
  readonly modbus: readonly object[];
  readonly snmp: readonly object[];
  readonly mqtt: readonly object[];
}

function configOf(plant: Plant, listen: string) {
  const good = { metrics: { pressure_pascals: { path: "$.bar", unit: "bar" } } };
  const all = ["coil", "discrete", "holding", "input"].map((table, i) => ({
    metric: "x",
    labels: { i: `${i}` },
    function: table,
    register: i,
    ...(i < 2 ? {} : { type: "uint16" }),
  }));
  const assets: Record<string, object> = {
    m: { modbus: { tcp: `127.0.0.1:${modbus.port}`, every: "300ms", timeout: "150ms", metrics: all } },
    pv: { modbus: { tcp: `127.0.0.1:${modbus.port}`, every: "300ms", timeout: "150ms", profile: "sunspec" } },
    s: { snmp: { host: "127.0.0.1", port: snmp.port, community: "literal:public", every: "500ms" } },
    q: { mqtt: { broker: "v3", topics: [{ topic: "plant/air/a", ...good }] } },
  };
  for (const [i, one] of plant.modbus.entries()) assets[`m${i}`] = { modbus: { tcp: `127.0.0.1:${modbus.port}`, ...one } };
  for (const [i, one] of plant.snmp.entries()) assets[`s${i}`] = { snmp: { port: snmp.port, ...one } };
  for (const [i, one] of plant.mqtt.entries()) assets[`q${i}`] = { mqtt: one };
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const parsed = schema.parse({
    agent: { name: "hall-1", collector: `http://${listen}`, spool: { dir: join(folder, "spool") } },
    collector: { listen, store: { duckdb: { dir: join(folder, "store") } } },
    brokers: { v3: { url, keepalive: "1s" }, v5: { url, version: "5", keepalive: "1s" } },
    assets,
  });
  return { ...parsed, directory: folder };
}

/** Whatever somebody who is let in may try: every route, with targets and writes in its query and body. */
async function pester(url: string): Promise<number> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const routes = [...Object.keys(paths).map((path) => path.replace("{id}", "m0")), "/probe", "/api/v1/assets/m0/write", "/write"];
  const body = JSON.stringify({
    set: { m0: "critical" },
    target: "127.0.0.1",
    register: 1,
    value: 1,
    oid: "1.3.6.1.2.1.1.5.0",
    topic: "plant",
  });
  const headers = { "content-type": "application/json" };
  let asked = 0;
  for (const path of routes.filter((one) => !one.endsWith("/events")))
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      const query = `?target=127.0.0.1:${modbus.port}&asset=m0&value=1&set=m0=critical`;
      await (await fetch(url + path + query, { method, headers, ...(method === "GET" ? {} : { body }) })).arrayBuffer();
      asked++;
    }
  return asked;
}

it("under any config and any request, what goes out to devices only reads", async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const [first, ...rest] = fc.sample(plants, { numRuns: rounds, seed });
  if (first === undefined) throw new Error("no plant");
  const parts = { clock: systemClock(), log: silentLog };
  const collector = await startCollector({ config: configOf(first, listen), webRoot: folder, ...parts });
  const agent = await startAgent({ config: configOf(first, listen), ...parts });
  let asked = 0;
  for (const plant of [undefined, ...rest]) {
    if (plant !== undefined) await Promise.all([agent.reload(configOf(plant, listen)), collector.reload(configOf(plant, listen))]);
    const before = [modbus, snmp, broker].map((tap) => Buffer.concat(tap.sent()).length);
    asked += await pester(collector.url);
    await until("every device is asked anew", 10_000, () =>
      [modbus, snmp, broker].every((tap, i) => Buffer.concat(tap.sent()).length > (before[i] ?? 0)),
    );
  }
  await agent.stop();
  await collector.stop();

  const codes = modbus.sent().flatMap(functionCodes);
  const pdus = snmp.sent().map(pduTag);
  const streams = broker.sent().map(packets);
  const types = streams.flat().map(({ type }) => type);
  process.stdout.write(
    `${rounds} plants, ${asked} requests to the API: ${codes.length} Modbus requests, ${pdus.length} SNMP messages, ${types.length} MQTT packets, 0 that write\n`,
  );
  expect([...new Set(codes)].sort()).toEqual(readCodes);
  expect([...new Set(pdus)].filter((tag) => !Object.values<number | undefined>(readPdus).includes(tag))).toEqual([]);
  expect([...new Set(types)].filter((type) => !Object.values(mqtt).includes(type))).toEqual([]);
  expect(new Set(types)).toEqual(new Set([...types, mqtt.connect, mqtt.subscribe]));
  for (const [head] of streams) {
    // The flags stand after the protocol's name and level; a will is a message that the broker would publish for us.
    const flags = head?.body[2 + (head.body.readUInt16BE(0) ?? 0) + 1] ?? 0;
    expect([head?.type, flags & willFlag]).toEqual([mqtt.connect, 0]);
  }
});

it("tools that are used by hand only read", async () => {
  const before = snmp.sent().length;
  process.env["READONLY_COMMUNITY"] = "public";
  const device = ["--community", "env:READONLY_COMMUNITY", "--port", `${snmp.port}`, "--timeout", "500ms"];
  const host = ["--host", "127.0.0.1"];
  for (const args of [
    ["snmp", "get", ...host, ...device, "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0"],
    ["snmp", "walk", ...host, ...device, "--snmp-version", "1", "1.3.6.1.2.1.1"],
    ["snmp", "walk", ...host, ...device, "1.3.6.1.2.1"],
    ["snmp", "record", ...host, ...device, "--most", "2000"],
    ["profiles", "test", ...host, ...device],
    ["discover", "127.0.0.1", ...device],
  ]) {
    const io = capturedIo();
    expect([args.slice(0, 2), await run(args, io, commands), io.err()]).toMatchObject([args.slice(0, 2), 0, expect.any(String)]);
  }
  const pdus = snmp.sent().slice(before).map(pduTag);
  process.stdout.write(`6 tools: ${pdus.length} SNMP messages, 0 that write\n`);
  expect(pdus.length).toBeGreaterThan(20);
  expect([...new Set(pdus)].filter((tag) => !Object.values<number | undefined>(readPdus).includes(tag))).toEqual([]);
});

it("Modbus and MQTT tools that are used by hand only read, and ask who a device is", async () => {
  const [registers, packetsBefore] = [modbus.sent().length, broker.sent().length];
  const host = ["--host", "127.0.0.1", "--port", `${modbus.port}`, "--timeout", "500ms"];
  for (const args of [
    ["modbus", "read", "holding:40000", "80", ...host],
    ["modbus", "read", "input:0", "200", ...host],
    ["modbus", "scan", "--units", "1-2", ...host],
    ["mqtt", "watch", "--url", `mqtt://127.0.0.1:${broker.port}`, "--count", "2", "--for", "5s"],
  ]) {
    const io = capturedIo();
    expect([args.slice(0, 2), await run(args, io, commands), io.err()]).toMatchObject([args.slice(0, 2), 0, expect.any(String)]);
  }
  const codes = modbus.sent().slice(registers).flatMap(functionCodes);
  const types = broker
    .sent()
    .slice(packetsBefore)
    .flatMap((stream) => packets(stream).map(({ type }) => type));
  process.stdout.write(`4 tools: ${codes.length} Modbus requests, ${types.length} MQTT packets, 0 that write\n`);
  // 43 is Read Device Identification (Modbus Application Protocol V1.1b3 §6.21): MEI type 14.
  expect([...new Set(codes)].sort((a, b) => a - b)).toEqual([3, 4, 43]);
  const [asked = Buffer.alloc(0)] = modbus
    .sent()
    .slice(registers)
    .filter((stream) => functionCodes(stream).includes(43));
  expect(asked.subarray(7, 10)).toEqual(Buffer.from([43, 14, 2]));
  expect([...new Set(types)].filter((type) => !Object.values(mqtt).includes(type))).toEqual([]);
  expect(types).toContain(mqtt.subscribe);
});

it("the port that hears traps sends nothing but responses to informs and reports", async () => {
  const port = await freeUdpPort();
  const config = schema.parse({
    agent: { name: "ears", collector: "http://127.0.0.1:1", spool: { dir: join(folder, "ears") }, traps: { listen: `127.0.0.1:${port}` } },
    assets: {
      two: { snmp: { host: "127.0.0.1", port: snmp.port, community: "literal:public", every: "500ms" } },
      three: {
        snmp: {
          host: "127.0.0.1",
          port: snmp.port,
          version: 3,
          user: "sha512",
          auth: { sha512: `literal:${snmpdKeys.auth}` },
          every: "500ms",
        },
      },
    },
  });
  const agent = await startAgent({ config: { ...config, directory: folder }, clock: systemClock(), log: silentLog });
  const ears = await tapUdp(port);
  const before = snmp.sent().length;
  const linkDown = "1.3.6.1.6.3.1.1.5.3";
  const v3 = ["-v3", "-l", "authNoPriv", "-u", "sha512", "-a", "SHA-512", "-A", snmpdKeys.auth];
  const good = await snmpinform({ port: ears.port, as: ["-v2c", "-c", "public"], oid: linkDown });
  const secure = await snmpinform({ port: ears.port, as: v3, oid: linkDown });
  await snmptrap({ port: ears.port, as: ["-v2c", "-c", "public"], oid: linkDown });
  await snmptrap({ port: ears.port, as: ["-v2c", "-c", "wrong"], oid: linkDown });
  const inform = ears.sent()[0] ?? Buffer.alloc(0);
  const stranger = createSocket("udp4");
  // What a device could be asked, sent to the agent: it is no device, and answers none of it. And bytes that are nothing.
  for (const kind of [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa8]) stranger.send(withPdu(inform, kind), ears.port, "127.0.0.1");
  fc.assert(
    fc.property(fc.nat(inform.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(inform);
      changed[at] = byte;
      stranger.send(changed, ears.port, "127.0.0.1");
    }),
    { numRuns: 300, seed },
  );
  for (const bytes of [[0x30, 0x01, 0x02], [], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff]])
    stranger.send(Buffer.from(bytes), ears.port, "127.0.0.1");
  const last = await snmpinform({ port: ears.port, as: ["-v2c", "-c", "public"], oid: linkDown });
  await until("the device is asked early", 10_000, () => snmp.sent().length > before);
  stranger.close();
  await agent.stop();
  await ears.stop();
  const answers = ears.answered().map(pduTag);
  const asked = snmp.sent().slice(before).map(pduTag);
  const kinds = [...new Set(answers)].sort();
  process.stdout.write(
    `${ears.sent().length} datagrams heard, ${answers.length} answered: ${kinds.map((kind) => kind?.toString(16)).join(", ")}\n`,
  );
  expect([good.code, secure.code, last.code]).toEqual([0, 0, 0]);
  expect(kinds).toEqual(Object.values(answerPdus));
  expect([...new Set(asked)].filter((tag) => !Object.values<number | undefined>(readPdus).includes(tag))).toEqual([]);
});

/** The same message with another kind of PDU. */
function withPdu(inform: Buffer, kind: number): Buffer {
  const changed = Buffer.from(inform);
  changed[changed.indexOf(0xa6)] = kind;
  return changed;
}
