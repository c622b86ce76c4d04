import { describe, expect, it } from "vitest";
import { inSlices } from "../../agent/slices.ts";

/** Works through so many things that take so long each; how many of them each turn had. */
async function slicesOf(count: number, msEach: number): Promise<number[]> {
  const turns = [0];
  let now = 0;
  const turn = async (): Promise<void> => void turns.push(0);
  await inSlices(Array(count).keys(), { clock: { monotonic: () => now }, turn }, () => {
    now += msEach;
    turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1;
  });
  return turns;
}

describe("work in slices", () => {
  it("gives the loop back after ten milliseconds, or after fifty things", async () => {
    expect(await slicesOf(12, 2)).toEqual([5, 5, 2]);
    expect(await slicesOf(120, 0)).toEqual([50, 50, 20]);
  });

  it("does one thing a turn where each takes long, and nothing where there is nothing", async () => {
    expect(await slicesOf(3, 100)).toEqual([1, 1, 1]);
    expect(await slicesOf(0, 1)).toEqual([0]);
  });

  it("lets others on between two slices", async () => {
    const order: string[] = [];
    setImmediate(() => order.push("another"));
    const clock = { monotonic: () => 0 };
    await inSlices(Array(51).keys(), { clock }, (i) => {
      if (i % 50 === 0) order.push(`${i}`);
    });
    expect(order).toEqual(["0", "another", "50"]);
  });
});
