import fc from "fast-check";
import { expect, test } from "vitest";
import { codeOf, unseen } from "../../../collector/slo/state.ts";
import { Timeline } from "../../../collector/slo/timeline.ts";
import type { Level } from "../../../core/level.ts";

const plain = (level: Level): number => codeOf(level, level, level);

function timelineOf(notes: readonly (readonly [time: number, level: Level])[]): Timeline {
  const timeline = new Timeline();
  for (const [time, level] of notes) timeline.note(time, plain(level));
  return timeline;
}

const shown = (timeline: Timeline, from: number, to: number): string =>
  timeline
    .segments(from, to)
    .map((one) => `${one.from}-${one.to}:${one.code === unseen ? "?" : one.code & 3}`)
    .join(" ");

test("before the first state nothing is known", () => {
  expect(shown(timelineOf([[10, 0]]), 0, 20)).toBe("0-10:? 10-20:0");
  expect(new Timeline().segments(0, 5)).toEqual([{ from: 0, to: 5, code: unseen }]);
});

test("what is told twice is told once, and what lasted no time never was", () => {
  const timeline = timelineOf([
    [10, 0],
    [20, 0],
    [30, 3],
    [30, 0],
    [40, 2],
  ]);
  expect(shown(timeline, 10, 50)).toBe("10-40:0 40-50:2");
  expect(timeline.length).toBe(2);
});

test("a clock that runs backwards makes no time run backwards", () => {
  const timeline = timelineOf([
    [10, 0],
    [50, 3],
    [20, 0],
  ]);
  expect(shown(timeline, 0, 60)).toBe("0-10:? 10-60:0");
});

test("a revision replaces a stretch and leaves what is around it", () => {
  const timeline = timelineOf([
    [0, 0],
    [10, 3],
    [40, 0],
    [60, 2],
  ]);
  timeline.revise(5, 50, [
    { from: 5, to: 20, code: plain(0) },
    { from: 20, to: 50, code: plain(1) },
  ]);
  expect(shown(timeline, 0, 70)).toBe("0-20:0 20-50:1 50-60:0 60-70:2");
});

test("what had ended may be forgotten", () => {
  const timeline = timelineOf([
    [0, 0],
    [10, 3],
    [40, 0],
  ]);
  timeline.forget(20);
  expect(shown(timeline, 10, 50)).toBe("10-40:3 40-50:0");
});

test("segments cover any period without gaps, and agree with the state at every moment", () => {
  const notes = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.constantFrom<Level>(0, 1, 2, 3)), { maxLength: 30 });
  fc.assert(
    fc.property(notes, fc.integer({ min: -10, max: 110 }), fc.integer({ min: 0, max: 60 }), (all, from, length) => {
      const timeline = timelineOf([...all].sort((a, b) => a[0] - b[0]));
      let at = from;
      for (const segment of timeline.segments(from, from + length)) {
        expect(segment.from).toBe(at);
        for (let time = segment.from; time < segment.to; time++) expect(timeline.at(time)).toBe(segment.code);
        at = segment.to;
      }
      expect(at).toBe(from + length);
    }),
  );
});
