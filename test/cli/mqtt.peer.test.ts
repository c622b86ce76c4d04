import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { type Mosquitto, type Publisher, startMosquitto, startPublisher } from "../peers/mosquitto.ts";
import { freePort } from "../peers/port.ts";
import { capturedIo } from "./captured-io.ts";

let broker: Mosquitto;
let publisher: Publisher;
let folder: string;
const secret = "MILLWRIGHT_TEST_MQTT";

beforeAll(async () => {
  process.env[secret] = "s3cret";
  broker = await startMosquitto({ users: { eva: "s3cret" } });
  publisher = await startPublisher(broker, ["eva", "s3cret"]);
  await publisher.publish("plant/air/a", '{"bar":6.2}', { retain: true });
  await publisher.publish("plant/air/b", Buffer.from([0xff, 0xfe]), { retain: true });
  await publisher.publish("plant/text", "red\u001b[2J", { retain: true });
  folder = mkdtempSync(join(tmpdir(), "millwright-mqtt-"));
  writeFileSync(
    join(folder, "plant.yaml"),
    `brokers: { hall: { url: "${broker.url}", client_id: hall-1, user: eva, password: "env:${secret}" } }
assets:
  air: { mqtt: { broker: hall, topics: [{ topic: "plant/air/{sensor}", metrics: { pressure_pascals: { path: $.bar, unit: bar } } }] } }
`,
  );
});
afterAll(async () => {
  delete process.env[secret];
  await publisher.end();
  await broker.stop();
  rmSync(folder, { recursive: true });
});

async function watch(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(["mqtt", "watch", ...args], io, commands);
  return { code, out: io.out(), err: io.err() };
}

const url = (): string[] => ["--url", broker.url, "--user", "eva", "--password", `env:${secret}`];
const config = (): string[] => ["--config", join(folder, "plant.yaml")];

describe("mqtt watch", () => {
  test("messages of the topics that are asked for, and of no others", async () => {
    const { code, out } = await watch("plant/air/+", "--count", "2", "--format", "ndjson", ...url());
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [a, b] = lines.sort((one, other) => (String(one["topic"]) < String(other["topic"]) ? -1 : 1));
    expect(a).toEqual({ time: expect.any(Number), topic: "plant/air/a", retained: true, bytes: 11, text: '{"bar":6.2}' });
    expect(b).toEqual({ time: expect.any(Number), topic: "plant/air/b", retained: true, bytes: 2, hex: "fffe" });
  });

  test("for people, by a broker of the config, with nothing that moves their cursor", async () => {
    const { code, out } = await watch("plant/text", "--broker", "hall", "--count", "1", ...config());
    expect(code).toBe(0);
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}plant\/text \(retained\) {2}red\\x1b\[2J\n$/);
  });

  test("the readings that an asset's messages become, and what is none", async () => {
    const watching = watch("--asset", "air", "--count", "1", "--format", "json", "--for", "20s", ...config());
    const beat = setInterval(() => void publisher.publish("plant/air/a", '{"bar":6.5}').catch(() => {}), 100);
    const { code, out } = await watching.finally(() => clearInterval(beat));
    expect(code).toBe(0);
    const [line] = JSON.parse(out) as Record<string, unknown>[];
    expect(line).toMatchObject({ asset: "air", metric: "pressure_pascals", labels: { sensor: "a" }, unit: "Pa", origin: "plant/air/a" });
  });

  test("ends after its time, and says that nothing came", async () => {
    const { code, out, err } = await watch("nothing/here", "--for", "300ms", ...url());
    expect([code, out, err]).toEqual([1, "", expect.stringContaining("nothing heard in 0.3 s")]);
  });

  test.each([
    ["no broker", () => [], 2, "say which broker"],
    ["a broker that is not in the config", () => ["--broker", "hal", ...config()], 2, "no such broker (did you mean hall?)"],
    ["an asset that is not heard by MQTT", () => ["--asset", "water", ...config()], 2, "no such asset"],
    ["a secret on the command line", () => ["--url", broker.url, "--user", "eva", "--password", "s3cret"], 78, "never the secret itself"],
    ["a wrong password", () => ["--url", broker.url, "--user", "eva", "--password", "env:PATH"], 1, "127.0.0.1"],
  ])("%s", async (_, args, code, message) => {
    const found = await watch("#", "--for", "2s", ...args());
    expect([found.code, found.out]).toEqual([code, ""]);
    expect(found.err).toContain(message);
  });

  test("a broker that is not there", async () => {
    const port = await freePort();
    expect(await watch("#", "--url", `mqtt://127.0.0.1:${port}`)).toMatchObject({ code: 1, err: expect.stringContaining(`:${port}`) });
  });
});
