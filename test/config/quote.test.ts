import { expect, test } from "vitest";
import { quote } from "../../config/quote.ts";

test.each([
  ["plain", '"plain"'],
  [3, "3"],
  [Number.NaN, "NaN"],
  [null, "empty"],
  [["a"], "a list"],
  [{ a: 1 }, "a mapping"],
  ["mqtt://u:p@ss@host:1883", '"mqtt://<secret>@host:1883"'],
  ["https://hooks.example/T0/B1/xyz", '"https://hooks.example/..."'],
  ["\u001b[2J\u202e\u0085", '"\\u001b[2J\\u{202e}\\u{85}"'],
  ["x".repeat(80), `"${"x".repeat(60)}..."`],
])("%j", (value, expected) => expect(quote(value)).toBe(expected));
