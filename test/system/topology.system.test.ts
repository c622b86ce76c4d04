import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compareOids } from "../../adapters/sources/snmp/oid.ts";
import type { NeighboursView, TopologyView } from "../../core/topology-view.ts";
import { type Peer, until } from "../peers/process.ts";
import { type Snmpsim, snmpsimFolder, startSnmpsim } from "../peers/snmpsim.ts";
import { createSite, type Site } from "./daemons.ts";

const macs = { core: "02aa00000001", access: "02aa00000002", server: "02aa0000000a", press: "02aa0000001e", filler: "02aa0000001f" };
const lldp = "1.0.8802.1.1.2.1";
const cdp = "1.3.6.1.4.1.9.9.23.1.2.1.1";

interface Seen {
  readonly port: number;
  readonly chassis: string;
  readonly name: string;
  readonly remote: string;
  readonly roles?: string;
  readonly address?: string;
}

/** A device with numbered interfaces, its own chassis, and the neighbours that it sees. */
function device(of: { name: string; mac: string; ports: Record<number, string>; sees: readonly Seen[]; more?: readonly string[] }): string {
  const lines = [
    `1.3.6.1.2.1.1.1.0|4|synthetic ${of.name}`,
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10",
    "1.3.6.1.2.1.1.3.0|67|123456",
    `1.3.6.1.2.1.1.5.0|4|${of.name}`,
    `${lldp}.3.1.0|2|4`,
    `${lldp}.3.2.0|4x|${of.mac}`,
  ];
  for (const [index, port] of Object.entries(of.ports)) {
    // lldpLocPortNum is 100 less than ifIndex here.
    const local = Number(index) - 100;
    lines.push(`1.3.6.1.2.1.31.1.1.1.1.${index}|4|${port}`, `1.3.6.1.2.1.2.2.1.6.${index}|4x|${of.mac}`);
    lines.push(`1.3.6.1.2.1.17.1.4.1.2.${local}|2|${index}`);
    lines.push(`${lldp}.3.7.1.2.${local}|2|5`, `${lldp}.3.7.1.3.${local}|4|${port}`);
  }
  for (const { port, chassis, name, remote, roles = "20", address } of of.sees) {
    const row = `77.${port}.1`;
    lines.push(`${lldp}.4.1.1.4.${row}|2|4`, `${lldp}.4.1.1.5.${row}|4x|${chassis}`, `${lldp}.4.1.1.6.${row}|2|5`);
    lines.push(`${lldp}.4.1.1.7.${row}|4|${remote}`, `${lldp}.4.1.1.9.${row}|4|${name}`, `${lldp}.4.1.1.12.${row}|4x|${roles}`);
    if (address !== undefined) lines.push(`${lldp}.4.2.1.3.${row}.1.4.${address}|2|2`);
  }
  return `${[...lines, ...(of.more ?? [])].sort((a, b) => compareOids(oidOf(a), oidOf(b))).join("\n")}\n`;
}

function oidOf(line: string): string {
  return line.slice(0, line.indexOf("|"));
}

/** Rows of dot1dTpFdbTable. */
function learnt(places: Readonly<Record<string, number>>): string[] {
  return Object.entries(places).flatMap(([mac, port]) => {
    const index = [...Buffer.from(mac, "hex")].join(".");
    return [`1.3.6.1.2.1.17.4.3.1.2.${index}|2|${port}`, `1.3.6.1.2.1.17.4.3.1.3.${index}|2|3`];
  });
}

const recordings = {
  core: device({
    name: "core-1.plant.example",
    mac: macs.core,
    ports: { 101: "Gi1/0/1", 102: "Gi1/0/2", 103: "Gi1/0/3" },
    sees: [
      { port: 1, chassis: macs.access, name: "acc-1", remote: "Gi0/3" },
      { port: 2, chassis: "02bb00000007", name: "camera-7", remote: "eth0", roles: "01" },
    ],
    more: [
      `${cdp}.4.101.1|4x|c0000202`,
      `${cdp}.6.101.1|4|acc-1`,
      `${cdp}.7.101.1|4|GigabitEthernet0/3`,
      `${cdp}.9.101.1|4x|00000028`,
      ...learnt({ [macs.access]: 1, [macs.server]: 1, [macs.press]: 1, [macs.filler]: 1, "02bb00000007": 2 }),
      `1.3.6.1.2.1.4.22.1.2.103.192.0.2.31|4x|${macs.filler}`,
      "1.3.6.1.2.1.4.22.1.4.103.192.0.2.31|2|3",
    ],
  }),
  access: device({
    name: "acc-1",
    mac: macs.access,
    ports: { 101: "Gi0/1", 102: "Gi0/2", 103: "Gi0/3", 104: "Gi0/4" },
    sees: [
      { port: 1, chassis: macs.server, name: "server-1", remote: "eno1", roles: "01" },
      { port: 3, chassis: macs.core, name: "core-1.plant.example", remote: "Gi1/0/1" },
      { port: 4, chassis: macs.press, name: "", remote: "P1", roles: "01", address: "192.0.2.30" },
    ],
    more: learnt({ [macs.server]: 1, [macs.filler]: 2, [macs.core]: 3, [macs.press]: 4 }),
  }),
  server: device({
    name: "server-1",
    mac: macs.server,
    ports: { 101: "eno1" },
    sees: [{ port: 1, chassis: macs.access, name: "acc-1", remote: "Gi0/1" }],
  }),
};

let folder: string;
let sim: Snmpsim;
let site: Site;
let agent: Peer;
let collector: Peer;

beforeAll(async () => {
  process.env["MILLWRIGHT_LITERAL_SECRETS"] = "allow";
  folder = await snmpsimFolder();
  for (const [name, text] of Object.entries(recordings)) {
    await writeFile(join(folder, `${name}.snmprec`), text);
    await chmod(join(folder, `${name}.snmprec`), 0o644);
  }
  sim = await startSnmpsim(folder, "core");
  const snmp = (community: string): string =>
    `agent: hall-1, snmp: { host: 127.0.0.1, port: ${sim.port}, community: "literal:${community}", profile: system, every: 2s, topology: { every: 2s } }`;
  // Nobody runs hall-2: its assets are known by their addresses alone.
  site = await createSite(`
assets:
  core-sw: { ${snmp("core")} }
  hall-sw: { ${snmp("access")} }
  mes-server: { ${snmp("server")} }
  press-4: { agent: hall-2, modbus: { tcp: "192.0.2.30:502", profile: demo-filler } }
  filler-31: { agent: hall-2, modbus: { tcp: "192.0.2.31:502", profile: demo-filler } }
`);
  collector = await site.startCollector();
  agent = await site.startAgent();
});
afterAll(async () => {
  await agent.kill();
  await collector.kill();
  await sim.stop();
  site.remove();
  await rm(folder, { recursive: true, force: true });
});

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(`${site.url}/api/v1/${path}`)).json()) as T;
}

it("two switches, a server and two controllers: links with both ports, strangers, and via of the ends", async () => {
  await until("all three have looked around", 40_000, async () => {
    const { assets } = await ask<TopologyView>("topology");
    return assets.filter(({ since }) => since !== null).length === 3;
  });
  const { links, unknown, suggestions } = await ask<TopologyView>("topology");
  const seen = links.map(({ ends, by }) => [...ends.map(({ asset, port }) => `${asset} ${port}`).sort(), ...by]);
  expect(seen.sort()).toEqual([
    ["core-sw Gi1/0/1", "hall-sw Gi0/3", "cdp", "lldp"],
    ["filler-31 ", "hall-sw Gi0/2", "forwarding"],
    ["hall-sw Gi0/1", "mes-server eno1", "lldp"],
    ["hall-sw Gi0/4", "press-4 P1", "lldp"],
  ]);
  expect(unknown).toMatchObject([{ seen_by: { asset: "core-sw", port: "Gi1/0/2" }, system: "camera-7", chassis: "02:bb:00:00:00:07" }]);
  // The server is read over this machine's loopback, as an agent reads the machine it runs on.
  expect(suggestions.map(({ asset, via, port }) => [asset, ...via, port])).toEqual([
    ["filler-31", "hall-sw", "Gi0/2"],
    ["press-4", "hall-sw", "Gi0/4"],
  ]);
  const neighbours = await ask<NeighboursView>("assets/hall-sw/neighbours");
  expect(neighbours.ports.map(({ port, neighbours: all, stations }) => [port, all[0]?.asset ?? null, stations[0]?.asset ?? null])).toEqual([
    ["Gi0/1", "mes-server", "mes-server"],
    ["Gi0/2", null, "filler-31"],
    ["Gi0/3", "core-sw", "core-sw"],
    ["Gi0/4", "press-4", null],
  ]);
  expect(await ask<NeighboursView>("assets/filler-31/neighbours")).toMatchObject({
    since: null,
    ports: [],
    suggestion: { via: ["hall-sw"] },
  });
});

it("outlives the collector", async () => {
  const before = await ask<TopologyView>("topology");
  await agent.kill();
  await collector.kill();
  collector = await site.startCollector();
  expect(await ask<TopologyView>("topology")).toEqual(before);
});
