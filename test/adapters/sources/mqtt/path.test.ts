import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookUp, parsePath } from "../../../../adapters/sources/mqtt/path.ts";
import { SourceError } from "../../../../core/errors.ts";

const body = JSON.parse('{"a": {"b": [{"c d": 1, "it\'s": 2}, [3]]}, "é": 4, "": 5, "__proto__": {"x": 6}, "a.b": 7, "n": null}');

describe("a path", () => {
  it.each([
    ["$", body],
    ["$.a.b[0]['c d']", 1],
    ["$.a.b[0]['it\\'s']", 2],
    ['$["a"].b[0]["it\'s"]', 2],
    ["$.a.b[1][0]", 3],
    ["$.é", 4],
    ["$['']", 5],
    ["$.__proto__.x", 6],
    ["$['a.b']", 7],
    ["$.n", null],
    ["$.n.x", undefined],
    ["$.a.b.length", undefined],
    ["$.a.b[2]", undefined],
    ["$.a[0]", undefined],
    ["$.constructor", undefined],
    ["$.toString.name", undefined],
  ])("%s", (path, value) => {
    expect(lookUp(body, parsePath(path))).toEqual(value);
  });

  it.each(["", "a", "$a", "$.", "$..a", "$.a[", "$.a[x]", "$.a[-1]", "$.a['b", "$[*]", "$ .a"])("%j is refused", (path) => {
    expect(() => parsePath(path)).toThrow(SourceError);
  });

  it("finds every value by the names that lead to it, and never throws", () => {
    // As a message carries it: JSON has no -0.
    const carried = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.nat({ max: 3 })), { maxLength: 6 }), carried, (steps, leaf) => {
        let value: unknown = leaf;
        for (const step of steps.toReversed())
          value =
            typeof step === "number" ? [...Array(step).fill(0), value] : JSON.parse(`{${JSON.stringify(step)}: ${JSON.stringify(value)}}`);
        const path = `$${steps.map((step) => (typeof step === "number" ? `[${step}]` : `['${step.replace(/[\\']/g, "\\$&")}']`)).join("")}`;
        expect(lookUp(value, parsePath(path))).toEqual(leaf);
        lookUp(leaf, parsePath(path));
      }),
    );
  });
});

describe("whatever text", () => {
  it("is a path or is refused in words", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", ".", "[", "]", "'", '"', "\\", "a", "0", " ") }), (text) => {
        try {
          lookUp(body, parsePath(text));
        } catch (error) {
          expect(error).toBeInstanceOf(SourceError);
        }
      }),
    );
  });
});
