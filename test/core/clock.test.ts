import { expect, test } from "vitest";
import { systemClock } from "../../core/clock.ts";

test("a timer of the machine's clock never fires early: a source would be read twice for one tick", async () => {
  const clock = systemClock();
  const early = Array.from({ length: 200 }, (_, i) => {
    const due = clock.monotonic() + (i % 20) + i / 200;
    return new Promise<boolean>((resolve) => clock.after(due - clock.monotonic(), () => resolve(clock.monotonic() < due)));
  });
  expect((await Promise.all(early)).filter((one) => one)).toEqual([]);
});
