import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Snmpsim, snmpsimFolder, startSnmpsim } from "../../../peers/snmpsim.ts";
import { byOrigin, poll, subject } from "./setup.ts";

/** `# PROFILE`, then what a device answers as snmprec lines, then `= METRIC VALUE OID` for what is to be read of it. */
const text = await readFile(new URL("../../../cases/snmp-gear/network.txt", import.meta.url), "utf8");

interface Case {
  readonly profile: string;
  readonly answers: readonly string[];
  readonly readings: readonly string[];
}

const cases: readonly Case[] = text.split(/^# /m).flatMap((part) => {
  const [profile, ...lines] = part.split("\n").filter((line) => line !== "");
  if (profile === undefined) return [];
  const readings = lines.filter((line) => line.startsWith("= ")).map((line) => line.slice(2));
  return [{ profile, answers: lines.filter((line) => !line.startsWith("= ")), readings }];
});

let folder: string;
let simulator: Snmpsim;
const read = new Map<string, Map<string, number>>();

/** Every device is asked by `profile: auto`: its profile has to be found, too. */
async function readDevice({ profile }: Case): Promise<void> {
  const device = subject({ port: simulator.port, community: `literal:${profile}`, timeout: "5s" });
  expect(await poll(device, 20_000), profile).toBeUndefined();
  read.set(profile, byOrigin(device.sink));
  await device.stop();
}

beforeAll(async () => {
  folder = await snmpsimFolder();
  for (const { profile, answers } of cases) await writeFile(join(folder, `${profile}.snmprec`), `${answers.join("\n")}\n`, { mode: 0o644 });
  simulator = await startSnmpsim(folder, cases[0]?.profile ?? "");
  const waiting = [...cases];
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await readDevice(next);
  };
  await Promise.all([one(), one(), one(), one()]);
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

it.each(cases)("$profile reads what its device says", ({ profile, readings }) => {
  expect(readings.length).toBeGreaterThan(0);
  for (const reading of readings) {
    const [metric = "", value = "", oid = ""] = reading.split(" ");
    expect(read.get(profile)?.get(`${metric} ${oid}`), reading).toBeCloseTo(Number(value), 9);
  }
});
