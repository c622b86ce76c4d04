import { expect, test } from "vitest";
import { History } from "../../../collector/slo/history.ts";
import { objectivesOf } from "../../../collector/slo/objective.ts";
import { availabilityReport } from "../../../collector/slo/report.ts";
import { reportCsv } from "../../../collector/slo/report-csv.ts";
import { reportHtml } from "../../../collector/slo/report-html.ts";
import { codeOf } from "../../../collector/slo/state.ts";
import type { AvailabilityReport } from "../../../core/service-level.ts";
import { configOf } from "../stage.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Day and night shifts of a line in a zone, down from one moment to another, at 3600 EUR an hour. */
function reported(zone: string, period: string, [from, to]: readonly [string, string]): AvailabilityReport {
  const config = configOf({
    assets: { a: {} },
    calendars: { shifts: { zone, open: ["Mon-Sun 06:00-22:00,22:00-06:00"], except: [] } },
    services: { line: { needs: ["asset a"], calendar: "shifts", slo: "97%", cost_per_hour: "3600 EUR" } },
  });
  const history = new History();
  history.note("line", Date.parse(from) - 60 * day, codeOf(0, 0, 0));
  history.note("line", Date.parse(from), codeOf(3, 3, 3));
  history.note("line", Date.parse(to), codeOf(0, 0, 0));
  const objectives = objectivesOf(config).values();
  return availabilityReport({ period, byShift: true }, { objectives, history, incidentsOf: () => [], now: Date.parse("2027-01-15") });
}

test.each([
  ["Europe/Berlin", "2026-03-28", 7, ["2026-03-28T21:00Z", "2026-03-29T04:00Z"]],
  ["Europe/Berlin", "2026-10-24", 9, ["2026-10-24T20:00Z", "2026-10-25T05:00Z"]],
  ["America/New_York", "2026-03-07", 7, ["2026-03-08T03:00Z", "2026-03-08T10:00Z"]],
  ["America/New_York", "2026-10-31", 9, ["2026-11-01T02:00Z", "2026-11-01T11:00Z"]],
  ["Australia/Lord_Howe", "2026-10-03", 7.5, ["2026-10-03T11:30Z", "2026-10-03T19:00Z"]],
  ["Australia/Lord_Howe", "2026-04-04", 8.5, ["2026-04-04T11:00Z", "2026-04-04T19:30Z"]],
  ["Asia/Kathmandu", "2026-03-28", 8, ["2026-03-28T16:15Z", "2026-03-29T00:15Z"]],
] as const)("in %s the night shift of %s is reported, and paid, with its %d hours", (zone, saturday, hours, night) => {
  const sunday = new Date(Date.parse(saturday) + day).toISOString().slice(0, 10);
  const report = reported(zone, `${saturday}..${sunday}`, night);
  const [line] = report.services;
  const shifts = line?.shifts?.map((one) => [one.day, one.shift, one.scheduled_seconds / 3600, one.down_seconds / 3600]);
  // The night that ends on Saturday, and the one that ends on Monday, are cut by the period.
  const friday = new Date(Date.parse(saturday) - day).toISOString().slice(0, 10);
  expect(shifts).toEqual([
    [friday, "22:00-06:00", 6, 0],
    [saturday, "06:00-22:00", 16, 0],
    [saturday, "22:00-06:00", hours, hours],
    [sunday, "06:00-22:00", 16, 0],
    [sunday, "22:00-06:00", 2, 0],
  ]);
  expect(line).toMatchObject({ scheduled_seconds: (40 + hours) * 3600, down_seconds: hours * 3600, down_count: 1 });
  expect(line?.cost).toEqual({ low: hours * 3600, high: hours * 3600, currency: "EUR" });
  expect(line?.outages).toEqual([{ kind: "down", from: Date.parse(night[0]), to: Date.parse(night[1]), incidents: [] }]);
  expect(reportCsv(report)).toContain(`,${saturday},22:00-06:00,`);
});

test("in the hour that comes twice, times of the page tell the first from the second", () => {
  const html = reportHtml(reported("Europe/Berlin", "2026-10", ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]));
  expect(html).toContain("2026-10-25 02:30:00 UTC+2");
  expect(html).toContain("2026-10-25 02:30:00 UTC+1");
  expect(reportHtml(reported("Europe/Berlin", "2026-11", ["2026-11-05T00:30Z", "2026-11-05T01:30Z"]))).not.toContain("UTC+");
});

test.each([
  ["Europe/Berlin", "2026-10", 745],
  ["America/New_York", "2026-03", 743],
  ["Australia/Lord_Howe", "2026-04", 720.5],
  ["Asia/Kathmandu", "2026-10", 744],
])("in %s the shifts of %s are its %d hours", (zone, month, hours) => {
  const [line] = reported(zone, month, ["2026-06-01T00:00Z", "2026-06-01T01:00Z"]).services;
  expect(line?.scheduled_seconds).toBe(hours * 3600);
  expect(line?.outside_seconds).toBe(0);
  expect(line?.shifts?.reduce((sum, one) => sum + one.scheduled_seconds, 0)).toBe(hours * 3600);
});
