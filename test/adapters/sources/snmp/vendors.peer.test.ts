import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Snmpsim, snmpsimFolder, startSnmpsim } from "../../../peers/snmpsim.ts";
import { byOrigin, poll, subject } from "./setup.ts";

interface Case {
  readonly profile: string;
  /** Lines of an .snmprec file. */
  readonly facts: string[];
  /** By metric and origin. */
  readonly expected: Map<string, number>;
}

/** Reads the table of facts beside this file, whose first line says how it is written. */
function readCases(text: string): readonly Case[] {
  const cases: Case[] = [];
  for (const line of text.split("\n")) {
    const last = cases.at(-1);
    if (line.startsWith("= ")) cases.push({ profile: line.slice(2), facts: [], expected: new Map() });
    else if (line.startsWith("> ")) {
      const [metric = "", origin = "", value = ""] = line.slice(2).split(" ");
      last?.expected.set(`${metric} ${origin}`, Number(value));
    } else if (/^\d/.test(line)) last?.facts.push(line);
  }
  return cases;
}

const cases = readCases(readFileSync(new URL("vendors.txt", import.meta.url), "utf8"));
/** So that a walk of the last table has an end that is not the device's. */
const end = "1.3.6.1.6.3.1.1.6.1.0|2|1";

let folder: string;
let simulator: Snmpsim;

beforeAll(async () => {
  folder = await snmpsimFolder();
  for (const { profile, facts } of cases) await writeFile(join(folder, `${profile}.snmprec`), `${[...facts, end].join("\n")}\n`);
  simulator = await startSnmpsim(folder, cases[0]?.profile ?? "");
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

it("has cases of most vendors", () => {
  expect(cases.length).toBeGreaterThan(80);
});

it.each(cases)("profile $profile reads what a device said", async ({ profile, expected }) => {
  const device = subject({ port: simulator.port, community: `literal:${profile}`, timeout: "3s", profile });
  expect(await poll(device, 20_000)).toBeUndefined();
  await device.stop();
  const read = byOrigin(device.sink);
  for (const [key, value] of expected) expect(read.get(key), key).toBeCloseTo(value, 6);
});
