import { describe, expect, test } from "vitest";
import type { SourcePlan } from "../../agent/runner.ts";
import { SourceError } from "../../core/errors.ts";
import type { ReadingSink } from "../../core/source.ts";
import { bench, say } from "./sources.ts";

/** A broker in the test's hand. */
class Broker {
  connects = 0;
  refuse: boolean;
  sink: ReadingSink | undefined;
  cut: (error: Error) => void = () => {};

  constructor() {
    this.refuse = false;
  }

  plan(everyMs: number): SourcePlan {
    return {
      asset: "compressor",
      protocol: "mqtt",
      everyMs,
      create: ({ sink }) => {
        this.sink = sink;
        return { mode: "listen", target: "mqtt://hall", listen: (signal, live) => this.#listen(signal, live), close: async () => {} };
      },
    };
  }

  #listen(signal: AbortSignal, live: () => void): Promise<void> {
    this.connects++;
    if (this.refuse) return Promise.reject(new SourceError("refused", "mqtt://hall: connection refused"));
    return new Promise((resolve, reject) => {
      this.cut = reject;
      signal.addEventListener("abort", () => resolve(), { once: true });
      live();
    });
  }
}

describe("listening", () => {
  test("a single silent series goes BadNoCommunication once, after three intervals; the source stays up", async () => {
    const { clock, runner, out } = bench();
    const broker = new Broker();
    runner.add(broker.plan(1000));
    await clock.advance(10);
    for (let second = 0; second < 10; second++) {
      const sink = broker.sink;
      if (sink === undefined) throw new Error("no sink");
      say(sink, { asset: "compressor", metric: "talking", time: clock.now(), value: second });
      if (second === 0) say(sink, { asset: "compressor", metric: "quiet", time: clock.now(), value: 1 });
      await clock.advance(1000);
    }
    expect(out.of("quiet")).toEqual([1, "BadNoCommunication"]);
    expect(out.readings.find((one) => one.quality === "BadNoCommunication")?.time).toBeLessThanOrEqual(clock.now() - 5000);
    expect(out.of("talking")).toHaveLength(10);
    expect(out.statuses.at(-1)?.state).toBe("up");
    await runner.stop();
  });

  test("when all is silent the source is down, and up with the next message", async () => {
    const { clock, runner, out } = bench();
    const broker = new Broker();
    runner.add(broker.plan(1000));
    await clock.advance(10);
    say(broker.sink as ReadingSink, { asset: "compressor", time: clock.now(), value: 1 });
    await clock.advance(10_000);
    expect(out.of("power_watts")).toEqual([1, "BadNoCommunication"]);
    expect(out.statuses.at(-1)).toMatchObject({ state: "down", reason: "silent for 3s" });
    say(broker.sink as ReadingSink, { asset: "compressor", time: clock.now(), value: 2 });
    expect(out.statuses.at(-1)).toMatchObject({ state: "up", reason: "" });
    expect(out.of("power_watts")).toEqual([1, "BadNoCommunication", 2]);
    await runner.stop();
  });

  test("subscribed and nothing ever heard: down after three intervals", async () => {
    const { clock, runner, out } = bench();
    runner.add(new Broker().plan(1000));
    await clock.advance(2500);
    expect(out.statuses.at(-1)?.state).toBe("up");
    await clock.advance(2000);
    expect(out.statuses.at(-1)?.state).toBe("down");
    await runner.stop();
  });

  test("a connection that is lost as soon as it stands, as of two agents with one client_id, is made again ever less often", async () => {
    const { clock, runner } = bench();
    const broker = new Broker();
    runner.add(broker.plan(10_000));
    for (let second = 0; second < 60; second++) {
      await clock.advance(500);
      broker.cut(new SourceError("disconnected", "mqtt://hall: another client came with the same client_id"));
      await clock.advance(500);
    }
    expect(broker.connects).toBeLessThan(15);
    // One that has stood for a while is missed at once.
    await clock.advance(60_000);
    const before = broker.connects;
    broker.cut(new SourceError("disconnected", "mqtt://hall: connection lost"));
    await clock.advance(1000);
    expect(broker.connects).toBe(before + 1);
    await runner.stop();
  });

  test("a lost connection puts every series to Bad once and is made again after a growing back-off", async () => {
    const { clock, runner, out } = bench();
    const broker = new Broker();
    runner.add(broker.plan(10_000));
    await clock.advance(10);
    say(broker.sink as ReadingSink, { asset: "compressor", time: clock.now(), value: 1 });
    broker.refuse = true;
    broker.cut(new SourceError("disconnected", "mqtt://hall: connection lost"));
    await clock.advance(60_000);
    expect(broker.connects).toBeGreaterThan(5);
    expect(broker.connects).toBeLessThan(20);
    expect(out.of("power_watts")).toEqual([1, "BadNoCommunication"]);
    expect(out.statuses.at(-1)).toMatchObject({ state: "down", reason: "mqtt://hall: connection refused" });
    broker.refuse = false;
    await clock.advance(15_000);
    expect(out.statuses.at(-1)?.state).toBe("up");
    const connects = broker.connects;
    await clock.advance(5000);
    expect(broker.connects).toBe(connects);
    await runner.stop();
  });
});
