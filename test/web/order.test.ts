import { expect, test } from "vitest";
import type { AssetView, ShownLevel } from "../../core/asset-view.ts";
import type { ServiceView } from "../../core/service-view.ts";
import { assetSummary, summary, worstFirst, worstLevel } from "../../web/order.ts";
import { columnsFor } from "../../web/pages/wall.tsx";

const service = (level: ShownLevel, name: string = level, since = 0): ServiceView => ({
  id: name,
  name,
  owner: "",
  level,
  low: "ok",
  high: "ok",
  since,
  why: "",
  causes: [],
  impact: [],
});

test("worst first, then what changed last, then by name; numbers in names count as numbers", () => {
  const all = [
    service("ok", "Line 10"),
    service("ok", "Line 9"),
    service("warning"),
    service("critical", "old", 1),
    service("unknown"),
    service("critical", "new", 2),
    service("major"),
  ];
  expect(worstFirst(all).map((one) => one.name)).toEqual(["new", "old", "major", "unknown", "warning", "Line 9", "Line 10"]);
  expect(worstLevel(all)).toBe("critical");
  expect(worstLevel([])).toBe("ok");
});

test.each<[ShownLevel[], string]>([
  [[], "No services are configured"],
  [["ok"], "The service is ok"],
  [["ok", "ok"], "All 2 services ok"],
  [["ok", "critical", "ok"], "1 service critical, 2 ok"],
  [["major", "unknown", "critical", "critical"], "2 services critical, 1 major, 1 unknown"],
  [["warning"], "1 service warning"],
])("%j reads %s", (levels, text) => {
  expect(summary(levels.map((level, i) => service(level, `${i}`)))).toBe(text);
});

test("how many assets deliver", () => {
  const asset = (up: boolean): AssetView => ({ up }) as AssetView;
  expect(assetSummary([asset(true), asset(true)])).toBe("All 2 assets deliver");
  expect(assetSummary([asset(true), asset(false)])).toBe("1 of 2 assets deliver");
});

test.each([
  [1, 16 / 9, 1],
  [4, 16 / 9, 2],
  [6, 16 / 9, 2],
  [9, 16 / 9, 3],
  [12, 16 / 9, 3],
  [5, 0.5, 1],
  [0, 16 / 9, 1],
])("%d tiles on a screen of %d are in %d columns", (count, aspect, columns) => {
  expect(columnsFor(count, aspect)).toBe(columns);
});
