import { expect, it } from "vitest";
import { Deadlines, type Timed } from "../../../../adapters/sources/snmp/deadlines.ts";
import { FakeClock } from "../../../fake-clock.ts";

function timed(expire: () => void): Timed {
  return { due: undefined, seenAt: undefined, expire };
}

it("expires what is set, in order, and not what was cleared", async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  const note = (name: string): Timed => timed(() => expired.push(`${name} ${clock.monotonic()}`));
  const cleared = note("cleared");
  deadlines.set(note("late"), 2000);
  deadlines.set(cleared, 50);
  deadlines.set(note("early"), 95);
  deadlines.clear(cleared);
  await clock.advance(3000);
  expect(expired).toEqual(["early 100", "late 2000"]);
});

it("has one timer while something is set, and none otherwise", async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const many = Array.from({ length: 100 }, () => timed(() => {}));
  for (const one of many) deadlines.set(one, 500);
  expect(clock.waiting).toBe(1);
  for (const one of many) deadlines.clear(one);
  await clock.advance(20);
  expect(clock.waiting).toBe(0);
});

it("a deadline that is set again has moved, also from within", async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const at: number[] = [];
  const again = timed(() => {
    at.push(clock.monotonic());
    if (at.length < 3) deadlines.set(again, 100);
  });
  deadlines.set(again, 50);
  deadlines.set(again, 100);
  await clock.advance(1000);
  expect(at).toEqual([100, 200, 300]);
});

it("keeps time where a deadline moved nearer, and again after all were cleared", async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  const [near, other] = ["near", "other"].map((name) => timed(() => expired.push(`${name} ${clock.monotonic()}`)));
  if (near === undefined || other === undefined) throw new Error("two are made above");
  deadlines.set(near, 900);
  deadlines.clear(near);
  deadlines.set(near, 100);
  await clock.advance(90);
  deadlines.clear(near);
  await clock.advance(100);
  expect(clock.waiting).toBe(0);
  deadlines.set(near, 100);
  deadlines.set(other, 50);
  await clock.advance(2000);
  expect(expired).toEqual(["other 240", "near 290"]);
});
