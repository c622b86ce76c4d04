import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choiceList, didYouMean, editDistance, nearest, orList } from "../../config/suggest.ts";

describe("nearest", () => {
  test.each([
    ["ABDC", ["ABCD", "DCBA", "BADC", "CDAB"], "ABCD"],
    ["comunity", ["community", "context"], "community"],
    ["HOST", ["port", "host"], "host"],
    ["sdm630", ["demo-filler", "eastron-sdm630"], "eastron-sdm630"],
    ["influxdb", ["remote_write", "influx"], "influx"],
    ["4", ["1", "2c", "3"], undefined],
    ["zebra", ["core-sw-1"], undefined],
    ["", ["a"], undefined],
  ])("%s among %j", (found, choices, expected) => expect(nearest(found, choices)).toBe(expected));

  test("the distance is a metric", () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

test("texts of choices", () => {
  expect(didYouMean("ok", ["critical"])).toBe("");
  expect(didYouMean("criticl", ["critical"])).toBe(" (did you mean critical?)");
  expect(orList([])).toBe("");
  expect(orList(["a", "b", "c"])).toBe("a, b or c");
  expect(choiceList(Array.from({ length: 20 }, (_, i) => `${i}`))).toBe("0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 4 more");
});
