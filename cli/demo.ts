import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Command, InvalidArgumentError, Option } from "commander";
import { loadConfig } from "../config/load.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { DemoDevices } from "../demo/devices.ts";
import { type FaultName, faultNames, faults, isFaultName } from "../demo/faults.ts";
import { communityVariable, demoConfig } from "../demo/plant.ts";
import { durationOrNone } from "./duration.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { type LogLevel, logLevelOf } from "./log-level.ts";
import { untilStopped } from "./signals.ts";
import { wholeNumber } from "./whole-number.ts";

interface DemoOptions {
  readonly port: number;
  readonly fault: readonly FaultName[];
  readonly faultAfter: number;
  readonly faultFor: number;
}

/** `millwright demo`: the whole product on a simulated plant, in one process and one temporary folder. */
export function registerDemo(program: Command, io: Io): void {
  program
    .command("demo")
    .description("a simulated plant and data centre with collector and agent on loopback; prints the page's URL")
    .addOption(
      new Option("--port <number>", "port of the page; another free one where it is taken").default(8460).argParser(wholeNumber(0, 65_535)),
    )
    .addOption(new Option("--fault <name...>", `break something: ${faultNames.join(", ")}`).default([]).argParser(collectFaults))
    .addOption(
      new Option("--fault-after <duration>", "when it breaks").default(5000, "5s").argParser((text: string) => durationOrNone(text)),
    )
    .addOption(
      new Option("--fault-for <duration>", "how long; 0s for ever")
        .default(60_000, "60s")
        .argParser((text: string) => durationOrNone(text)),
    )
    .action((options: DemoOptions) => runDemo(io, options, logLevelOf(program.opts<{ logLevel?: string }>().logLevel ?? "warn", io.env)));
}

function collectFaults(name: string, before: readonly FaultName[]): readonly FaultName[] {
  const names = name.split(",").map((one) => one.trim());
  for (const one of names)
    if (!isFaultName(one)) throw new InvalidArgumentError(`there is no fault ${JSON.stringify(one)}, only ${faultNames.join(", ")}`);
  return [...before, ...names.filter(isFaultName)];
}

async function runDemo(io: Io, options: DemoOptions, level: LogLevel): Promise<void> {
  const [{ startDevices }, { startCollector }, { startAgent }] = await Promise.all([
    import("../demo/devices.ts"),
    import("../collector/collector.ts"),
    import("../agent/agent.ts"),
  ]);
  const clock = systemClock();
  const log = createLog(io, level);
  const say: Say = (line) => void io.stdout.write(`${line}\n`);
  const folder = mkdtempSync(join(tmpdir(), "millwright-demo-"));
  const leaveNothing = (): void => rmSync(folder, { recursive: true, force: true });
  // Also where the process ends without coming back here: a closed pipe, a second Ctrl-C.
  process.once("exit", leaveNothing);
  const stops: (() => Promise<unknown>)[] = [];
  try {
    process.env[communityVariable] = "demo";
    const devices = await startDevices({ clock, community: "demo" });
    stops.push(devices.stop);
    const path = join(folder, "plant.yaml");
    writeFileSync(path, demoConfig({ ports: devices.ports, listen: `127.0.0.1:${await freeOr(options.port)}` }));
    const config = loadConfig(path);
    const collector = await startCollector({ config, log, clock });
    stops.push(() => collector.stop());
    const agent = await startAgent({ config, log, clock });
    stops.push(() => agent.stop());
    greet(say, collector.url, path);
    const story = [...tellStory({ devices, clock, say }, options), listenForFaults({ devices, clock, say })];
    await untilStopped();
    for (const cancel of story) cancel();
  } finally {
    // Last started, first stopped: the agent's last batch still finds its collector.
    for (const stop of stops.reverse()) await stop();
    process.off("exit", leaveNothing);
    leaveNothing();
  }
}

type Say = (line: string) => void;

function greet(say: Say, url: string, path: string): void {
  say(`Millwright demo: ${url}`);
  say(`  config   ${path}`);
  say(`  break something: type ${faultNames.join(", ")}`);
  say("  Ctrl-C ends it and leaves nothing behind");
}

interface Stage {
  readonly devices: DemoDevices;
  readonly clock: Clock;
  readonly say: Say;
}

/** Plans the faults of the command line; returns what cancels them. */
function tellStory(stage: Stage, options: DemoOptions): (() => void)[] {
  const { clock } = stage;
  const cancels: (() => void)[] = [];
  if (options.fault.length === 0) return cancels;
  cancels.push(clock.after(options.faultAfter, () => options.fault.forEach((name) => void breakFault(stage, name))));
  if (options.faultFor > 0) {
    cancels.push(clock.after(options.faultAfter + options.faultFor, () => options.fault.forEach((name) => void mendFault(stage, name))));
  }
  return cancels;
}

function breakFault({ devices, say }: Stage, name: FaultName): void {
  devices.broken.add(name);
  say(`broken: ${name}: ${faults[name].story}`);
}

function mendFault({ devices, say }: Stage, name: FaultName): void {
  devices.broken.delete(name);
  say(`mended: ${name}`);
}

/** A fault's name on standard input breaks it, or mends it where it is broken. Returns what ends it. */
function listenForFaults(stage: Stage): () => void {
  const { devices, say } = stage;
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const name = line.trim();
    if (name === "") return;
    if (!isFaultName(name)) return say(`there is no fault ${JSON.stringify(name)}, only ${faultNames.join(", ")}`);
    if (devices.broken.has(name)) mendFault(stage, name);
    else breakFault(stage, name);
  });
  return () => {
    lines.close();
    // An open pipe would keep the process alive.
    process.stdin.destroy();
  };
}

/** The port, or a free one where somebody has it. */
function freeOr(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => (port === 0 ? reject(new Error("no free port on 127.0.0.1")) : resolve(freeOr(0))));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
