import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commands } from "../../cli/commands.ts";
import { run } from "../../cli/program.ts";
import { type RunningCollector, startCollector } from "../../collector/collector.ts";
import { hashPassword } from "../../collector/door/password.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { freePort } from "../peers/port.ts";
import { capturedIo } from "./captured-io.ts";

let folder: string;
let config: string;
let collector: RunningCollector;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-ask-"));
  config = join(folder, "plant.yaml");
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets/eva"), await hashPassword("a long password"));
  writeFileSync(
    config,
    `
collector: { listen: "127.0.0.1:${await freePort()}", store: { duckdb: { dir: ./store } } }
assets: { sw: {} }
alarms: { down: { asset: sw, metric: if_oper_status, critical: { is: down } } }
services: { line: { needs: [asset sw] } }
users: { eva: { role: viewer, password: "file:secrets/eva" } }
`,
  );
  collector = await startCollector({ config: loadConfig(config), log: silentLog, clock: systemClock() });
  const { out } = await millwright("token", "create", "--config", config, "--role", "operator");
  writeFileSync(join(folder, "token"), out.trim());
});
afterAll(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true });
});

async function millwright(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const io = capturedIo();
  const code = await run(args, io, commands);
  return { code, out: io.out(), err: io.err() };
}

it.each([
  ["services", "explain", "line"],
  ["services", "impact", "sw"],
  ["report"],
  ["notify", "status"],
  ["backtest", "--config", "CONFIG"],
])("%s %s asks a collector that has users with a token, and says so where it has none", async (...args) => {
  const asked = [...args.map((arg) => (arg === "CONFIG" ? config : arg)), "--url", collector.url];
  const refused = await millwright(...asked);
  expect([refused.code, refused.out]).toEqual([2, ""]);
  expect(refused.err).toMatch(/answers 401: .+; --token says with which API token it is asked/);
  const admitted = await millwright(...asked, "--token", `file:${join(folder, "token")}`);
  expect([admitted.code, admitted.err]).toEqual([0, ""]);
});

it("a name that the collector does not know is a mistake of the command line", async () => {
  const { code, err } = await millwright("services", "explain", "lime", "--url", collector.url, "--token", `file:${join(folder, "token")}`);
  expect(code).toBe(2);
  expect(err).toContain('answers 404: there is no service "lime"');
});

it("a token that is not good is refused without advice to have one", async () => {
  writeFileSync(join(folder, "wrong"), "mw_nothing");
  const { code, err } = await millwright("report", "--url", collector.url, "--token", `file:${join(folder, "wrong")}`);
  expect(code).toBe(2);
  expect(err).toMatch(/answers 401: /);
  expect(err).not.toContain("--token");
});
