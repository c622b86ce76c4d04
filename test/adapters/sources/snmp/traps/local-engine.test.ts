import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLocalEngine } from "../../../../../adapters/sources/snmp/traps/local-engine.ts";
import { FakeClock } from "../../../../fake-clock.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millwright-engine-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("an engine keeps its id, boots once more at each start, and its time is seconds since then", async () => {
  const file = join(dir, "spool", "engine.json");
  const clock = new FakeClock();
  const first = openLocalEngine(file, clock);
  expect(first.id).toHaveLength(17);
  expect(first.id.subarray(0, 5).toString("hex")).toBe("80007ed905");
  expect(first.now()).toEqual({ boots: 1, time: 0 });
  await clock.advance(12_900);
  expect(first.now()).toEqual({ boots: 1, time: 12 });
  const second = openLocalEngine(file, clock);
  expect(second.id).toEqual(first.id);
  expect(second.now()).toEqual({ boots: 2, time: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  ["is torn", '{"id":"80007ed9'],
  ["is another's", "[]"],
  ["has an id that is none", '{"id":"xyz","boots":1}'],
  ["has booted a part of once", '{"id":"80007ed90501020304","boots":1.5}'],
  ["has booted as often as can be said", '{"id":"80007ed90501020304","boots":2147483647}'],
])("a file that %s gives an engine that nobody has seen before", (_, text) => {
  const file = join(dir, "engine.json");
  writeFileSync(file, text);
  const engine = openLocalEngine(file, new FakeClock());
  expect(engine.now().boots).toBe(1);
  expect(engine.id.toString("hex")).not.toBe("80007ed90501020304");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ id: engine.id.toString("hex"), boots: 1 });
});
