import type { Response } from "express";
import { z } from "zod";
import { isZone } from "../../config/values.ts";
import type { AvailabilityReport } from "../../core/service-level.ts";
import { namedPeriod } from "../slo/report.ts";
import { reportCsv } from "../slo/report-csv.ts";
import { reportHtml, reportPolicy } from "../slo/report-html.ts";
import type { ServiceLevels } from "../slo/service-levels.ts";
import { badRequest, ProblemError } from "./problem.ts";
import { idParameter, readQuery, timeParameter } from "./query.ts";
import { pathParameter, type Route, sendJson } from "./route.ts";

const dayMs = 86_400_000;
/** Longest stretch of time that one answer covers. */
const mostMs = 10 * 366 * dayMs;

const spanQuery = z.object({ from: timeParameter.optional(), to: timeParameter.optional() });
function word<const N extends readonly [string, ...string[]]>(names: N, what: string) {
  return z.enum(names).meta({ description: what });
}
const reportQuery = z.object({
  period: z
    .string()
    .max(64)
    .refine((text) => namedPeriod(text, 0, "UTC") !== undefined)
    .meta({ description: "month, last-month, a month such as 2026-11, or days such as 2026-11-02 or 2026-11-02..2026-11-08" })
    .optional(),
  service: idParameter("the id of a service").optional(),
  by: word(["service", "shift"], "service or shift").optional(),
  zone: z
    .string()
    .max(64)
    .refine(isZone)
    .meta({ description: "a time zone of the IANA data base, for services without a calendar" })
    .optional(),
  format: word(["json", "csv", "html"], "json, csv or html").optional(),
});

/** Service levels over time: one service, and reports of all. */
export function serviceLevelRoutes(levels: ServiceLevels, now: () => number): Route[] {
  return [
    {
      method: "get",
      path: "/api/v1/services/:id/slo",
      summary:
        "One service from `from` (default: the window of its SLO, or 30 days, before `to`) until `to` (default: now), and how it stands against its SLO",
      query: spanQuery,
      members: ["service", "sli", "coverage", "outages", "slo"],
      problems: { 404: "nothing has this id" },
      handle(request, response) {
        const query = readQuery(spanQuery, request.query);
        const id = pathParameter(request, "id");
        const slo = levels.slo(id) ?? null;
        const to = Math.min(query.to ?? now(), now());
        const from = query.from ?? to - (slo === null ? 30 * dayMs : slo.window_seconds * 1000);
        if (from >= to || to - from > mostMs)
          throw badRequest([
            { in: "query", name: "from", found: query.from, expected: "a time before `to` and before now, at most ten years" },
          ]);
        const period = levels.period(id, { from, to });
        if (period === undefined) throw noService(id);
        sendJson(response, { ...period, slo });
      },
    },
    {
      method: "get",
      path: "/api/v1/reports/availability",
      summary: "Availability of all services or of one over days or a month, also by shift; as JSON, CSV, or HTML that prints",
      query: reportQuery,
      members: ["period", "generated", "complete", "services"],
      problems: { 404: "there is no such service" },
      handle(request, response) {
        const { period = "month", service, by, zone, format = "json" } = readQuery(reportQuery, request.query);
        const report = levels.report({
          period,
          byShift: by === "shift",
          ...(service === undefined ? {} : { service }),
          ...(zone === undefined ? {} : { zone }),
        });
        if (report === undefined) throw noService(service ?? "");
        if (format === "json") sendJson(response, report);
        else sendText(response, report, format);
      },
    },
  ];
}

function noService(id: string): ProblemError {
  return new ProblemError(404, `there is no service ${JSON.stringify(id)}`);
}

function sendText(response: Response, report: AvailabilityReport, format: "csv" | "html"): void {
  response.set("cache-control", "no-store");
  if (format === "csv") {
    response.attachment(`availability-${report.period}.csv`).type("text/csv; charset=utf-8").send(reportCsv(report));
    return;
  }
  response.set("content-security-policy", reportPolicy()).type("text/html; charset=utf-8").send(reportHtml(report));
}
