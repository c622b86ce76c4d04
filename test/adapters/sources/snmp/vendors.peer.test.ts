import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveRecording } from "../../../peers/recorded-device.ts";
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
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-vendors-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("has cases of most vendors", () => {
  expect(cases.length).toBeGreaterThan(80);
});

it.each(cases)("profile $profile reads what a device said", async ({ profile, facts, expected }) => {
  const file = join(folder, `${profile}.snmprec`);
  await writeFile(file, `${facts.join("\n")}\n`);
  const served = await serveRecording(file);
  const device = subject({ port: served.port, timeout: "3s", profile });
  const fault = await poll(device, 20_000);
  await device.stop();
  await served.stop();
  expect(fault).toBeUndefined();
  const read = byOrigin(device.sink);
  for (const [key, value] of expected) expect(read.get(key), key).toBeCloseTo(value, 6);
});
