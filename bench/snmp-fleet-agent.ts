import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createSnmpAdapter } from "../adapters/sources/snmp/source.ts";
import { SeriesRegistry } from "../agent/registry.ts";
import { Runner } from "../agent/runner.ts";
import { scheduleOf } from "../agent/schedule.ts";
import { growSlowly } from "../cli/memory.ts";
import { snmpConfig } from "../config/assets.ts";
import { literalSecretsVariable } from "../config/secret.ts";
import { systemClock } from "../core/clock.ts";
import { silentLog } from "../core/log.ts";
import { isBad } from "../core/quality.ts";
import type { PolledSource } from "../core/source.ts";
import { community, user } from "./snmp-columns.ts";
import { smallProfile } from "./snmp-pollers.ts";

/**
 * An agent with a fleet of SNMP devices, in a process of its own: the runner, the adapter and the registry of the product; what
 * is put is only counted. `PORT DEAD_PORT VERSION DEVICES SECONDS`; sends what it measured to its parent.
 */

export interface FleetMeasured {
  readonly rssMegabytes: number;
  readonly files: number;
  /** Of the rounds after the first of devices that answer, ms. */
  readonly lateP99: number;
  readonly rounds: number;
  readonly answered: number;
  readonly readings: number;
  /** Longest that the loop was kept, ms: on a machine that others use, also while it was not run. */
  readonly blocked: number;
  /** Most CPU of the main thread between two turns of the loop, ms: on a machine that others use, what a turn really took. A step of the watch is in it. */
  readonly busiest: number;
  readonly cpuSeconds: number;
}

const everyMs = 60_000;
const deadShare = 10;
const aheadMs = 1000;
const watchMs = 10;
process.env[literalSecretsVariable] = "allow";
growSlowly();
const [port = 0, deadPort = 0, version = 2, devices = 0, seconds = 0] = process.argv.slice(2).map(Number);
const clock = systemClock();
const adapter = createSnmpAdapter({ log: silentLog, clock, shipped: () => smallProfile });
const account =
  version === 3
    ? { version, user: user.name, auth: { sha256: `literal:${user.auth}` }, privacy: { aes: `literal:${user.privacy}` } }
    : { community: `literal:${community}` };
const late: number[] = [];
const answered = new Set<number>();
let readings = 0;
const out = {
  put(_series: number, _time: number, _value: number, quality: number) {
    if (!isBad(quality)) readings++;
  },
  status() {},
  inventory() {},
  topology() {},
};

/** Notes how long after its tick a round of a live device begins. */
function watched(source: PolledSource, device: number, start: number): PolledSource {
  let first = true;
  return {
    mode: "poll",
    target: source.target,
    async poll(signal) {
      const after = (clock.monotonic() - start) % everyMs;
      // Its own reckoning of the tick may be a few ms ahead of the runner's.
      if (!first) late.push(after > everyMs - aheadMs ? 0 : after);
      first = false;
      await source.poll(signal);
      answered.add(device);
    },
    close: () => source.close(),
  };
}

/** Time that the main thread was run for, ms (Linux, Documentation/scheduler/sched-stats.rst). */
function mainThreadMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ", 1)[0]) / 1e6;
}

const runner = new Runner({ clock, log: silentLog, registry: new SeriesRegistry(), out });
const delay = monitorEventLoopDelay({ resolution: 10 });
for (let i = 0; i < devices; i++) {
  const dead = i % deadShare === 0;
  const asset = `switch-${i}`;
  const spec = snmpConfig.parse({ host: "127.0.0.1", port: dead ? deadPort : port, every: "60s", profile: "bench", ...account });
  runner.add({
    asset,
    protocol: "snmp",
    everyMs,
    create(context) {
      const source = adapter.source(spec, context);
      if (dead || source.mode !== "poll") return source;
      return watched(source, i, scheduleOf(`${asset}/snmp`, everyMs, clock.monotonic()).start);
    },
  });
  // Reading so much config is not what is measured: polling begins meanwhile, and the loop's delay is taken from when it is over.
  if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
setImmediate(() => delay.enable());
let busiest = 0;
let before = mainThreadMs();
setInterval(() => {
  const now = mainThreadMs();
  busiest = Math.max(busiest, now - before);
  before = now;
}, watchMs);
setTimeout(() => {
  late.sort((a, b) => a - b);
  const { user: userTime, system } = process.cpuUsage();
  const measured: FleetMeasured = {
    rssMegabytes: process.memoryUsage.rss() / 1e6,
    files: readdirSync("/proc/self/fd").length,
    lateP99: late[Math.floor(late.length * 0.99)] ?? Number.NaN,
    rounds: late.length,
    answered: answered.size,
    readings,
    blocked: delay.max / 1e6,
    busiest,
    cpuSeconds: (userTime + system) / 1e6,
  };
  process.send?.(measured, () => process.exit(0));
}, seconds * 1000);
