import fc from "fast-check";
import { expect, it } from "vitest";
import { lineSeries } from "../../../../adapters/stores/influx/line.ts";

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("\\", ",", "=", " ", "\n", "#", "a", '"', "'") }));

it("makes one line of whatever text: no break, no bare separator, no backslash that would escape the next one", () => {
  fc.assert(
    fc.property(text, text, fc.dictionary(text, text, { maxKeys: 4 }), (metric, asset, labels) => {
      const line = lineSeries({ metric, asset, labels, unit: "", kind: "gauge", origin: "x", everyMs: 1 });
      for (const part of [line.measurement, ...line.tags.flat()]) {
        expect(part).not.toMatch(/[\n\r\0]/);
        expect(part).not.toMatch(/\\$/);
        expect(part).not.toMatch(/(?<!\\)[, ]/);
      }
      for (const part of line.tags.flat()) expect(part).not.toMatch(/(?<!\\)=/);
      expect(line.measurement).not.toMatch(/^#/);
      expect(new Set(line.tags.map(([name]) => name)).size).toBe(line.tags.length);
      expect(line.tags.every(([, value]) => value !== "" || asset === "")).toBe(true);
    }),
  );
});

it("sorts tags by name, and leaves out empty ones", () => {
  const line = lineSeries({ metric: "m", asset: "a", labels: { z: "1", b: "2", e: "" }, unit: "", kind: "gauge", origin: "x", everyMs: 1 });
  expect(line).toEqual({
    measurement: "m",
    tags: [
      ["asset", "a"],
      ["b", "2"],
      ["z", "1"],
    ],
  });
});
