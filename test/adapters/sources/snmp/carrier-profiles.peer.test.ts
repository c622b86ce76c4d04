import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadProfile } from "../../../../config/profiles.ts";
import { snmpProfile } from "../../../../config/snmp.ts";
import { type Snmpsim, snmpsimFolder, startSnmpsim } from "../../../peers/snmpsim.ts";
import { byOrigin, poll, subject } from "./setup.ts";

interface Case {
  readonly profile: string;
  /** Lines of snmprec: what a real device answered. */
  readonly recorded: readonly string[];
  /** `metric origin` and the value in the base unit. */
  readonly expected: readonly (readonly [series: string, value: number])[];
}

/** Every device has these; without them the simulator would answer a probe of the system group with the vendor's tree. */
const system = ["1.3.6.1.2.1.1.1.0|4|a device", "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10", "1.3.6.1.2.1.1.3.0|67|4711"];

function caseOf(block: string): Case | undefined {
  const [heading = "", ...lines] = block.trim().split("\n");
  if (lines.length === 0 || lines[0]?.startsWith("#")) return undefined;
  const split = lines.map((line) => line.split(" = "));
  const expected = split.flatMap(([recorded = "", said]) => {
    const [metric = "", value = ""] = (said ?? "").split(" ");
    return said === undefined ? [] : ([[`${metric} ${recorded.split("|")[0]}`, Number(value)]] as const);
  });
  return { profile: heading.replace(/^# /, ""), recorded: split.map(([recorded = ""]) => recorded), expected };
}

const file = new URL("../../../cases/snmp-carrier.txt", import.meta.url);
const cases = (await readFile(file, "utf8")).split("\n\n").flatMap((block) => caseOf(block) ?? []);

let folder: string;
let simulator: Snmpsim;

beforeAll(async () => {
  folder = await snmpsimFolder();
  for (const { profile, recorded } of cases) {
    const path = join(folder, `${profile}.snmprec`);
    await writeFile(path, `${[...system, ...recorded].join("\n")}\n`);
    await chmod(path, 0o644);
  }
  simulator = await startSnmpsim(folder, cases[0]?.profile ?? "");
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("what a device was recorded with", () => {
  it("is there for the profiles of carriers", () => {
    expect(cases.length).toBeGreaterThan(80);
  });

  it.each(cases.map((one) => [one.profile, one] as const))("%s finds and reads it", async (profile, { recorded, expected }) => {
    const present = loadProfile("snmp", profile, snmpProfile).match?.present ?? [];
    expect(present.some((probe) => recorded.some((line) => line.startsWith(`${probe}.`)))).toBe(true);
    const device = subject({ port: simulator.port, community: `literal:${profile}`, timeout: "3s", profile });
    expect(await poll(device)).toBeUndefined();
    await device.stop();
    const values = byOrigin(device.sink);
    for (const [series, value] of expected) expect(values.get(series), series).toBeCloseTo(value, 9);
  });
});
