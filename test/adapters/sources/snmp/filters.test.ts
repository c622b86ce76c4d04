import { expect, it } from "vitest";
import { holds } from "../../../../adapters/sources/snmp/filters.ts";
import type { FilterTest, IndexPart } from "../../../../adapters/sources/snmp/plan.ts";
import { Row } from "../../../../adapters/sources/snmp/row.ts";

const rowOf = (index: string): Row =>
  new Row({ index, span: { bytes: Buffer.alloc(0), start: 0, end: 0 }, at: 0 }, { position: 0, width: 0 });

it.each<[string, string, IndexPart, FilterTest, boolean]>([
  ["the number it wants", "105.8", { index: 2, as: "number" }, { kind: "numbers", in: new Set([8]), wanted: true }, true],
  ["another number", "105.9", { index: 2, as: "number" }, { kind: "numbers", in: new Set([8]), wanted: true }, false],
  ["no such part", "105", { index: 2, as: "number" }, { kind: "numbers", in: new Set([8]), wanted: true }, false],
  ["none of the unwanted", "105.9", { index: -1, as: "number" }, { kind: "numbers", in: new Set([8]), wanted: false }, true],
  ["a name that is like it", "4.70.97.110.49", { index: 1, as: "text" }, { kind: "like", like: /Fan/ }, true],
  ["another name", "4.86.111.108.116", { index: 1, as: "text" }, { kind: "like", like: /Fan/ }, false],
])("a condition on the index holds with %s", (_, index, of, test, holding) => {
  expect(holds({ slot: of, test }, rowOf(index))).toBe(holding);
});
