import { expect, test } from "vitest";
import { clauseOf, reasonOf } from "../../core/reason.ts";

test.each([
  ["MES", "MES is warning since 20:09: UPS: on battery", "UPS: on battery"],
  ["Air", "Air is unknown since 20:09, between ok and critical: no data", "no data"],
  ["Air", "Air is unknown, between ok and critical: no data", "no data"],
  ["Line", "Line is major since 2026-11-30 14:02: it needs 2 of 3 fillers and has 1", "It needs 2 of 3 fillers and has 1"],
  ["Line", "Line is critical: items-3 is down", "items-3 is down"],
  ["A: b", "A: b is major since 20:09: x", "x"],
  ["MES", "Relies on Power: critical", "Relies on Power: critical"],
  ["MES", "MES is ok, but burns its error budget: 6x over 6h and 30m", "MES is ok, but burns its error budget: 6x over 6h and 30m"],
  ["MES", "MES has all it needs", "MES has all it needs"],
  ["MES", "", ""],
] as const)("the reason of %s: %s", (name, why, reason) => {
  expect(reasonOf({ name, why })).toBe(reason);
});

test.each([
  ["Filler 31", "Filler 31: bearing at 92 °C (above 85 °C)", "bearing at 92 °C (above 85 °C)"],
  ["Filler 31", "Filler 31 does not answer (silent for 6s)", "does not answer (silent for 6s)"],
  ["Filler", "Filler 31 does not answer", "Filler 31 does not answer"],
  ["MES", "MES is warning since 20:09: UPS: on battery", "UPS: on battery"],
])("beside %s, %s is %s", (name, why, clause) => {
  expect(clauseOf({ name, why })).toBe(clause);
});
