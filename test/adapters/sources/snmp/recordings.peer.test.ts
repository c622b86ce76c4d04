import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Q, qualityName } from "../../../../core/quality.ts";
import { type Snmpsim, snmpsimFolder, startSnmpsim } from "../../../peers/snmpsim.ts";
import type { RecordingSink } from "../contract.ts";
import { byOrigin, poll, subject } from "./setup.ts";

const run = promisify(execFile);
const cases = new URL("../../../cases/snmp/", import.meta.url).pathname;
/** Recordings of real devices; not part of the product (shared/data/SOURCES.md). */
const archive = new URL("../../../../../shared/data/snmp/recordings.tar.xz", import.meta.url).pathname;
const recordings = ["ciscosb_sx550x-24f", "vmware-esxi", "netmanplus_204", "truenas-scale_25x", "cumulus_mellanox", "deltaups_mini-snmp"];
const caseNames = await readdir(cases);

let folder: string;
let simulator: Snmpsim;

beforeAll(async () => {
  folder = await snmpsimFolder();
  for (const name of caseNames) await copyFile(join(cases, name, "device.snmprec"), join(folder, `${name}.snmprec`));
  if (existsSync(archive)) {
    const members = recordings.map((name) => `train/recordings/${name}.snmprec`);
    await run("tar", ["-xJf", archive, "-C", folder, "--strip-components=2", "--no-same-owner", ...members]);
    for (const name of recordings) await chmod(join(folder, `${name}.snmprec`), 0o644);
  }
  simulator = await startSnmpsim(folder, "switch-10g");
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

async function polled(name: string, rounds = 1): Promise<RecordingSink> {
  const device = subject({ port: simulator.port, community: `literal:${name}`, timeout: "3s" });
  for (let round = 0; round < rounds; round++) expect(await poll(device, 20_000)).toBeUndefined();
  await device.stop();
  return device.sink;
}

describe("a case", () => {
  it.each(caseNames)("%s", async (name) => {
    const sink = await polled(name);
    const lines = sink.puts.map(({ series: { metric, labels, unit, origin }, value, quality }) =>
      JSON.stringify({ metric, labels, value: Number.isNaN(value) ? null : value, unit, quality: qualityName(quality), origin }),
    );
    expect(lines.sort()).toEqual((await readFile(join(cases, name, "expected.ndjson"), "utf8")).trimEnd().split("\n").sort());
  });
});

/** Column to metric and the factor of the base unit, written here by hand. */
const expected: readonly (readonly [metric: string, column: string, factor: number])[] = [
  ["uptime_seconds", "1.3.6.1.2.1.1.3", 0.01],
  ["if_oper_status", "1.3.6.1.2.1.2.2.1.8", 1],
  ["if_admin_status", "1.3.6.1.2.1.2.2.1.7", 1],
  ["if_in_octets_total", "1.3.6.1.2.1.31.1.1.1.6", 1],
  ["if_out_octets_total", "1.3.6.1.2.1.31.1.1.1.10", 1],
  ["if_in_errors_total", "1.3.6.1.2.1.2.2.1.14", 1],
  ["if_out_discards_total", "1.3.6.1.2.1.2.2.1.19", 1],
  ["host_processes", "1.3.6.1.2.1.25.1.6", 1],
  ["load_ratio", "1.3.6.1.2.1.25.3.3.1.2", 0.01],
  ["device_status", "1.3.6.1.2.1.25.3.2.1.5", 1],
  ["load_average", "1.3.6.1.4.1.2021.10.1.5", 0.01],
  ["disk_read_bytes_total", "1.3.6.1.4.1.2021.13.15.1.1.12", 1],
  ["memory_total_bytes", "1.3.6.1.4.1.2021.4.5", 1024],
  ["fan_speed_rpm", "1.3.6.1.4.1.2021.13.16.3.1.3", 1],
  ["battery_charge_ratio", "1.3.6.1.2.1.33.1.2.4", 0.01],
  ["battery_runtime_seconds", "1.3.6.1.2.1.33.1.2.3", 60],
  ["battery_voltage_volts", "1.3.6.1.2.1.33.1.2.5", 0.1],
  ["ups_output_source", "1.3.6.1.2.1.33.1.4.1", 1],
  ["output_load_ratio", "1.3.6.1.2.1.33.1.4.4.1.5", 0.01],
  ["input_frequency_hertz", "1.3.6.1.2.1.33.1.3.3.1.2", 0.1],
];

async function recorded(name: string): Promise<Map<string, number>> {
  const text = await readFile(join(folder, `${name}.snmprec`), "latin1");
  const values = new Map<string, number>();
  for (const [, oid, value] of text.matchAll(/^([0-9.]+)\|(?:2|65|66|67|70)\|(-?\d+)\r?$/gm)) values.set(oid ?? "", Number(value));
  return values;
}

if (!existsSync(archive))
  console.warn(`\n*** NOT TESTED: recordings of real devices: ${archive} is not there (see shared/data/SOURCES.md) ***\n`);

describe.skipIf(!existsSync(archive))("a recorded device", () => {
  it.each(recordings)("%s is read as it was recorded", async (name) => {
    const [sink, values] = [await polled(name), await recorded(name)];
    const ours = byOrigin(sink);
    let compared = 0;
    for (const [metric, column, factor] of expected) {
      for (const [oid, raw] of values) {
        if (!oid.startsWith(`${column}.`)) continue;
        expect(ours.get(`${metric} ${oid}`), `${metric} ${oid}`).toBeCloseTo(raw * factor, 6);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(name === "deltaups_mini-snmp" ? 5 : 15);
  });

  it("a UPS that sends tenths of volts is not believed", async () => {
    const sink = await polled("deltaups_mini-snmp");
    expect(sink.latest("input_voltage_volts")?.quality).toBe(Q.BadOutOfRange);
  });

  it("a second round of a device that stands still repeats the first, with rates of 0", async () => {
    const sink = await polled("ciscosb_sx550x-24f", 2);
    const rates = sink.puts.filter(({ series }) => series.metric === "if_utilisation_ratio");
    expect(rates.length).toBeGreaterThan(20);
    expect(rates.every(({ value, quality }) => value === 0 && quality === Q.Good)).toBe(true);
  });
});
