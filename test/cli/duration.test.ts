import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { durationArgument, durationOrNone, durationReader } from "../../cli/duration.ts";

test.each([
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["7d", 604_800_000],
])("%s is %d ms", (text, ms) => {
  expect([durationArgument(text), durationReader("7d")(text), durationOrNone(text)]).toEqual([ms, ms, ms]);
});

test.each(["0s", "soon", "-5s", "", "30"])("%j is no duration", (text) => {
  expect(() => durationReader("7d")(text)).toThrow(new InvalidArgumentError(`${JSON.stringify(text)} is not a duration such as 7d`));
});

test("none is one where that is allowed", () => {
  expect(durationOrNone("0s")).toBe(0);
  expect(() => durationOrNone("soon")).toThrow('"soon" is not a duration such as 30s');
});
