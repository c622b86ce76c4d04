import { expect, test } from "vitest";
import { matches } from "../../web/find.ts";

test("what is looked for is found by all of its words, in any order and case", () => {
  const texts = ["Filler 31", "acme/brno", "type=filler"];
  expect(["", "filler", "BRNO 31", "31 type=filler"].map((sought) => matches(texts, sought))).toEqual([true, true, true, true]);
  expect(matches(texts, "filler 32")).toBe(false);
});
