import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startAgent } from "../../../agent/agent.ts";
import { loadConfig } from "../../../config/load.ts";
import { systemClock } from "../../../core/clock.ts";
import { silentLog } from "../../../core/log.ts";
import { freeUdpPort } from "../../peers/port.ts";
import { until } from "../../peers/process.ts";
import { snmptrap } from "../../peers/snmptrap.ts";
import { testFolder } from "../spool/readings.ts";

process.env["MILLWRIGHT_LITERAL_SECRETS"] = "allow";

const linkDown = "1.3.6.1.6.3.1.1.5.3";

/** A config with a port for traps, if any, and these assets at loopback. */
async function configOf(folder: string, traps: string, assets: readonly string[]): Promise<ReturnType<typeof loadConfig>> {
  const path = join(folder, "site.yaml");
  const port = await freeUdpPort();
  const lines = assets.map(
    (asset) =>
      `  ${asset}: { snmp: { host: 127.0.0.1, port: ${port}, community: "literal:${asset}", profile: system, every: 1h, retries: 0 } }\n`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    `agent: { name: hall-1, collector: "http://127.0.0.1:9", spool: { dir: ./spool }${traps} }\nassets:\n${lines.join("")}`,
  );
  return loadConfig(path);
}

test("an agent hears what its config asks for, and after a reload what that asks for", async () => {
  const folder = testFolder();
  const port = await freeUdpPort();
  const traps = `, traps: { listen: "127.0.0.1:${port}" }`;
  const send = (community: string): Promise<unknown> => snmptrap({ port, as: ["-v2c", "-c", community], oid: linkDown });
  const agent = await startAgent({ config: await configOf(folder, traps, ["a", "b"]), log: silentLog, clock: systemClock() });
  const counted = (outcome: "taken" | "denied" | "unknown_sender"): number => agent.status().traps?.[outcome] ?? 0;
  await until("it listens", 10_000, async () => {
    await send("a");
    return counted("taken") > 0;
  });
  // Those that were sent while it opened may still be on their way to the disk.
  await until("all of them are counted", 10_000, async () => {
    const soFar = counted("taken");
    await sleep(400);
    return counted("taken") === soFar;
  });
  const before = counted("taken");
  await send("b");
  await until("b is heard", 5000, () => counted("taken") === before + 1);
  await agent.reload(await configOf(folder, traps, ["b", "c"]));
  await send("a");
  await until("a is nobody any more", 5000, () => counted("denied") === 1);
  await send("c");
  await until("c is heard", 5000, () => counted("taken") === before + 2);
  await agent.reload(await configOf(folder, traps, []));
  await send("c");
  await until("nobody is left", 5000, () => counted("unknown_sender") === 1);
  await agent.stop();
});

test("an agent opens no port by itself, and one whose port is taken still polls", async () => {
  const quiet = await startAgent({ config: await configOf(testFolder(), "", ["a"]), log: silentLog, clock: systemClock() });
  expect(quiet.status().traps).toBeUndefined();
  await quiet.stop();
  const port = await freeUdpPort();
  const traps = `, traps: { listen: "127.0.0.1:${port}" }`;
  const first = await startAgent({ config: await configOf(testFolder(), traps, ["a"]), log: silentLog, clock: systemClock() });
  const logged: string[] = [];
  const log = { ...silentLog, error: (_: object, message: string) => void logged.push(message) };
  const second = await startAgent({ config: await configOf(testFolder(), traps, ["a"]), log, clock: systemClock() });
  await until("it is said", 5000, () => logged.length > 0);
  expect(logged).toEqual(["traps are not heard: the port cannot be had, it is tried again"]);
  expect(second.status().sources.map(({ asset }) => asset)).toEqual(["a"]);
  await Promise.all([first.stop(), second.stop()]);
});
