import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createPlant } from "../../../collector/judge.ts";
import { Hindsight, type HindsightParts } from "../../../collector/slo/hindsight.ts";
import { Recorder } from "../../../collector/slo/recorder.ts";
import { stateText, unseen } from "../../../collector/slo/state.ts";
import { ColumnBuilder, type ReadingColumns } from "../../../core/columns.ts";
import { silentLog } from "../../../core/log.ts";
import { Q } from "../../../core/quality.ts";
import { modbus, Stage } from "../stage.ts";
import { minute, standing } from "./sample-levels.ts";

const start = Date.UTC(2026, 10, 2, 6);
const config = {
  assets: { filler: { modbus } },
  alarms: { hot: { asset: "filler", metric: "temperature_celsius", critical: { above: 85 } } },
  services: { line: { needs: ["asset filler"] } },
};
let dir: string;
let recorder: Recorder;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millwright-hindsight-"));
  recorder = new Recorder({ dir, log: silentLog, now: start });
  return () => rmSync(dir, { recursive: true, force: true });
});

/** A value every two seconds; `hot` says when, in minutes after the start, it was too hot. */
function readings(from: number, to: number, hot: (minutes: number) => boolean = () => false): ReadingColumns {
  const columns = new ColumnBuilder();
  for (let at = Math.ceil(from / 2000) * 2000; at < to; at += 2000) columns.put(0, at, hot((at - start) / minute) ? 90 : 50, Q.Good);
  return columns.view();
}

function hindsight(parts: Partial<HindsightParts> = {}): Hindsight {
  const stage = new Stage(config, { now: start });
  stage.series("filler");
  return new Hindsight({
    recorder,
    log: silentLog,
    plantAt: (startedAt) => createPlant({ config: stage.config, registry: stage.registry, facts: new Map(), startedAt }),
    readings: (from, to) => Promise.resolve(readings(from, to)),
    ...parts,
  });
}

const told = (): string =>
  recorder.history
    .timeline("line")
    .segments(start, start + 60 * minute)
    .map((one) => `${Math.round((one.from - start) / minute)} ${one.code === unseen ? "?" : stateText(one.code)}`)
    .join(", ");

/** The agent's link was down from minute 10 to 30: the filler was unknown, then given up. */
function record(): void {
  recorder.begin([standing("line", "ok")], start);
  recorder.note({ id: "line", low: "ok", high: "critical", unplanned: "ok" }, start + 10 * minute);
  recorder.note(standing("line", "critical"), start + 11 * minute);
  recorder.note(standing("line", "ok"), start + 30 * minute);
}
const recorded = "0 000, 10 ?, 11 333, 30 000";

async function backlog(it: Hindsight): Promise<void> {
  const now = start + 30 * minute;
  it.heard(readings(start + 10 * minute, now), now);
  await it.tick(now + minute);
}

test("a backlog tells that the line ran while nobody heard of it", async () => {
  record();
  expect(told()).toBe(recorded);
  await backlog(hindsight());
  expect(told()).toBe("0 000");
  expect(recorder.history.revised("line", start, start + 60 * minute)).toBe(start + 31 * minute);
});

test("a backlog tells that it was down, and when", async () => {
  record();
  await backlog(hindsight({ readings: (from, to) => Promise.resolve(readings(from, to, (at) => at >= 15 && at < 20)) }));
  expect(told()).toBe("0 000, 15 333, 20 000");
});

test("what the backlog does not tell stays as it was recorded", async () => {
  record();
  const until = start + 20 * minute;
  await backlog(hindsight({ readings: (from, to) => Promise.resolve(readings(from, Math.min(to, until))) }));
  // After dead_after the filler is given up in hindsight too.
  expect(told()).toBe("0 000, 20 333, 30 000");
});

test("a service whose state before the backlog cannot be explained is left alone", async () => {
  recorder.begin([standing("line", "critical")], start);
  await backlog(hindsight());
  expect(told()).toBe("0 333");
  expect(recorder.history.revised("line", start, start + 60 * minute)).toBeNull();
});

test("it waits until the backlog has come, but not for ever", async () => {
  record();
  const it = hindsight();
  const late = readings(start + 10 * minute, start + 11 * minute);
  for (let now = start + 30 * minute; now < start + 39 * minute; now += 10_000) {
    it.heard(late, now);
    await it.tick(now);
  }
  expect(told()).toBe(recorded);
  it.heard(late, start + 40 * minute);
  await it.tick(start + 40 * minute);
  expect(told()).toBe("0 000");
});

test("readings in time, a new config and a store that fails change nothing", async () => {
  record();
  const inTime = hindsight();
  inTime.heard(readings(start + 30 * minute - 50_000, start + 30 * minute), start + 30 * minute);
  await inTime.tick(start + 60 * minute);
  const reloaded = hindsight();
  reloaded.heard(readings(start, start + minute), start + 30 * minute);
  reloaded.forget();
  await reloaded.tick(start + 60 * minute);
  await backlog(hindsight({ readings: () => Promise.reject(new Error("more than 500000 readings are in this range")) }));
  expect(told()).toBe(recorded);
});
