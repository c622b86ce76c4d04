import { describe, expect, test } from "vitest";
import { Gate } from "../../agent/gate.ts";

const { signal } = new AbortController();

describe("a gate", () => {
  test("lets so many in, the others in the order they came", async () => {
    const gate = new Gate(2);
    const inside: number[] = [];
    const leaves: (() => void)[] = [];
    const enter = async (i: number): Promise<void> => {
      const leave = await gate.enter(signal);
      inside.push(i);
      if (leave !== undefined) leaves.push(leave);
    };
    const all = [1, 2, 3, 4].map(enter);
    await Promise.all(all.slice(0, 2));
    expect([inside, gate.inside, gate.waiting]).toEqual([[1, 2], 2, 2]);
    leaves[0]?.();
    await all[2];
    expect([inside, gate.inside, gate.waiting]).toEqual([[1, 2, 3], 2, 1]);
  });

  test("gives a place that is left to who waits, and not to who comes at that moment", async () => {
    const gate = new Gate(1);
    const leave = await gate.enter(signal);
    const second = gate.enter(signal);
    leave?.();
    const third = gate.enter(signal);
    const leaveSecond = await second;
    expect([gate.inside, gate.waiting]).toEqual([1, 1]);
    leaveSecond?.();
    (await third)?.();
    expect([gate.inside, gate.waiting]).toEqual([0, 0]);
  });

  test("lets nobody wait past the signal", async () => {
    const gate = new Gate(1);
    const leave = await gate.enter(signal);
    const abort = new AbortController();
    const waiting = gate.enter(abort.signal);
    abort.abort();
    expect(await waiting).toBeUndefined();
    expect(gate.waiting).toBe(0);
    leave?.();
    expect(gate.inside).toBe(0);
    expect(await gate.enter(abort.signal)).toBeUndefined();
  });
});
