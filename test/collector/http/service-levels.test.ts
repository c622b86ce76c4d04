import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { AvailabilityReport, PeriodView, SloView } from "../../../core/service-level.ts";
import type { ServiceView } from "../../../core/service-view.ts";
import { serve, start, type TestServer } from "./server.ts";

let it: TestServer;
beforeEach(async () => {
  it = await serve();
  return () => it.close();
});

const hour = 3_600_000;
const line = "/api/v1/services/bottling-line-3/slo";
const report = "/api/v1/reports/availability";

test("one service over the window of its SLO, and against it", async () => {
  const { json } = await it.get<PeriodView & { slo: SloView }>(line);
  expect(json).toMatchObject({ service: "bottling-line-3", to: start, from: start - 30 * 24 * hour, target: 0.97, down_seconds: 7200 });
  expect(json.slo).toMatchObject({ target: 0.97, level: "major", window_seconds: 30 * 86_400, down_seconds: 7200 });
  expect(json.slo.burn).toHaveLength(4);
});

test("one service over any stretch of time", async () => {
  const { json } = await it.get<PeriodView>(`${line}?from=${start - 48 * hour}&to=2025-12-31T11:00:00Z`);
  expect(json).toMatchObject({ from: start - 48 * hour, to: Date.UTC(2025, 11, 31, 11), down_seconds: 3600, coverage: 1 });
  expect(json.cost).toEqual({ low: 4000, high: 4000, currency: "EUR" });
});

test("services and their metrics carry the SLO's standing", async () => {
  const { services } = (await it.get<{ services: ServiceView[] }>("/api/v1/services")).json;
  const sli = services.find((one) => one.id === "bottling-line-3")?.slo?.sli;
  expect(sli?.low).toBeLessThan(sli?.high ?? 0);
  const { text } = await it.get("/metrics");
  expect(text).toMatch(/^millwright_service_sli_ratio\{bound="high",business_service="bottling-line-3"\} 0\.9/m);
  expect(text).toMatch(/^millwright_service_error_budget_remaining_ratio\{bound="low",business_service="bottling-line-3"\} -/m);
  expect(text).toMatch(/^millwright_service_burn_alarm_state\{.*level="warning"\} [01]$/m);
  expect(text).not.toMatch(/^millwright_service_sli_ratio\{.*"mes"/m);
});

test("a report of a month, of all services and of one", async () => {
  const all = (await it.get<AvailabilityReport>(`${report}?period=2025-12`)).json;
  expect(all).toMatchObject({ period: "2025-12", complete: true, generated: start });
  expect(all.services.length).toBeGreaterThan(1);
  expect(all.services[0]).toMatchObject({ service: "bottling-line-3", zone: "Europe/Prague", met: "unknown" });
  const one = (await it.get<AvailabilityReport>(`${report}?period=2025-12-31&service=bottling-line-3&by=shift`)).json.services;
  expect(one).toHaveLength(1);
  expect(one[0]?.shifts?.map(({ shift, down_seconds }) => [shift, down_seconds])).toEqual([
    ["06:00-14:00", 7200],
    ["14:00-22:00", 0],
  ]);
  expect((await it.get(report)).json).toMatchObject({ period: "2026-01", complete: false });
  expect((await it.get<AvailabilityReport>(`${report}?period=last-month`)).json.period).toBe("2025-12");
});

test("a report as CSV is a file", async () => {
  const answer = await it.get(`${report}?period=2025-12&format=csv`);
  expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8");
  expect(answer.headers["content-disposition"]).toBe("attachment; filename=availability-2025-12.csv");
  expect(answer.text.split("\r\n")[1]).toMatch(/^bottling-line-3,Bottling line 3,production,/);
});

test("a report as HTML runs nothing and takes nothing but its own style", async () => {
  const answer = await it.get(`${report}?period=2025-12&format=html`);
  const style = /<style>([^<]*)<\/style>/.exec(answer.text)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.headers["content-security-policy"]).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  expect(answer.text).toContain("<h1>Availability, December 2025</h1>");
});

test.each([
  [`${report}?period=2026-13`, 400, "period"],
  [`${report}?period=<script>`, 400, "period"],
  [`${report}?format=pdf`, 400, "format"],
  [`${report}?by=weekday`, 400, "by"],
  [`${report}?zone=Moon`, 400, "zone"],
  [`${report}?service=nobody`, 404, "nobody"],
  [`${line}?from=yesterday`, 400, "from"],
  [`${line}?from=2026-02-01`, 400, "from"],
  [`${line}?from=1970-01-01`, 400, "from"],
  ["/api/v1/services/nobody/slo", 404, "nobody"],
])("%s is refused", async (path, status, word) => {
  const answer = await it.get(path);
  expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/problem+json; charset=utf-8"]);
  expect(answer.text).toContain(word);
});
