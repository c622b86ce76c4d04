import { describe, expect, test } from "vitest";
import { NowLane } from "../../agent/now.ts";
import type { Batch } from "../../core/batch.ts";
import { Q } from "../../core/quality.ts";
import type { SourceStatus } from "../../core/source.ts";
import { FakeClock } from "../fake-clock.ts";
import { registryOf } from "./spool/readings.ts";

const down: SourceStatus = { asset: "a", protocol: "modbus", target: "x", state: "down", reason: "timed out", lastOk: null };

function bench(series = 3) {
  const clock = new FakeClock();
  const registry = registryOf(series);
  const spool = { lastSeq: 0, acked: 0, inherited: 0 };
  const now = new NowLane({
    clock,
    spool: {
      stats: () => ({ lastSeq: spool.lastSeq, acked: spool.acked }),
      get inherited() {
        return spool.inherited;
      },
    },
    series: registry,
  });
  return { clock, spool, now };
}

const shown = (batch: Batch | undefined) => ({
  values: [...(batch?.readings.value.subarray(0, batch.readings.length) ?? [])],
  described: batch?.preamble.series?.map(({ number }) => number),
  sources: batch?.preamble.sources?.map(({ state }) => state),
});

describe("the present", () => {
  test("is due while what was accepted 2 s ago is not acknowledged, every 2 s", async () => {
    const { clock, spool, now } = bench();
    const due: boolean[] = [];
    for (let second = 1; second <= 8; second++) {
      spool.lastSeq = second;
      if (second >= 6) spool.acked = second;
      due.push(now.due());
      await clock.advance(1000);
    }
    expect(due).toEqual([false, false, true, false, true, false, false, false]);
  });

  test("is due at once where an earlier process left a backlog, and never where the collector keeps up", async () => {
    const { clock, spool, now } = bench();
    Object.assign(spool, { lastSeq: 9, inherited: 9 });
    expect(now.due()).toBe(true);
    Object.assign(spool, { acked: 9 });
    for (let second = 0; second < 10; second++) {
      Object.assign(spool, { lastSeq: spool.lastSeq + 10, acked: spool.lastSeq + 9 });
      await clock.advance(1000);
      expect(now.due()).toBe(false);
    }
  });

  test("is the newest value of what changed, described once, and all of it again for who knows nothing", () => {
    const { now } = bench();
    now.put(0, 10, 1, Q.Good);
    now.put(0, 20, 2, Q.Good);
    now.put(0, 15, 7, Q.Good);
    now.put(2, 10, 3, Q.Good);
    now.status(down);
    expect(shown(now.take())).toEqual({ values: [2, 3], described: [0, 2], sources: ["down"] });
    expect(now.take()).toBeUndefined();
    now.put(2, 30, 4, Q.Good);
    now.status({ ...down, state: "up" });
    expect(shown(now.take())).toEqual({ values: [4], described: [], sources: ["up"] });
    now.again();
    expect(shown(now.take())).toEqual({ values: [2, 4], described: [0, 2], sources: ["up"] });
  });

  test("comes a thousand series at a time", () => {
    const { now } = bench(2500);
    for (let series = 0; series < 2500; series++) now.put(series, 10, series, Q.Good);
    const sizes = [now.take(), now.take(), now.take(), now.take()].map((batch) => batch?.readings.length);
    expect(sizes).toEqual([1000, 1000, 500, undefined]);
  });
});
