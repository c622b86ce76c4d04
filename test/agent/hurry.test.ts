import { describe, expect, test } from "vitest";
import { SourceError } from "../../core/errors.ts";
import { bench, polled } from "./sources.ts";

/** A runner with one source every 60 s, and when it was read. */
function watched(poll: () => void | Promise<void> = () => {}): ReturnType<typeof bench> & { begun: number[]; hurry: () => void } {
  const all = bench();
  const begun: number[] = [];
  all.runner.add(
    polled("a", 60_000, () => {
      begun.push(all.clock.monotonic());
      return poll();
    }),
  );
  return { ...all, begun, hurry: () => all.runner.hurry({ asset: "a", protocol: "modbus" }) };
}

describe("a source that is hurried", () => {
  test("is read at once, and its schedule stays as it was", async () => {
    const plain = watched();
    const hurried = watched();
    await plain.clock.advance(400_000);
    await hurried.clock.advance(150_000);
    const quiet = (hurried.begun.at(-1) ?? 0) + 20_000;
    await hurried.clock.advance(quiet - hurried.clock.monotonic());
    const asked = hurried.clock.monotonic();
    hurried.hurry();
    await hurried.clock.advance(1);
    expect(hurried.begun.at(-1)).toBe(asked);
    await hurried.clock.advance(400_000 - hurried.clock.monotonic());
    expect(hurried.begun.filter((time) => time !== asked)).toEqual(plain.begun);
    await Promise.all([plain.runner.stop(), hurried.runner.stop()]);
  });

  test("ten thousand times is read every 5 s, one round at a time", async () => {
    let underWay = 0;
    let most = 0;
    const { clock, begun, hurry, runner } = watched(async () => {
      most = Math.max(most, ++underWay);
      await new Promise<void>((resolve) => clock.after(700, resolve));
      underWay--;
    });
    await clock.advance(150_000);
    const before = begun.length;
    for (let i = 0; i < 1000; i++) {
      for (let k = 0; k < 10; k++) hurry();
      await clock.advance(10);
    }
    const rounds = begun.slice(before);
    expect(rounds.length).toBeLessThanOrEqual(4);
    for (const [i, time] of rounds.slice(1).entries()) expect(time - (rounds[i] ?? 0)).toBeGreaterThanOrEqual(5000);
    expect(most).toBe(1);
    await clock.advance(2000);
    await runner.stop();
  });

  test("while a round is under way is read once more after it: what happened may have come too late for it", async () => {
    let finish = (): void => {};
    const { clock, begun, hurry, runner } = watched(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await clock.advance(3000);
    expect(begun).toHaveLength(1);
    hurry();
    hurry();
    finish();
    await clock.advance(10_000);
    expect(begun).toHaveLength(2);
    finish();
    await runner.stop();
  });

  test("is tried at once though it failed many times: it said that it lives", async () => {
    const device: { alive: boolean } = { alive: false };
    const { clock, begun, hurry, runner, out } = watched(() => {
      if (!device.alive) throw new SourceError("timeout", "a: no answer");
    });
    await clock.advance(400_000);
    device.alive = true;
    const before = begun.length;
    hurry();
    await clock.advance(1);
    expect(begun).toHaveLength(before + 1);
    expect(out.statuses.at(-1)?.state).toBe("up");
    await runner.stop();
  });

  test("is nothing to others, and a stranger is nobody", async () => {
    const { clock, begun, runner } = watched();
    await clock.advance(61_000);
    const before = begun.length;
    runner.hurry({ asset: "b", protocol: "modbus" });
    runner.hurry({ asset: "a", protocol: "snmp" });
    await clock.advance(1000);
    expect(begun.length).toBe(before);
    await runner.stop();
  });
});
