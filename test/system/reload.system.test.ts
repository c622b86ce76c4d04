import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Peer } from "../peers/process.ts";
import { createSite, type Site } from "./daemons.ts";

let site: Site;
let collector: Peer;

beforeAll(async () => {
  site = await createSite("assets: { press: {}, mill: {} }\nservices: { line: { needs: [asset press] } }\n");
  collector = await site.startCollector();
});
afterAll(async () => {
  await collector.stop();
  site.remove();
});

/** Replaces a part of the config, which the collector watches. */
function change(from: string, to: string): void {
  const text = readFileSync(site.config, "utf8");
  expect(text).toContain(from);
  writeFileSync(site.config, text.replace(from, to));
}

async function names(): Promise<readonly string[]> {
  const answer = await fetch(`${site.url}/api/v1/assets`);
  return ((await answer.json()) as { assets: { name: string }[] }).assets.map(({ name }) => name);
}

it("a config that changes is taken over with a line that says what changed; one with faults is named, and the old one kept", async () => {
  change("mill: {}", "mill: { name: Mill 1 }, lathe: {}");
  await expect.poll(names).toEqual(["press", "Mill 1", "lathe"]);
  expect(collector.output()).toContain('"changed":"assets +lathe ~mill"');
  change("name: Mill 1", "nmae: Mill 2");
  await expect.poll(() => collector.output()).toContain("(did you mean name?)");
  expect(await names()).toEqual(["press", "Mill 1", "lathe"]);
});

it("SIGHUP reads it again, changed or not", async () => {
  change("nmae: Mill 2", "name: Mill 2");
  await expect.poll(names).toEqual(["press", "Mill 2", "lathe"]);
  process.kill(collector.pid, "SIGHUP");
  await expect.poll(() => collector.output()).toContain('"changed":"nothing"');
});
