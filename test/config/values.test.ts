import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { needLine, parseNeed } from "../../config/need-line.ts";
import { parseSelector, selectorText } from "../../config/selector.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../config/values.ts";

test.each([
  ["500ms", 500],
  ["1m30s", 90_000],
  ["2.5h", 9_000_000],
  ["1w", 604_800_000],
  ["0s", 0],
  ["", undefined],
  ["30", undefined],
  ["s", undefined],
  ["30 s", undefined],
  ["-1s", undefined],
  ["1e3s", undefined],
])("duration %j is %j ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each([
  ["2GiB", 2 * 1024 ** 3],
  ["500MB", 500e6],
  ["1.5kB", 1500],
  ["7B", 7],
  ["7", undefined],
  ["7kb", undefined],
])("size %j is %j bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

test("durations and sizes come back from their text", () => {
  fc.assert(fc.property(fc.nat(1e12), (ms) => parseDuration(formatDuration(ms)) === ms));
  fc.assert(fc.property(fc.nat(1e12), (bytes) => parseSize(formatSize(bytes)) === bytes));
});

describe("selectors", () => {
  test.each([
    ["{type=filler,line=3}", { type: "filler", line: "3" }],
    [' { a = "x, y=1 {z}" , b=c } ', { a: "x, y=1 {z}", b: "c" }],
    ['{a=""}', { a: "" }],
    ["{}", undefined],
    ["{a}", undefined],
    ["{a=b,}", undefined],
    ["{a=b,a=c}", undefined],
    ["{__proto__=x}", undefined],
    ["a=b", undefined],
  ])("%s", (text, labels) => expect(parseSelector(text)?.labels).toEqual(labels));

  test("come back from their text", () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/);
    const value = fc.string({ maxLength: 8 }).filter((text) => !text.includes('"'));
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 }), (labels) => {
        expect(parseSelector(selectorText({ labels }))?.labels).toEqual({ ...labels });
      }),
    );
  });
});

test.each([
  "asset core-sw-1",
  "service mes",
  "2 of {type=filler,line=3}",
  "60% of {t=x}",
  'c pressure_pascals{sensor="a b"} >= 600000 for 30s clear 620000',
  "c temperature_celsius < -3.5",
])("need %j comes back from its text", (line) => {
  const need = parseNeed(line);
  expect(typeof need === "string" ? need : needLine(need)).toBe(line);
});
