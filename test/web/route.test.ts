import { expect, test } from "vitest";
import { parseRoute, paths } from "../../web/route.ts";

test.each([
  ["/", { page: "overview" }],
  ["/services", { page: "overview" }],
  ["/services/mes", { page: "service", id: "mes" }],
  ["/services/mes/x", { page: "nowhere" }],
  ["/assets", { page: "assets" }],
  ["/assets/a%3Ab", { page: "asset", id: "a:b" }],
  ["/assets/%E0%A4%A", { page: "asset", id: "%E0%A4%A" }],
  ["/assets/a/m/x", { page: "nowhere" }],
  ["/alarms", { page: "alarms" }],
  ["/alarms/x", { page: "nowhere" }],
  ["/incidents", { page: "incidents" }],
  ["/incidents/mws9-1", { page: "incident", id: "mws9-1" }],
  ["/incidents/a/b", { page: "nowhere" }],
  ["/wall", { page: "wall" }],
  ["/etc/passwd", { page: "nowhere" }],
])("%s is %j", (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});

test("a series' path is read back, whatever its labels hold", () => {
  const labels = { sensor: "a&b=c", "if name": "Gi1/0/1 </script>" };
  const [path = "", query = ""] = paths.series("pump/1", "temperature_celsius", labels).split("?");
  expect(parseRoute(path, query)).toEqual({ page: "series", id: "pump/1", metric: "temperature_celsius", labels });
});
