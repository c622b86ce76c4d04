import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createHall, step } from "../../demo/hall.ts";
import { type SnmpAgent, serveSnmp } from "../../demo/snmp-agent.ts";
import { serverMib, switchMib, upsMib } from "../../demo/snmp-devices.ts";

const run = promisify(execFile);
const hall = createHall();
const agents: SnmpAgent[] = [];

beforeAll(async () => {
  step(hall, 1, new Set(), Math.random);
  const mibs = [switchMib(hall, { name: "core-sw-1", location: "hall 1", ports: hall.hallSwitch }), upsMib(hall), serverMib(hall)];
  for (const mib of mibs) agents.push(await serveSnmp({ mib, community: "demo" }));
});
afterAll(() => Promise.all(agents.map((agent) => agent.stop())));

/** Lines of `OID = TYPE: VALUE` from Debian's net-snmp tools. */
async function ask(
  tool: "snmpbulkwalk" | "snmpwalk" | "snmpget",
  agent: number,
  oids: readonly string[],
  community = "demo",
): Promise<string[]> {
  const port = agents[agent]?.port ?? 0;
  const { stdout } = await run(tool, ["-v2c", "-c", community, "-t1", "-r0", "-On", "-Oe", `127.0.0.1:${port}`, ...oids]);
  return stdout.trim().split("\n");
}

it("is walked by net-snmp with GETBULK and GETNEXT alike", async () => {
  for (const agent of agents.keys()) {
    const bulk = await ask("snmpbulkwalk", agent, [".1.3"]);
    const next = await ask("snmpwalk", agent, [".1.3"]);
    expect(bulk.length).toBeGreaterThan(20);
    expect(bulk).toEqual(next);
  }
});

it("answers what the hall stands at", async () => {
  const port = hall.hallSwitch[0];
  expect(await ask("snmpget", 0, [".1.3.6.1.2.1.31.1.1.1.6.1", ".1.3.6.1.2.1.31.1.1.1.1.1", ".1.3.6.1.2.1.2.2.1.8.1"])).toEqual([
    `.1.3.6.1.2.1.31.1.1.1.6.1 = Counter64: ${port?.inOctets}`,
    '.1.3.6.1.2.1.31.1.1.1.1.1 = STRING: "Gi1/0/1"',
    ".1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 1",
  ]);
  expect(await ask("snmpget", 1, [".1.3.6.1.2.1.33.1.4.1.0"])).toEqual([".1.3.6.1.2.1.33.1.4.1.0 = INTEGER: 3"]);
  step(hall, 1, new Set(["ups-on-battery", "switch-port-down"]), Math.random);
  expect(await ask("snmpget", 1, [".1.3.6.1.2.1.33.1.4.1.0"])).toEqual([".1.3.6.1.2.1.33.1.4.1.0 = INTEGER: 5"]);
  expect(await ask("snmpget", 0, [".1.3.6.1.2.1.2.2.1.8.1"])).toEqual([".1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 2"]);
});

it("says noSuchObject for what it has not, and nothing to a wrong community", async () => {
  expect(await ask("snmpget", 0, [".1.3.6.1.2.1.99.1.0"])).toEqual([
    ".1.3.6.1.2.1.99.1.0 = No Such Object available on this agent at this OID",
  ]);
  await expect(ask("snmpget", 0, [".1.3.6.1.2.1.1.1.0"], "wrong")).rejects.toThrow("Timeout");
});
