import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBad } from "../../../../core/quality.ts";
import { serveRecording } from "../../../peers/recorded-device.ts";
import { startSnmpsim } from "../../../peers/snmpsim.ts";
import type { RecordingSink } from "../contract.ts";
import { byOrigin, poll, subject } from "./setup.ts";

const run = promisify(execFile);
/** Recordings of real devices; not part of the product (shared/data/SOURCES.md). */
const archive = new URL("../../../../../shared/data/snmp/recordings.tar.xz", import.meta.url).pathname;

/** Of each device: sensors that another monitoring system reads, and how many of them we read right at least. */
const devices: readonly (readonly [name: string, sensors: number, right: number])[] = [
  ["arista_eos", 156, 156],
  ["asa", 25, 21],
  ["ciscosb_sg350x-24p", 34, 33],
  ["ios_2960x", 38, 38],
  ["iosxr_asr9010", 360, 360],
  ["nxos_n3k-3064pq", 49, 49],
  ["brother_hl5370dw", 4, 4],
  ["edgecos_dcs203", 172, 172],
];

interface Expected {
  readonly sensors: readonly { readonly oid: string; readonly class: string; readonly value: number }[];
}

/** From the unit of a class of sensors to the base unit. */
const factors: Readonly<Record<string, number>> = { humidity: 0.01, charge: 0.01, load: 0.01, percent: 0.01, runtime: 60, pressure: 1000 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-score-"));
  if (!existsSync(archive)) return;
  const members = devices.flatMap(([name]) => [`train/recordings/${name}.snmprec`, `train/expected/${name}.json`]);
  await run("tar", ["-xJf", archive, "-C", folder, "--no-same-owner", ...members]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function polled(port: number, community = "public"): Promise<RecordingSink> {
  const device = subject({ port, community: `literal:${community}`, profile: "auto", timeout: "5s" });
  expect(await poll(device, 30_000)).toBeUndefined();
  await device.stop();
  return device.sink;
}

/** How many sensors are right, and which are wrong. */
function judge({ sensors }: Expected, sink: RecordingSink): { right: number; wrong: string[] } {
  const values = new Map<string, number[]>();
  for (const { series, value, quality } of sink.puts)
    if (!isBad(quality)) values.set(series.origin, [...(values.get(series.origin) ?? []), value]);
  let right = 0;
  const wrong: string[] = [];
  for (const { oid, class: kind, value } of sensors) {
    const [found, target] = [values.get(oid), value * (factors[kind] ?? 1)];
    if (found?.some((one) => Math.abs(one - target) <= Math.max(1e-6, Math.abs(target) * 1e-3)) === true) right++;
    else if (found !== undefined) wrong.push(`${oid}: ${found.join()} for ${target}`);
  }
  return { right, wrong };
}

if (!existsSync(archive))
  console.warn(`\n*** NOT TESTED: scores of recorded devices: ${archive} is not there (see shared/data/SOURCES.md) ***\n`);

describe.skipIf(!existsSync(archive))("a recorded device", () => {
  it.each(devices)("%s: of %d sensors at least %d are right and none is wrong", async (name, sensors, least) => {
    const served = await serveRecording(join(folder, `train/recordings/${name}.snmprec`));
    const sink = await polled(served.port);
    await served.stop();
    const expected = JSON.parse(await readFile(join(folder, `train/expected/${name}.json`), "utf8")) as Expected;
    expect(expected.sensors.length).toBe(sensors);
    const { right, wrong } = judge(expected, sink);
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThanOrEqual(least);
  });

  it("reads the same when Debian's snmpsim serves it", async () => {
    const name = "ios_2960x";
    const served = await serveRecording(join(folder, `train/recordings/${name}.snmprec`));
    await run("chmod", ["-R", "a+rX", folder]);
    const simulator = await startSnmpsim(join(folder, "train/recordings"), name);
    const [ours, theirs] = [await polled(served.port), await polled(simulator.port, name)];
    await served.stop();
    await simulator.stop();
    expect(byOrigin(theirs)).toEqual(byOrigin(ours));
    expect(ours.puts.length).toBeGreaterThan(500);
  });
});
