import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { capturedIo } from "./captured-io.ts";

let folder: string;
let config: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millwright-mistakes-"));
  config = join(folder, "plant.yaml");
  writeFileSync(
    config,
    `
brokers: { hall: { url: "mqtt://127.0.0.1:1" } }
assets:
  core-sw-1: { snmp: { host: 127.0.0.1, community: env:HOME } }
  filler-31: { modbus: { tcp: 127.0.0.1, profile: sunspec } }
  compressor: { mqtt: { broker: hall, topics: [{ topic: air, metrics: { pressure_pascals: {} } }] } }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

async function millwright(line: string): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(line.replace("CONFIG", config).split(" "), io, commands);
  return { code, out: io.out(), err: io.err() };
}

it.each([
  ["demo --port abc", "expected a number from 0 to 65535"],
  ["discover 127.0.0.1 --modbus --modbus-port abc", "expected a number from 1 to 65535"],
  ["discover 127.0.0.1 --at-once 0", "expected a number from 1 to 1024"],
  ["modbus read holding:1 --host 127.0.0.1 --port 70000", "expected a number from 1 to 65535"],
  ["modbus read holding:1 --host 127.0.0.1 --unit 256", "expected a number from 0 to 255"],
  ["modbus read holding:1 2001 --host 127.0.0.1", "expected a number from 1 to 2000"],
  ["modbus read holding:1 --config CONFIG --asset filler-13", "(did you mean filler-31?)"],
  ["snmp walk --host 127.0.0.1 --port 1e3 --community env:HOME", "expected a number from 1 to 65535"],
  ["snmp walk --host 127.0.0.1 --community env:HOME --most many", "expected a number from 1 to"],
  ["snmp get 1.3.6.1.2.1.1.1.0 --config CONFIG --asset core-sw", "(did you mean core-sw-1?)"],
  ["snmp get 1.3.6.1.2.1.1.1.0 --config CONFIG --asset constructor", "constructor: the config has no such asset"],
  ["mqtt watch --config CONFIG --broker hal", "no such broker (did you mean hall?)"],
  ["mqtt watch --config CONFIG --asset compresor", "(did you mean compressor?)"],
  ["mqtt watch --config CONFIG --broker hall --count 0", "expected a number from 1 to"],
  ["poll --config CONFIG --asset filler-32", "(did you mean filler-31?)"],
  ["profiles show ifmib", "(did you mean if-mib?)"],
])("millwright %s is a mistake of the command line", async (line, said) => {
  const { code, out, err } = await millwright(line);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(said);
});

it.each(["poll", "doctor", "mqtt watch"])("the help of %s names durations as people write them", async (command) => {
  const { code, out } = await millwright(`${command} --help`);
  expect(code).toBe(0);
  expect(out).toMatch(/\(default:\s+\d+s\)/);
  expect(out).not.toMatch(/default:\s+\d{5,}/);
});
