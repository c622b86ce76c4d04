import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ConfigFaults } from "../../config/fault.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { type ConfigWatch, watchConfig } from "../../config/watch.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { FakeClock } from "../fake-clock.ts";

const one = "assets: { a: {} }\n";
const two = "assets: { a: {}, b: {} }\n";
const bad = "asets: {}\n";

let folder = "";
let file = "";
let changes: string[][] = [];
let faults: string[] = [];
let watch: ConfigWatch | undefined;
const onChange = ({ config }: LoadedConfig) => void changes.push(Object.keys(config.assets));
const onFault = (error: ConfigFaults) => void faults.push(error.message);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mw-watch-"));
  file = join(folder, "plant.yaml");
  changes = [];
  faults = [];
  writeFileSync(file, one);
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true });
});

const start = (path: string): void => {
  watch = watchConfig({ path, onChange, onFault, log: silentLog, clock: systemClock() });
};
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 20 });

test("a file that is written over", async () => {
  start(file);
  writeFileSync(file, two);
  await until(() => expect(changes).toEqual([["a", "b"]]));
});

test("a file that is renamed into place, as editors do, again and again", async () => {
  start(file);
  for (const [i, text] of [two, one, two].entries()) {
    writeFileSync(join(folder, ".plant.yaml.swp"), text);
    renameSync(join(folder, ".plant.yaml.swp"), file);
    await until(() => expect(changes).toHaveLength(i + 1));
  }
  expect(changes).toEqual([["a", "b"], ["a"], ["a", "b"]]);
});

test("a fault is told once and the next good text is taken", async () => {
  start(file);
  writeFileSync(file, bad);
  await until(() =>
    expect(faults).toEqual([
      `${file}:1:1: asets: unknown key, expected one of agent, collector, brokers, assets, alarms, calendars, services, maintenance, notify, users (did you mean assets?)`,
    ]),
  );
  rmSync(file);
  await until(() => expect(faults.at(-1)).toBe(`${file}: there is no such file or folder`));
  writeFileSync(file, one);
  await until(() => expect(changes).toEqual([["a"]]));
});

test("a folder: a new file is a change, a file of another kind is none", async () => {
  start(folder);
  mkdirSync(join(folder, "var"));
  writeFileSync(join(folder, "notes.txt"), "x");
  writeFileSync(join(folder, "more.yml"), "assets: { c: {} }\n");
  await until(() => expect(changes).toEqual([["c", "a"]]));
});

test("steps of one save are one change; what is as before is none, unless it is asked for", async () => {
  const clock = new FakeClock();
  watch = watchConfig({ path: file, onChange, onFault, log: silentLog, clock });
  writeFileSync(file, bad);
  writeFileSync(file, one);
  await until(() => expect(clock.waiting).toBe(1));
  await clock.advance(1000);
  expect([changes, faults]).toEqual([[], []]);
  watch.reload();
  expect(changes).toEqual([["a"]]);
  watch.close();
  expect(clock.waiting).toBe(0);
});

test("a folder that is not there yet is tried again", async () => {
  const clock = new FakeClock();
  const later = join(folder, "later");
  watch = watchConfig({ path: join(later, "plant.yaml"), onChange, onFault, log: silentLog, clock });
  mkdirSync(later);
  writeFileSync(join(later, "plant.yaml"), two);
  await clock.advance(6000);
  expect(changes).toEqual([["a", "b"]]);
});
