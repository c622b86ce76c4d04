import { describe, expect, onTestFinished, test } from "vitest";
import type { Answer, Ask } from "../../agent/client.ts";
import { Shipper } from "../../agent/shipper.ts";
import { pause } from "../../core/clock.ts";
import { silentLog } from "../../core/log.ts";
import { FakeClock } from "../fake-clock.ts";
import { batchOf, open, testFolder } from "./spool/readings.ts";

const hour = 3_600_000;

/** What a way to the collector that is broken does with every request: an answer, nothing at all for 30 s, or an error. */
const broken: readonly (readonly [string, (clock: FakeClock) => Promise<Answer>])[] = [
  ["503", () => Promise.resolve({ status: 503, headers: {}, body: {} })],
  ["503 with Retry-After: 0", () => Promise.resolve({ status: 503, headers: { "retry-after": "0" }, body: {} })],
  ["429 with Retry-After: 1", () => Promise.resolve({ status: 429, headers: { "retry-after": "1" }, body: {} })],
  ["a page of somebody else", () => Promise.resolve({ status: 200, headers: {}, body: "<html>" })],
  ["401", () => Promise.resolve({ status: 401, headers: {}, body: {} })],
  ["a reset", () => Promise.reject(new Error("read ECONNRESET"))],
  [
    "a black hole",
    async (clock) => {
      await pause(clock, 30_000);
      throw new Error("no answer in 30000 ms");
    },
  ],
];

describe("while the way to the collector is broken", () => {
  test.each(broken)("by %s: at most one try a second for an hour, and it is found again when it is well", async (_, answer) => {
    const clock = new FakeClock();
    const spool = await open(testFolder());
    onTestFinished(() => spool.close());
    await spool.append(batchOf(2, 1));
    const tries: number[] = [];
    const way: { well: boolean } = { well: false };
    const ask = (asked: Ask): Promise<Answer> => {
      if (way.well) return Promise.resolve({ status: 200, headers: {}, body: asked.method === "GET" ? { mark: null } : { ack: 1 } });
      tries.push(clock.monotonic());
      return answer(clock);
    };
    const shipper = new Shipper({ agent: "a", spool, client: { ask }, clock, log: silentLog, random: () => 0, fresh: () => {} });
    shipper.start();
    onTestFinished(async () => {
      const stopping = shipper.stop();
      await clock.advance(60_000);
      await stopping;
    });
    await clock.advance(hour);
    const closest = Math.min(...tries.slice(1).map((at, n) => at - (tries[n] ?? 0)));
    expect(tries.length).toBeGreaterThan(20);
    expect(closest).toBeGreaterThanOrEqual(1000);
    way.well = true;
    await clock.advance(120_000);
    await expect.poll(() => spool.acked).toBe(1);
  });
});
