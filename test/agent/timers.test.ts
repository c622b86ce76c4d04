import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SharedTimers } from "../../agent/timers.ts";
import { FakeClock } from "../fake-clock.ts";

describe("timers that share one", () => {
  test("are called when they are due, the sooner first, unless they are cancelled", async () => {
    const timer = fc.record({ ms: fc.integer({ min: 0, max: 40 }), cancelled: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(timer, { maxLength: 200 }), async (timers) => {
        const clock = new FakeClock();
        const shared = new SharedTimers(clock);
        const began = clock.monotonic();
        const called: number[] = [];
        for (const [i, { ms, cancelled }] of timers.entries()) {
          const cancel = shared.after(ms, () => {
            expect(clock.monotonic()).toBeGreaterThanOrEqual(began + ms);
            called.push(i);
          });
          if (cancelled) cancel();
        }
        await clock.advance(60);
        const due = timers.map((one, i) => ({ ...one, i })).filter(({ cancelled }) => !cancelled);
        expect(called).toEqual(due.sort((a, b) => a.ms - b.ms || a.i - b.i).map(({ i }) => i));
      }),
    );
  });

  test("go on where one of them throws, and wait for nothing once all are over", () => {
    let fire: (() => void) | undefined;
    let now = 0;
    const clock = {
      now: () => now,
      monotonic: () => now,
      after: (_: number, call: () => void) => {
        fire = call;
        return () => {
          fire = undefined;
        };
      },
    };
    const shared = new SharedTimers(clock);
    const called: string[] = [];
    shared.after(1, () => {
      throw new Error("a fault");
    });
    shared.after(1, () => called.push("next"));
    const cancel = shared.after(60_000, () => called.push("never"));
    const due = (): void => {
      const call = fire;
      fire = undefined;
      call?.();
    };
    now = 1;
    expect(due).toThrow("a fault");
    due();
    expect([called, fire]).toEqual([["next"], expect.any(Function)]);
    cancel();
    expect(fire).toBeUndefined();
  });

  test("fall due 64 at a time, and what one of them sets comes after those that were due already", () => {
    const parts: number[] = [];
    let fire = (): void => {};
    let now = 0;
    const clock = {
      now: () => now,
      monotonic: () => now,
      after: (_: number, call: () => void) => {
        fire = call;
        return () => {};
      },
    };
    const shared = new SharedTimers(clock);
    let called = 0;
    for (let i = 0; i < 150; i++) shared.after(i / 100, () => called++);
    now = 1000;
    shared.after(0, () => parts.push(-called));
    for (let turn = 0; turn < 3; turn++) {
      fire();
      parts.push(called);
    }
    expect(parts).toEqual([64, 128, -150, 150]);
  });

  test("that are set and cancelled for ever take no room and leave nothing armed", () => {
    let armed = 0;
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      after: () => {
        armed++;
        return () => {
          armed--;
        };
      },
    };
    const shared = new SharedTimers(clock);
    const keep = shared.after(1, () => {});
    for (let i = 0; i < 10_000; i++) shared.after(60_000, () => {})();
    expect(armed).toBe(1);
    keep();
    expect(armed).toBe(0);
  });
});
