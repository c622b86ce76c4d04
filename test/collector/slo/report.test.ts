import { describe, expect, test } from "vitest";
import { History } from "../../../collector/slo/history.ts";
import { objectivesOf } from "../../../collector/slo/objective.ts";
import { availabilityReport } from "../../../collector/slo/report.ts";
import { reportCsv } from "../../../collector/slo/report-csv.ts";
import { reportHtml } from "../../../collector/slo/report-html.ts";
import { codeOf } from "../../../collector/slo/state.ts";
import type { IncidentView } from "../../../core/incident-view.ts";
import type { AvailabilityReport } from "../../../core/service-level.ts";
import { configOf } from "../stage.ts";
import { hour } from "./sample-levels.ts";

const lineName = '=cmd|" /C calc"!A0 <b>Line</b> & "3"';

/** The week of the end of summer time, three services, one of which has a hostile name. */
function week(): AvailabilityReport {
  const needs = ["asset a"];
  const config = configOf({
    assets: { a: {} },
    calendars: { shifts: { zone: "Europe/Prague", open: ["Mon-Sat 06:00-14:00,22:00-06:00"], except: ["2026-10-28"] } },
    services: {
      line: {
        name: lineName,
        owner: "výroba",
        needs,
        calendar: "shifts",
        slo: "97%",
        cost_per_hour: "4000 EUR",
      },
      server: { needs, slo: { target: "99.9%", level: "critical" } },
      plain: { name: "Plain", needs },
    },
  });
  const history = new History();
  const monday = Date.UTC(2026, 9, 18, 22);
  const ok = codeOf(0, 0, 0);
  const say = (id: string, hours: number, code: number): void => void history.note(id, monday + hours * hour, code);
  for (const id of ["line", "server", "plain"]) say(id, 0, ok);
  // Tuesday: down from 13:30 to 14:30, half of it within the shift. Local 0:00 is hour 0 until Sunday.
  say("line", 24 + 13.5, codeOf(3, 3, 3));
  say("line", 24 + 14.5, ok);
  // Friday: planned work for 90 minutes, after which it is down for 6 seconds.
  say("line", 4 * 24 + 7, codeOf(2, 2, 0));
  say("line", 4 * 24 + 8.5, codeOf(2, 2, 2));
  say("line", 4 * 24 + 8.5 + 6 / 3600, ok);
  // The night to Sunday has 9 hours, and nobody knows of 2 to 3 o'clock, which is two hours long.
  say("line", 6 * 24 + 2, codeOf(0, 3, 0));
  say("line", 6 * 24 + 4, ok);
  say("server", 50, codeOf(2, 2, 2));
  say("server", 60, ok);
  const tuesday = incident("tuesday", monday + (24 + 13.5) * hour, monday + (24 + 14.5) * hour);
  const incidentsOf = ({ service }: { service: string }): readonly IncidentView[] => (service === "line" ? [tuesday] : []);
  const objectives = objectivesOf(config).values();
  const now = Date.UTC(2026, 9, 26, 12);
  return availabilityReport({ period: "2026-10-19..2026-10-25", byShift: true }, { objectives, history, now, incidentsOf });
}

/** Bottling stood still for want of a filler with a hostile name. */
function incident(id: string, opened: number, resolved: number | null): IncidentView {
  const why = `${lineName} is critical since 13:30: it needs 2 of 2 fillers and has 1; <i>Filler</i> 31: bearing at 92 °C`;
  const services = [{ id: "line", name: lineName, owner: "", level: "ok", why }] as const;
  const state = resolved === null ? "open" : "resolved";
  const flags = { planned: false, blind: false, ack: null, history: [], level: "ok", worst: "critical" } as const;
  return { id, title: "", state, opened, updated: opened, resolved, causes: ["a"], services, ...flags };
}

const golden = (name: string): URL => new URL(`./report/${name}`, import.meta.url);

describe("a week's report", () => {
  test("JSON", () => {
    const [line, server, plain] = week().services;
    expect(line).toMatchObject({
      scheduled_seconds: (6 * 8 + 5 * 8 + 9) * 3600,
      down_seconds: 1806,
      planned_seconds: 5400,
      unknown_seconds: 7200,
    });
    expect(line?.shifts).toHaveLength(12);
    expect(line?.shifts?.at(-1)).toMatchObject({
      day: "2026-10-24",
      shift: "22:00-06:00",
      scheduled_seconds: 9 * 3600,
      unknown_seconds: 7200,
    });
    expect(server).toMatchObject({ level: "critical", down_seconds: 0, met: "yes", zone: "UTC", cost: null });
    expect(plain).toMatchObject({ target: null, met: null, budget: null });
  });

  test("CSV", async () => {
    await expect(reportCsv(week())).toMatchFileSnapshot(golden("week.csv").pathname);
  });

  test("HTML", async () => {
    const html = reportHtml(week());
    await expect(html).toMatchFileSnapshot(golden("week.html").pathname);
    expect(html).not.toMatch(/<[bi]>/);
    expect(html).toContain("It needs 2 of 2 fillers and has 1; &lt;i&gt;Filler&lt;/i&gt; 31: bearing at 92 °C");
  });
});

test("no cell of the CSV is a formula, and quotes are doubled", () => {
  const [, first] = reportCsv(week()).split("\r\n");
  expect(first).toMatch(/^line,"'=cmd\|"" \/C calc""!A0 <b>Line<\/b> & ""3""",výroba,2026-10-19,06:00-14:00,/);
});

test("of a service that nobody has watched the page neither says a share nor a cost", () => {
  const calendars = { day: { zone: "UTC", open: ["Mon-Fri 06:00-14:00"] } };
  const services = { line: { needs: ["asset a"], calendar: "day", slo: "97%", cost_per_hour: "4000 EUR" } };
  const objectives = objectivesOf(configOf({ assets: { a: {} }, calendars, services })).values();
  const asked = { objectives, history: new History(), incidentsOf: () => [], now: Date.UTC(2026, 11, 1) };
  const html = reportHtml(availabilityReport({ period: "2026-11-02", byShift: true }, asked));
  expect(html).toContain("Of 1 too much is unknown to say.");
  expect(html.match(/not known/g)).toHaveLength(3);
  expect(html).not.toMatch(/EUR|100\.000/);
});
