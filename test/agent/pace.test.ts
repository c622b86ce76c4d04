import { expect, it } from "vitest";
import { Pace } from "../../agent/pace.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("lets a few through per turn of the loop, in order, and everybody in the end", async () => {
  const pace = new Pace(2);
  const gone: number[] = [];
  for (let i = 0; i < 5; i++) void pace.enter().then(() => gone.push(i));
  await Promise.resolve();
  await Promise.resolve();
  expect(gone).toEqual([0, 1]);
  await turn();
  expect(gone).toEqual([0, 1, 2, 3]);
  await turn();
  expect(gone).toEqual([0, 1, 2, 3, 4]);
});

it("has room again in a turn in which nobody waits", async () => {
  const pace = new Pace(1);
  await pace.enter();
  await turn();
  let through = false as boolean;
  void pace.enter().then(() => {
    through = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  expect(through).toBe(true);
});
