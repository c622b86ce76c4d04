import { expect, it } from "vitest";
import { listed } from "../../collector/listed.ts";

it.each([
  [[], ""],
  [["A"], "A"],
  [["A", "B"], "A and B"],
  [["A", "B", "C"], "A, B and C"],
  [["A", "B", "C", "D"], "A, B, C and 1 more"],
])("%j is %s", (names, text) => {
  expect(listed(names, 3)).toBe(text);
});
