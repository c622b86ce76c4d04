import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { serveModbus } from "../../demo/modbus-server.ts";
import { startMosquitto, startPublisher } from "../peers/mosquitto.ts";
import { freePort } from "../peers/port.ts";
import { testFolder } from "./spool/readings.ts";

interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function poll(yaml: string, ...args: readonly string[]): Promise<Printed> {
  const path = join(testFolder(), "site.yaml");
  writeFileSync(path, yaml);
  let stdout = "";
  let stderr = "";
  const io = { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: (text: string) => (stderr += text) }, env: {} };
  const code = await run(["poll", "--config", path, ...args], io, commands);
  return { code, stdout, stderr };
}

async function press(): Promise<string> {
  const server = await serveModbus({ id: 1, registers: (_, address) => (address < 2 ? 21 + address : undefined) });
  onTestFinished(() => server.stop());
  return `  press: { modbus: { tcp: "127.0.0.1:${server.port}", metrics: [{ metric: power_watts, register: 0, type: uint16, unit: kW, labels: { phase: l1 } }, { metric: speed, register: 9, type: uint16 }] } }\n`;
}

test("poll prints one JSON line per reading with the fields that programs rely on; a value that failed alone is null", async () => {
  const { code, stdout } = await poll(`assets:\n${await press()}`, "--format", "ndjson");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(0);
  expect(lines).toHaveLength(2);
  expect(Object.keys(lines[0] ?? {})).toEqual(["asset", "metric", "labels", "value", "unit", "time", "quality", "origin"]);
  const power = lines.find((line) => line["metric"] === "power_watts");
  expect(power).toMatchObject({ asset: "press", labels: { phase: "l1" }, value: 21_000, unit: "W", quality: "Good", origin: "holding:0" });
  expect(lines.find((line) => line["metric"] === "speed")).toMatchObject({ value: null });
});

test("a source that fails is named on stderr, the others are printed, and the exit code is 1", async () => {
  const dead = `  dead: { modbus: { tcp: "127.0.0.1:${await freePort()}", metrics: [{ metric: power_watts, register: 0, type: uint16 }] } }\n`;
  const { code, stdout, stderr } = await poll(`assets:\n${await press()}${dead}`, "--format", "json");
  expect(code).toBe(1);
  expect(stderr).toMatch(/failed: dead modbus: .*127\.0\.0\.1:\d+/);
  expect((JSON.parse(stdout) as { asset: string }[]).map((line) => line.asset)).toEqual(["press", "press"]);
});

test("--asset chooses by glob; a glob that chooses nothing is a mistake", async () => {
  const yaml = `assets:\n${await press()}`;
  expect((await poll(yaml, "--asset", "pr?s*")).stdout).toMatch(/press +power_watts +phase=l1 +21000 +W +Good +holding:0/);
  const none = await poll(yaml, "--asset", "pr.ss");
  expect(none).toMatchObject({ code: 2, stdout: "" });
  expect(none.stderr).toContain('no asset matches "pr.ss"');
});

test("poll listens to a broker until it has heard every series", async () => {
  const broker = await startMosquitto();
  onTestFinished(() => broker.stop());
  const publisher = await startPublisher(broker);
  await publisher.publish("plant/air", '{"bar": 6.5}', { retain: true });
  await publisher.end();
  const yaml = (topic: string): string => `
brokers: { hall: { url: "${broker.url}", client_id: poll } }
assets:
  air: { mqtt: { broker: hall, every: 1s, topics: [{ topic: ${topic}, metrics: { pressure_pascals: { path: $.bar, unit: bar } } }] } }
`;
  const heard = await poll(yaml("plant/air"), "--format", "ndjson");
  expect(heard.code).toBe(0);
  expect(JSON.parse(heard.stdout)).toMatchObject({ metric: "pressure_pascals", value: 650_000, unit: "Pa", origin: "plant/air" });
});
