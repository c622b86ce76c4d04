import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareOids, indexUnder, matchesOid } from "../../../../adapters/sources/snmp/oid.ts";

const arcs = fc.array(fc.oneof(fc.nat(30), fc.nat(4_294_967_295)), { minLength: 1, maxLength: 6 });

function compareArcs(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

describe("compareOids", () => {
  it("orders as the sub-identifiers do", () => {
    fc.assert(
      fc.property(arcs, arcs, (a, b) => {
        expect(Math.sign(compareOids(a.join("."), b.join(".")))).toBe(compareArcs(a, b));
      }),
    );
  });

  it("finds order in what shares a beginning", () => {
    fc.assert(
      fc.property(arcs, arcs, arcs, (head, a, b) => {
        const order = compareOids([...head, ...a].join("."), [...head, ...b].join("."));
        expect(Math.sign(order)).toBe(compareArcs(a, b));
      }),
    );
  });
});

it.each([
  ["1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.1.7", "7"],
  ["1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.1.7.0.1", "7.0.1"],
  ["1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.10.7", undefined],
  ["1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.1", undefined],
  ["1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.3", undefined],
])("indexUnder(%s, %s) is %s", (column, oid, index) => expect(indexUnder(column, oid)).toBe(index));

it.each([
  ["1.3.6.1.4.1.9.*", "1.3.6.1.4.1.9.1.5", true],
  ["1.3.6.1.4.1.9.*", "1.3.6.1.4.1.99.1", false],
  ["1.3.6.1.4.1.9.*", "1.3.6.1.4.1.9", false],
  ["1.3.6.1.4.1.9", "1.3.6.1.4.1.9", true],
  ["1.3.6.1.4.1.9", "1.3.6.1.4.1.9.1", false],
])("matchesOid(%s, %s) is %s", (pattern, oid, matches) => expect(matchesOid(pattern, oid)).toBe(matches));
