import fc from "fast-check";
import { expect, it } from "vitest";
import { place } from "../../collector/sequence.ts";
import type { Gap } from "../../core/batch.ts";

const gap = (firstSeq: number, lastSeq: number): Gap => ({ firstSeq, lastSeq, count: 0, reason: "test", time: 0 });

it.each([
  ["the first of an epoch may be any", undefined, 41, [], { kind: "next" }],
  ["the next", 41, 42, [], { kind: "next" }],
  ["the same again", 41, 41, [], { kind: "duplicate" }],
  ["an older one", 41, 1, [], { kind: "duplicate" }],
  ["an older one with gaps", 41, 30, [gap(29, 29)], { kind: "duplicate" }],
  ["a hole", 41, 43, [], { kind: "hole", expect: 42 }],
  ["a hole that a gap covers", 41, 44, [gap(42, 43)], { kind: "next" }],
  ["a hole that two gaps cover, in any order", 41, 46, [gap(44, 45), gap(40, 43)], { kind: "next" }],
  ["a hole half covered", 41, 46, [gap(42, 43), gap(45, 45)], { kind: "hole", expect: 42 }],
  ["a gap batch: it takes the place of all, itself too", 41, 45, [gap(42, 45)], { kind: "next" }],
  ["a gap of its own number tells of readings without one", 41, 42, [gap(42, 42)], { kind: "next" }],
  ["a gap of something else", 41, 44, [gap(1, 41)], { kind: "hole", expect: 42 }],
] as const)("%s", (_, mark, seq, gaps, expected) => {
  expect(place(mark, seq, gaps)).toEqual(expected);
});

it("takes a batch exactly when every number between is named by a gap", () => {
  const small = fc.integer({ min: 1, max: 12 });
  const gaps = fc.array(
    fc.tuple(small, small).map(([a, b]) => gap(Math.min(a, b), Math.max(a, b))),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(small, small, gaps, (mark, seq, named) => {
      const between = Array.from({ length: Math.max(0, seq - mark - 1) }, (_, i) => mark + 1 + i);
      const covered = between.every((n) => named.some(({ firstSeq, lastSeq }) => firstSeq <= n && n <= lastSeq));
      const expected = seq <= mark ? "duplicate" : covered ? "next" : "hole";
      expect(place(mark, seq, named).kind).toBe(expected);
    }),
  );
});
