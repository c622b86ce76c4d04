import { expect, test } from "vitest";
import type { IncidentView } from "../../core/incident-view.ts";
import { matches } from "../../web/find.ts";
import { duringOutage } from "../../web/outages.tsx";
import { reasonOf } from "../../web/reason.ts";

test.each([
  ["MES", "warning", "MES is warning since 20:09: UPS: on battery", "UPS: on battery"],
  ["Air", "unknown", "Air is unknown since 20:09, between ok and critical: no data", "no data"],
  ["A: b", "major", "A: b is major since 20:09: x", "x"],
  ["MES", "warning", "Relies on Power: critical", "Relies on Power: critical"],
  ["MES", "ok", "", ""],
] as const)("the reason of %s, %s: %s", (name, level, why, reason) => {
  expect(reasonOf({ name, level, why })).toBe(reason);
});

test("what is looked for is found by all of its words, in any order and case", () => {
  const texts = ["Filler 31", "acme/brno", "type=filler"];
  expect(["", "filler", "BRNO 31", "31 type=filler"].map((sought) => matches(texts, sought))).toEqual([true, true, true, true]);
  expect(matches(texts, "filler 32")).toBe(false);
});

test("an outage is told with the incidents that were open during it", () => {
  const incident = (id: string, opened: number, resolved: number | null) => ({ id, opened, resolved }) as IncidentView;
  const incidents = [incident("before", 0, 10), incident("within", 12, 15), incident("open", 18, null), incident("after", 20, 30)];
  expect(duringOutage(incidents, { kind: "down", from: 10, to: 20 }).map(({ id }) => id)).toEqual(["within", "open"]);
});
