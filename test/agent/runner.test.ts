import { describe, expect, test } from "vitest";
import { pause } from "../../core/clock.ts";
import { SourceError } from "../../core/errors.ts";
import { bench, deviceThatIs, polled, say, silence } from "./sources.ts";

describe("polling", () => {
  test("does not drift, however long a round takes", async () => {
    const { clock, runner } = bench();
    const begun: number[] = [];
    runner.add(
      polled("a", 1000, async (_, signal) => {
        begun.push(clock.monotonic());
        await pause(clock, 300, signal);
      }),
    );
    await clock.advance(100_000);
    const grid = begun.slice(1);
    expect(grid.length).toBeGreaterThan(97);
    for (const [at, time] of grid.entries()) expect(time - (grid[0] ?? 0)).toBeCloseTo(at * 1000, 3);
    await runner.stop();
  });

  test("a round that takes too long ends at its deadline, and what it missed is skipped, never two at once", async () => {
    const { clock, runner, out } = bench();
    let underWay = 0;
    let most = 0;
    let rounds = 0;
    runner.add(
      polled("a", 1000, async (_, signal) => {
        most = Math.max(most, ++underWay);
        rounds++;
        await silence(signal).finally(() => underWay--);
      }),
    );
    await clock.advance(30_000);
    expect(most).toBe(1);
    expect(rounds).toBeLessThan(15);
    expect(out.of("source_up").every((quality) => quality === "BadTimeout")).toBe(true);
    await runner.stop();
  });

  test("a failed source's series go Bad once, with the reason's quality, and come back Good", async () => {
    const { clock, runner, out } = bench();
    const device = deviceThatIs({ alive: true });
    runner.add(
      polled("a", 1000, ({ sink }) => {
        if (!device.alive) throw new SourceError("refused", "a:502: connection refused");
        say(sink, { asset: "a", time: clock.now(), value: 7 });
      }),
    );
    await clock.advance(3000);
    device.alive = false;
    await clock.advance(20_000);
    const bad = out.of("power_watts").filter((one) => one !== 7);
    expect(bad).toEqual(["BadNoCommunication"]);
    expect(out.of("source_up").filter((one) => one !== 1).length).toBeGreaterThan(4);
    expect(out.statuses.at(-1)).toMatchObject({ state: "down", reason: "a:502: connection refused", target: "a:502" });
    device.alive = true;
    await clock.advance(3500);
    expect(out.of("power_watts").at(-1)).toBe(7);
    expect(out.statuses.map((status) => status.state)).toEqual(["starting", "starting", "up", "down", "up"]);
    await runner.stop();
  });

  test.each([
    ["throws what is no SourceError", () => Promise.reject(new TypeError("x is not a function")), "Bad"],
    [
      "throws before it returns a promise",
      () => {
        throw new SourceError("denied", "wrong community");
      },
      "BadUserAccessDenied",
    ],
  ] as const)("a source that %s is its own trouble only", async (_, poll, quality) => {
    const { clock, runner, out, logged } = bench();
    runner.add(polled("broken", 1000, poll));
    runner.add(polled("fine", 1000, ({ sink }) => say(sink, { asset: "fine", time: clock.now(), value: 1 })));
    await clock.advance(10_000);
    expect(out.of("power_watts", "fine").length).toBeGreaterThan(8);
    expect(out.of("source_up", "broken")[0]).toBe(quality);
    expect(logged.join()).toContain(quality === "Bad" ? "its own fault" : "wrong community");
    await runner.stop();
  });

  test("a source that ignores its signal is put down, made anew, and what the old one still says is not heard", async () => {
    const { clock, runner, out } = bench();
    let made = 0;
    const late: (() => void)[] = [];
    runner.add({
      asset: "a",
      protocol: "snmp",
      everyMs: 1000,
      create: ({ sink }) => {
        const first = made++ === 0;
        return {
          mode: "poll",
          target: "a:161",
          poll: () => {
            if (!first) {
              say(sink, { asset: "a", time: clock.now(), value: 2 });
              return Promise.resolve();
            }
            late.push(() => say(sink, { asset: "a", time: clock.now(), value: 666 }));
            return new Promise<void>(() => {});
          },
          close: async () => {},
        };
      },
    });
    await clock.advance(10_000);
    for (const call of late) call();
    expect(made).toBe(2);
    expect(new Set(out.of("power_watts"))).toEqual(new Set([2]));
    await runner.stop();
  });

  test("a source that cannot be made is down with the reason, and is made once it can be", async () => {
    const { clock, runner, out } = bench();
    const device = deviceThatIs({ alive: false });
    const good = polled("a", 1000, ({ sink }) => say(sink, { asset: "a", time: clock.now(), value: 1 }));
    runner.add({
      ...good,
      create: (context) => {
        if (!device.alive) throw new Error("profile nokia: there is no such profile");
        return good.create(context);
      },
    });
    await clock.advance(5000);
    expect(out.statuses.at(-1)).toMatchObject({ state: "down", reason: "profile nokia: there is no such profile" });
    expect(out.of("source_up")[0]).toBe("BadConfigurationError");
    device.alive = true;
    await clock.advance(35_000);
    expect(out.statuses.at(-1)).toMatchObject({ state: "up", reason: "" });
    await runner.stop();
  });

  test("what is not finite is never Good, and a series that a good round leaves out loses its value", async () => {
    const { clock, runner, out } = bench();
    let round = 0;
    runner.add(
      polled("a", 1000, ({ sink }) => {
        say(sink, { asset: "a", metric: "infinite", time: clock.now(), value: Number.POSITIVE_INFINITY });
        if (round++ < 2) say(sink, { asset: "a", metric: "vanishing", time: clock.now(), value: 5 });
      }),
    );
    await clock.advance(10_000);
    expect(out.of("infinite")).toEqual(["BadDecodingError"]);
    expect(out.of("vanishing")).toEqual([5, 5, "BadNoData"]);
    await runner.stop();
  });

  test("a removed source leaves no value behind; the others go on", async () => {
    const { clock, runner, out } = bench();
    for (const asset of ["a", "b"]) runner.add(polled(asset, 1000, ({ sink }) => say(sink, { asset, time: clock.now(), value: 1 })));
    await clock.advance(3000);
    await runner.remove({ asset: "a", protocol: "modbus" });
    expect(out.of("power_watts", "a").at(-1)).toBe("BadOutOfService");
    const before = out.of("power_watts", "b").length;
    await clock.advance(3000);
    expect(out.of("power_watts", "b").length).toBe(before + 3);
    expect(runner.statuses().map((status) => status.asset)).toEqual(["b"]);
    await runner.stop();
  });

  test("a Bad reading never takes the time of a reading that is there", async () => {
    const { clock, runner, out } = bench();
    const device = deviceThatIs({ alive: true });
    runner.add(
      polled("a", 1000, ({ sink }) => {
        // A device whose clock runs ahead.
        say(sink, { asset: "a", time: clock.now() + 60_000, value: 1 });
        if (!device.alive) throw new SourceError("disconnected", "cut");
      }),
    );
    await clock.advance(2000);
    device.alive = false;
    await clock.advance(3000);
    const times = out.readings.filter((one) => one.metric === "power_watts").map((one) => one.time);
    expect(new Set(times).size).toBe(times.length);
    await runner.stop();
  });

  test("malformed messages are counted, logged once a minute, with the asset's name", async () => {
    const { clock, runner, logged } = bench();
    runner.add(
      polled("press-1", 1000, ({ sink }) => {
        sink.malformed("frame of 3 bytes");
      }),
    );
    await clock.advance(90_000);
    const told = logged.filter((line) => line.startsWith("malformed"));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('"asset":"press-1"');
    expect(told[1]).toMatch(/"count":(59|60|61)/);
    await runner.stop();
  });

  test("inventory is handed on when it changes", async () => {
    const { clock, runner, out } = bench();
    let version = "1.0";
    runner.add(polled("a", 1000, ({ sink }) => sink.inventory({ firmware: version })));
    await clock.advance(4000);
    version = "1.1";
    await clock.advance(4000);
    expect(out.facts).toEqual([
      ["a", { firmware: "1.0" }],
      ["a", { firmware: "1.1" }],
    ]);
    await runner.stop();
  });
});

describe("a thousand dead devices", () => {
  test("delay nobody who is alive", async () => {
    const { clock, runner, out } = bench({ limits: { healthy: 50, fresh: 200, failing: 20 } });
    let probes = 0;
    let underWay = 0;
    let most = 0;
    for (let n = 0; n < 1000; n++) {
      runner.add(
        polled(`dead-${n}`, 10_000, (_, signal) => {
          probes++;
          most = Math.max(most, ++underWay);
          return silence(signal).finally(() => underWay--);
        }),
      );
    }
    const begun = new Map<string, number[]>();
    for (let n = 0; n < 20; n++) {
      const asset = `live-${n}`;
      begun.set(asset, []);
      runner.add(
        polled(asset, 2000, ({ sink }) => {
          begun.get(asset)?.push(clock.monotonic());
          say(sink, { asset, time: clock.now(), value: 1 });
        }),
      );
    }
    await clock.advance(70_000);
    // From the second round on a live device stands on its grid to the millisecond.
    for (const times of begun.values()) {
      const grid = times.slice(1);
      expect(grid.length).toBeGreaterThan(15);
      for (const [at, time] of grid.entries()) expect(Math.abs(time - (grid[0] ?? 0) - at * 2000)).toBeLessThan(1);
    }
    expect(most).toBeLessThanOrEqual(220);
    expect(probes).toBeGreaterThanOrEqual(1000);
    expect(out.of("power_watts").every((value) => value === 1)).toBe(true);
    await runner.stop();
  });

  test("one that returns is seen within three intervals", async () => {
    const { clock, runner, out } = bench();
    const device = deviceThatIs({ alive: false });
    runner.add(
      polled("a", 2000, ({ sink }, signal) => {
        if (!device.alive) return silence(signal);
        say(sink, { asset: "a", time: clock.now(), value: 1 });
        return undefined;
      }),
    );
    await clock.advance(120_000);
    device.alive = true;
    await clock.advance(6000);
    expect(out.of("power_watts")).toContain(1);
    await runner.stop();
  });
});
