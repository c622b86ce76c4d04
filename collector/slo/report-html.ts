import { createHash } from "node:crypto";
import type { AvailabilityReport, AvailabilityView, BoundsView, OutageView, PeriodView } from "../../core/service-level.ts";

/** What a browser may take of the page below: its own style, and nothing else. */
export function reportPolicy(): string {
  const hash = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;
}

const style = `
@page { size: A4 landscape; margin: 14mm }
body { font: 10.5pt/1.4 "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #1a1d21; background: #fff; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; font-variant-numeric: tabular-nums }
h1 { font-size: 18pt; margin: 0 }
h2 { font-size: 13pt; margin: 2rem 0 .4rem; break-after: avoid }
p { margin: .2rem 0 .8rem; color: #4b535c }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem }
th, td { border-bottom: 1px solid #c9ced4; padding: .3rem .5rem; text-align: left; vertical-align: top }
th { font-weight: 600; border-bottom: 2px solid #1a1d21 }
th.n, td.n { text-align: right; white-space: nowrap }
tr { break-inside: avoid }
thead { display: table-header-group }
.bad { font-weight: 700 }
@media print { body { margin: 0; max-width: none; padding: 0 } }
`;

/** A report as one page that prints: no script, nothing from elsewhere. Everything from config is escaped. */
export function reportHtml(report: AvailabilityReport): string {
  const title = `Availability ${report.period}`;
  const state = report.complete ? "" : ", so far";
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)}</title><style>${style}</style></head>
<body>
<h1>${text(title)}</h1>
<p>Generated ${instant(report.generated, "UTC")} UTC${state}. Availability is a range where data is missing; coverage is the share of scheduled time that is known. Planned work and time outside the calendar are no downtime.</p>
${summary(report.services)}
${report.services.map(detail).join("\n")}
</body>
</html>
`;
}

type Column<R> = readonly [title: string, kind: "" | "n", value: (row: R) => string];

const measured: readonly Column<AvailabilityView>[] = [
  ["Availability", "n", ({ sli }) => (sli === null ? "no scheduled time" : range(sli, percent))],
  ["Coverage", "n", ({ coverage }) => percent(coverage)],
  ["Scheduled", "n", ({ scheduled_seconds: seconds }) => duration(seconds)],
  ["Down", "n", ({ down_seconds: seconds }) => duration(seconds)],
  ["Planned work", "n", ({ planned_seconds: seconds }) => duration(seconds)],
  ["Unknown", "n", ({ unknown_seconds: seconds }) => duration(seconds)],
  ["Cost of downtime", "n", ({ cost }) => (cost === null ? "" : `${range(cost, money)} ${text(cost.currency)}`)],
];

const ofService: readonly Column<PeriodView>[] = [
  ["Service", "", ({ name, service }) => (name === service ? text(name) : `${text(name)}<br>${text(service)}`)],
  ["Owner", "", ({ owner }) => text(owner)],
  ["Target", "n", ({ target }) => (target === null ? "" : percent(target))],
  ["Met", "", ({ met }) => (met === null ? "" : met === "no" ? '<span class="bad">no</span>' : met === "yes" ? "yes" : "not known")],
  [
    "Budget left",
    "n",
    ({ budget }) =>
      budget?.remaining_ratio === undefined || budget.remaining_ratio === null ? "" : range(budget.remaining_ratio, percent),
  ],
];

function summary(services: readonly PeriodView[]): string {
  const [service, owner, target, met, left] = ofService;
  const columns = [service, owner, target, ...measured, met, left].filter((column) => column !== undefined);
  return table(columns as readonly Column<PeriodView>[], services);
}

/** Shifts and outages of one service; empty where there are neither. */
function detail(service: PeriodView): string {
  const parts: string[] = [];
  if (service.shifts !== undefined && service.shifts.length > 0) {
    const columns: readonly Column<NonNullable<PeriodView["shifts"]>[number]>[] = [
      ["Day", "", ({ day }) => text(day)],
      ["Shift", "", ({ shift }) => text(shift)],
      ...measured,
    ];
    parts.push(table(columns, service.shifts));
  }
  if (service.outages.length > 0) {
    const columns: readonly Column<OutageView>[] = [
      ["From", "", ({ from }) => instant(from, service.zone)],
      ["To", "", ({ to }) => instant(to, service.zone)],
      ["For", "n", ({ from, to }) => duration((to - from) / 1000)],
      ["What", "", ({ kind }) => ({ down: "down", planned: "planned work", unknown: "unknown" })[kind]],
    ];
    const more = service.outages_left_off > 0 ? `<p>The longest of ${service.outages.length + service.outages_left_off}.</p>` : "";
    parts.push(table(columns, service.outages), more);
  }
  if (parts.length === 0) return "";
  const revised = service.revised === null ? "" : ` Late readings changed it ${instant(service.revised, service.zone)}.`;
  return `<h2>${text(service.name)}</h2><p>Times of ${text(service.zone)}.${revised}</p>${parts.join("")}`;
}

function table<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const head = columns.map(([title, kind]) => `<th scope="col"${kind === "" ? "" : ' class="n"'}>${title}</th>`).join("");
  const line = (row: R): string => columns.map(([, kind, value]) => `<td${kind === "" ? "" : ' class="n"'}>${value(row)}</td>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.map((row) => `<tr>${line(row)}</tr>`).join("\n")}</tbody></table>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The one encoder of this page. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** One value where both bounds read the same. */
function range({ low, high }: BoundsView, show: (value: number) => string): string {
  const [least, most] = [show(low), show(high)];
  return least === most ? least : `${least} to ${most}`;
}

/** Never rounded up to 100 %, nor a real loss to nothing. */
function percent(ratio: number): string {
  return `${Math.floor(ratio * 1e5 + 1e-6) / 1e3} %`;
}

const money = (amount: number): string => amount.toFixed(2);

/** `3 h 05 min`, `12 min 4 s`, `0`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole >= 3600) {
    const minutes = Math.round(whole / 60);
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  }
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return whole === 0 ? "0" : `${whole} s`;
}

/** `2026-11-02 06:14:03`: the Swedish locale writes dates as ISO 8601 does. */
function instant(time: number, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(time);
}
