import fc from "fast-check";
import { expect, it } from "vitest";
import { RowSet } from "../../../../adapters/sources/snmp/row-set.ts";
import { metRow } from "./ber.ts";

it("is one row an index, in the order they were met, whatever that order is", () => {
  const indexes = fc.array(fc.array(fc.nat(400), { minLength: 1, maxLength: 3 }).map((arcs) => arcs.join(".")));
  fc.assert(
    fc.property(indexes, (met) => {
      const rows = new RowSet(1);
      const found = met.map((index) => rows.meet(metRow(index, 0)));
      expect(found.map(({ index }) => index)).toEqual(met);
      expect(Array.from(rows, ({ index }) => index)).toEqual([...new Set(met)]);
      for (const row of found) expect(rows.at(row.position)).toBe(row);
      expect(rows.size).toBe(new Set(met).size);
      rows.keep(1);
      const again = met.map((index) => rows.meet(metRow(index, 0)));
      expect(new Set(again).size).toBe(new Set(met).size);
    }),
  );
});
