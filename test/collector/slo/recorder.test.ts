import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { Recorder } from "../../../collector/slo/recorder.ts";
import { stateText, unseen } from "../../../collector/slo/state.ts";
import { type Log, silentLog } from "../../../core/log.ts";
import { hour, minute, standing } from "./sample-levels.ts";

const day = 24 * hour;
const start = Date.UTC(2026, 10, 2, 6);
let dir: string;
let said: string[];
let log: Log;

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "millwright-services-")), "services");
  said = [];
  const say = (_fields: object, message: string): void => void said.push(message);
  log = { ...silentLog, warn: say, error: say };
  return () => rmSync(join(dir, ".."), { recursive: true, force: true });
});

const open = (now: number): Recorder => new Recorder({ dir, log, now });
const none = () => [];

/** `0 000, 60 333`: since which minute after the start which state. */
function told(recorder: Recorder, id: string, from = start, to = start + 10 * hour): string {
  return recorder.history
    .timeline(id)
    .segments(from, to)
    .map((one) => `${(one.from - start) / minute} ${one.code === unseen ? "?" : stateText(one.code)}`)
    .join(", ");
}

/** A line that was ok, down from minute 60 to 70, and ok until minute 120. */
function firstRun(): Recorder {
  const recorder = open(start);
  recorder.begin([standing("line", "ok"), standing("mes", "ok")], start);
  for (let at = start; at <= start + 2 * hour; at += 10_000) {
    if (at === start + 60 * minute) recorder.note(standing("line", "critical"), at);
    if (at === start + 70 * minute) recorder.note(standing("line", "ok"), at);
    recorder.tick(at, none);
  }
  return recorder;
}

test("what was recorded is there after a stop, and the time in between is unknown", async () => {
  await firstRun().close(start + 2 * hour);
  const after = open(start + 3 * hour);
  after.begin([standing("line", "ok")], start + 3 * hour);
  expect(told(after, "line")).toBe("0 000, 60 333, 70 000, 120 ?, 180 000");
  // mes is not in config any more.
  expect(told(after, "mes")).toBe("0 000, 120 ?");
  expect(said).toEqual([]);
});

test("after a kill no more than the last half minute is in doubt", async () => {
  const recorder = firstRun();
  recorder.tick(start + 2 * hour + 29_000, none);
  await recorder.flush();
  expect(told(open(start + 3 * hour), "line")).toBe("0 000, 60 333, 70 000, 120 ?");
});

test("a torn line is left out, told, and does not swallow the next one", async () => {
  await firstRun().close(start + 2 * hour);
  appendFileSync(join(dir, "2026-11.log"), `${start + 2 * hour} 33`);
  const second = open(start + 3 * hour);
  second.begin([standing("line", "critical")], start + 3 * hour);
  await second.close(start + 4 * hour);
  expect(said).toEqual(["states of services: lines that could not be read are left out"]);
  expect(told(open(start + 5 * hour), "line")).toBe("0 000, 60 333, 70 000, 120 ?, 180 333, 240 ?");
});

test("a file of rubbish stops nothing", () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, "2026-11.log"),
    `\u0000\nx y z\n1 2\n-5 000 line\n9e99 alive\n${start} 999 line\n${start} revise line 9 3\n${start} revise line 1 3 x:y\n`,
  );
  const recorder = open(start);
  recorder.begin([standing("line", "ok")], start);
  expect(told(recorder, "line")).toBe("0 000");
  expect(said).toHaveLength(1);
});

test("a month begins a file that stands alone", async () => {
  const first = open(start);
  first.begin([standing("line", "warning"), standing("mes", "ok")], start);
  const next = Date.UTC(2026, 11, 1);
  for (let at = start; at < next + hour; at += minute) first.tick(at, none);
  await first.close(next + hour);
  expect(readdirSync(dir).sort()).toEqual(["2026-11.log", "2026-12.log"]);
  first.forget(next + minute);
  expect(readdirSync(dir)).toEqual(["2026-12.log"]);
  const after = open(next + hour);
  expect(after.history.timeline("line").segments(next, next + 2 * hour)).toMatchObject([
    { from: next, to: next + hour },
    { from: next + hour, code: unseen },
  ]);
});

describe("clocks", () => {
  test("a jump of an hour within a run is time of which nobody knows", () => {
    const recorder = firstRun();
    recorder.tick(start + 3 * hour, () => [standing("line", "critical")]);
    expect(told(recorder, "line")).toBe("0 000, 60 333, 70 000, 120 ?, 180 333");
  });

  test("a clock that was set back takes with it what it had said, on disk too", async () => {
    await firstRun().close(start + 2 * hour);
    const second = open(start + 65 * minute);
    second.begin([standing("line", "ok")], start + 65 * minute);
    expect(told(second, "line")).toBe("0 000, 60 333, 65 000");
    await second.close(start + 80 * minute);
    expect(told(open(start + 80 * minute), "line")).toBe("0 000, 60 333, 65 000, 80 ?");
  });

  test("a file of a year that has not come yet is put aside", async () => {
    const wrong = open(start + 1000 * day);
    wrong.begin([standing("line", "critical")], start + 1000 * day);
    await wrong.close(start + 1000 * day);
    const right = open(start);
    right.begin([standing("line", "ok")], start);
    expect(told(right, "line")).toBe("0 000");
    expect(existsSync(join(dir, "2029-07.log.ahead"))).toBe(true);
    expect(said).toEqual(["states of services: a file of a month that has not come yet is put aside"]);
  });
});

test("a disk that takes nothing is told once, and written when it does again", async () => {
  const recorder = open(start);
  recorder.begin([standing("line", "ok")], start);
  await recorder.flush();
  // A folder in the file's place: also root cannot append to it.
  const file = join(dir, "2026-11.log");
  const before = readFileSync(file, "utf8");
  rmSync(file);
  mkdirSync(file);
  recorder.note(standing("line", "critical"), start + minute);
  await recorder.flush();
  await recorder.flush();
  expect(said).toEqual(["states of services could not be written, trying again"]);
  rmSync(file, { recursive: true });
  writeFileSync(file, before);
  chmodSync(file, 0o644);
  await recorder.close(start + 2 * minute);
  expect(told(open(start + 3 * minute), "line")).toBe("0 000, 1 333, 2 ?");
});

test("a revision by late readings survives a restart, and is dated", async () => {
  const recorder = firstRun();
  const [from, to] = [start + 55 * minute, start + 80 * minute];
  recorder.revise("line", start + 2 * hour, { from, to, states: [{ from, to, code: 0 }] });
  expect(told(recorder, "line")).toBe("0 000");
  await recorder.close(start + 2 * hour);
  const { history } = open(start + 2 * hour);
  expect(told(open(start + 2 * hour), "line")).toBe("0 000, 120 ?");
  expect(history.revised("line", start, start + hour)).toBe(start + 2 * hour);
  expect(history.revised("line", start + 2 * hour, start + 3 * hour)).toBeNull();
});

test("a sensor that flaps every second for a day is kept whole", async () => {
  const recorder = open(start);
  for (let i = 0; i < 86_400; i++) recorder.note(standing("line", i % 2 === 0 ? "ok" : "critical"), start + i * 1000);
  await recorder.close(start + day);
  const { history } = open(start + day);
  expect(history.timeline("line").segments(start, start + day)).toHaveLength(86_400);
});
