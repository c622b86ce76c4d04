import type { AvailabilityReport, AvailabilityView, OutageIncident, PeriodView } from "../../core/service-level.ts";
import { incidentsAmong } from "./outages.ts";

/** One row of a report as people and spreadsheets read it: a service, or one shift of it. */
export interface ReportRow {
  readonly service: PeriodView;
  readonly shift?: { readonly day: string; readonly name: string };
  readonly measured: AvailabilityView & { readonly down_count: number };
  /** Of its outages. */
  readonly incidents: readonly OutageIncident[];
}

/** The rows of a report: shifts where it has them, services otherwise. */
export function rowsOf({ services }: AvailabilityReport): readonly ReportRow[] {
  return services.flatMap((service): ReportRow[] => {
    const whole = { service, measured: service, incidents: incidentsAmong(service.outages) };
    if (service.shifts === undefined) return [whole];
    return service.shifts.map((shift) => ({
      service,
      shift: { day: shift.day, name: shift.shift },
      measured: shift,
      incidents: shift.incidents,
    }));
  });
}

type Cell = string | number | null;

/** Columns of the CSV: their names stay. */
const columns: readonly (readonly [title: string, value: (row: ReportRow) => Cell])[] = [
  ["service", ({ service }) => service.service],
  ["name", ({ service }) => service.name],
  ["owner", ({ service }) => service.owner],
  ["day", ({ shift }) => shift?.day ?? ""],
  ["shift", ({ shift }) => shift?.name ?? ""],
  ["from", ({ measured }) => new Date(measured.from).toISOString()],
  ["to", ({ measured }) => new Date(measured.to).toISOString()],
  ["scheduled_seconds", ({ measured }) => measured.scheduled_seconds],
  ["good_seconds", ({ measured }) => measured.good_seconds],
  ["down_seconds", ({ measured }) => measured.down_seconds],
  ["planned_seconds", ({ measured }) => measured.planned_seconds],
  ["unknown_seconds", ({ measured }) => measured.unknown_seconds],
  ["outside_seconds", ({ measured }) => measured.outside_seconds],
  ["coverage", ({ measured }) => rounded(measured.coverage)],
  ["sli_low", ({ measured }) => rounded(measured.sli?.low ?? null)],
  ["sli_high", ({ measured }) => rounded(measured.sli?.high ?? null)],
  ["target", ({ service }) => rounded(service.target)],
  ["met", ({ service, shift }) => (shift === undefined ? service.met : null)],
  ["cost_low", ({ measured }) => measured.cost?.low ?? null],
  ["cost_high", ({ measured }) => measured.cost?.high ?? null],
  ["currency", ({ measured }) => measured.cost?.currency ?? null],
  ["outages", ({ measured }) => measured.down_count],
  ["causes", ({ incidents }) => [...new Set(incidents.flatMap(({ causes }) => causes))].join(" ")],
  ["incidents", ({ incidents }) => incidents.map(({ id }) => id).join(" ")],
];

const rounded = (ratio: number | null): number | null => (ratio === null ? null : Number(ratio.toFixed(6)));

/** RFC 4180, with a line of names first. */
export function reportCsv(report: AvailabilityReport): string {
  const lines = [columns.map(([title]) => title), ...rowsOf(report).map((row) => columns.map(([, value]) => cell(value(row))))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** A spreadsheet takes a text that begins with one of these for a formula: an apostrophe before it keeps it a text. */
const formula = /^[=+\-@\t\r]/;

function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
