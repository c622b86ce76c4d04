import { createHash } from "node:crypto";
import type { AvailabilityReport, AvailabilityView, OutageIncident, OutageView, PeriodView, ShiftView } from "../../core/service-level.ts";
import { outageStrip, stripKey } from "./report-strip.ts";
import { duration, instantsOf, money, percent, periodText, plainPercent, range, text, wholePercent } from "./report-text.ts";

/** What a browser may take of the page below: its own style, and nothing else. */
export function reportPolicy(): string {
  const hash = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;
}

const style = `
@page { size: A4 landscape; margin: 14mm 14mm 16mm; @bottom-left { content: "Millwright"; font: 8pt "Liberation Sans", Arial, sans-serif; color: #5b636c } @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "Liberation Sans", Arial, sans-serif; color: #5b636c } }
:root { color-scheme: light }
body { font: 10pt/1.4 "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #1a1d21; background: #fff; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; font-variant-numeric: tabular-nums }
h1 { font-size: 19pt; font-weight: 650; letter-spacing: -.01em; margin: 0 }
h2 { font-size: 13pt; font-weight: 650; margin: 0; break-after: avoid }
h3 { font-size: 10pt; font-weight: 650; margin: 1rem 0 0; break-after: avoid }
p { margin: .15rem 0 .5rem }
.verdict { font-size: 12pt; margin: .6rem 0 1rem }
.quiet, footer { color: #5b636c }
.note, footer { font-size: 8.5pt }
section { border-top: 1px solid #1a1d21; padding-top: .6rem; margin-top: 1.8rem }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 .8rem; line-height: 1.3 }
th, td { border-bottom: 1px solid #d5d9de; padding: .32rem .9rem .32rem 0; text-align: left; vertical-align: baseline }
th { font-size: 8.5pt; font-weight: 600; color: #5b636c; border-bottom-color: #1a1d21; vertical-align: bottom }
th:last-child, td:last-child { padding-right: 0 }
th.n, td.n { text-align: right; white-space: nowrap }
td.t { white-space: nowrap }
td.w { min-width: 15em }
td small { display: block; color: #5b636c; font-size: 8.5pt }
tr { break-inside: avoid }
thead { display: table-header-group }
.bad { font-weight: 700; color: #a4161a }
.strip { display: block; width: 100%; height: 14px; margin: .5rem 0 .1rem }
.ends { display: flex; justify-content: space-between; margin: 0 0 .6rem }
.key { display: inline-block; width: 9px; height: 9px; margin: 0 .3em 0 .9em }
footer { border-top: 1px solid #d5d9de; margin-top: 2rem; padding-top: .5rem; break-inside: avoid }
@media print { body { font-size: 8.5pt; margin: 0; max-width: none; padding: 0 } }
`;

/** A report as one page that prints: no script, nothing from elsewhere. Everything from config is escaped. */
export function reportHtml(report: AvailabilityReport): string {
  const title = `Availability, ${periodText(report.period)}`;
  const generated = instantsOf({ from: report.generated, to: report.generated }, "UTC")(report.generated);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)}</title><style>${style}</style></head>
<body>
<h1>${text(title)}</h1>
<p class="quiet">${report.complete ? "" : "The period is not over. "}Generated ${generated} UTC.</p>
<p class="verdict">${verdict(report)}</p>
${report.services.length === 0 ? "<p>The config has no services.</p>" : table(ofServices(report.services), report.services)}
${report.services.map(detail).join("\n")}
<footer>Availability is good time as a share of scheduled time without planned work; a range where data is missing. Time outside a service's calendar counts for nothing. Reasons are those that were told with the incident; its id finds it in Millwright.</footer>
</body>
</html>
`;
}

/** What whoever reads only one line should know. */
function verdict({ services, complete }: AvailabilityReport): string {
  const targets = services.filter(({ met }) => met !== null);
  if (targets.length === 0) return "No service has a target.";
  const missed = targets.filter(({ met }) => met === "no");
  const open = targets.filter(({ met }) => met === "unknown").length;
  const kept = targets.length - missed.length - open;
  const names = missed.map(({ name }) => text(name)).join(", ");
  return [
    `${kept} of ${targets.length} ${targets.length === 1 ? "service" : "services"} met the target${complete ? "" : " so far"}.`,
    ...(missed.length === 0 ? [] : [`<span class="bad">Missed: ${names}.</span>`]),
    ...(open === 0 ? [] : [`Of ${open} too much is unknown to say.`]),
  ].join(" ");
}

/** A column and what it shows of a row, as HTML: `n` numbers, `t` times, which are not broken, `w` sentences. */
type Column<R> = readonly [title: string, kind: "" | "n" | "t" | "w", value: (row: R) => string];

const nothing = '<span class="quiet">–</span>';
const time = (seconds: number): string => (seconds === 0 ? nothing : duration(seconds));

/** What is measured of services and shifts; what no row has is left out. */
function measured<R extends AvailabilityView & { readonly down_count: number }>(rows: readonly R[]): readonly Column<R>[] {
  const columns: readonly (readonly [shown: boolean, column: Column<R>])[] = [
    [true, ["Availability", "n", availability]],
    [true, ["Outages", "n", ({ down_count: count }) => (count === 0 ? nothing : String(count))]],
    [true, ["Down", "n", ({ down_seconds: seconds }) => time(seconds)]],
    [rows.some((row) => row.cost !== null), ["Cost", "n", cost]],
    [rows.some((row) => row.planned_seconds > 0), ["Planned", "n", ({ planned_seconds: seconds }) => time(seconds)]],
    [rows.some((row) => row.unknown_seconds > 0), ["Unknown", "n", ({ unknown_seconds: seconds }) => time(seconds)]],
    [true, ["Scheduled", "n", ({ scheduled_seconds: seconds }) => time(seconds)]],
  ];
  return columns.filter(([shown]) => shown).map(([, column]) => column);
}

function availability({ sli, coverage }: AvailabilityView): string {
  if (sli === null) return '<span class="quiet">not scheduled</span>';
  // Between 0 and 100 % is no word of it.
  return coverage === 0 ? '<span class="quiet">not known</span>' : range(sli, percent, "%");
}

function cost({ cost: spent, coverage }: AvailabilityView): string {
  if (spent === null || spent.high === 0 || coverage === 0) return nothing;
  return range(spent, money, text(spent.currency));
}

function ofServices(services: readonly PeriodView[]): readonly Column<PeriodView>[] {
  const aimed: readonly Column<PeriodView>[] = [
    ["Target", "n", ({ target }) => (target === null ? nothing : plainPercent(target))],
    ["Met", "", met],
    ["Budget left", "n", budgetLeft],
  ];
  return [
    ["Service", "", ({ name, service }) => (name === service ? text(name) : `${text(name)}<small>${text(service)}</small>`)],
    ["Owner", "", ({ owner }) => text(owner)],
    ...(services.some(({ target }) => target !== null) ? aimed : []),
    ...measured(services),
  ];
}

function met({ met: answer }: PeriodView): string {
  if (answer === null) return nothing;
  return { yes: "yes", no: '<span class="bad">no</span>', unknown: "not known" }[answer];
}

function budgetLeft({ budget }: PeriodView): string {
  const left = budget?.remaining_ratio ?? null;
  if (left === null) return nothing;
  const shown = range(left, wholePercent, "%");
  return left.high < 0 ? `<span class="bad">${shown}</span>` : shown;
}

/** Shifts and outages of one service; empty where there are neither. */
function detail(service: PeriodView): string {
  const { shifts = [], outages, zone, revised } = service;
  if (shifts.length === 0 && outages.length === 0) return "";
  const instant = instantsOf(service, zone);
  const late = revised === null ? "" : ` Late readings changed it at ${instant(revised)}.`;
  return `<section><h2>${text(service.name)}</h2>
<p class="quiet">Times of ${text(zone)}. It counts as down when ${text(service.level)}${service.level === "critical" ? "" : " or worse"}.${late}</p>
${outageStrip(service)}<p class="ends note quiet"><span>${instant(service.from)}</span><span>${stripKey()}</span><span>${instant(service.to)}</span></p>
${outages.length === 0 ? "" : `<h3>Outages</h3>${table(ofOutages(service, instant), outages)}${leftOff(service)}`}
${shifts.length === 0 ? "" : `<h3>Shifts</h3>${table(ofShifts(shifts), shifts)}`}</section>`;
}

function ofOutages({ to: end }: PeriodView, instant: (time: number) => string): readonly Column<OutageView>[] {
  return [
    ["From", "t", ({ from }) => instant(from)],
    ["To", "t", ({ to }) => (to >= end ? '<span class="quiet">end of report</span>' : instant(to))],
    ["Lasted", "n", ({ from, to }) => duration((to - from) / 1000)],
    ["What", "t", ({ kind }) => ({ down: "down", planned: "planned work", unknown: "unknown" })[kind]],
    ["Why", "w", ({ kind, incidents }) => (kind === "unknown" ? "no data" : reasons(incidents))],
    ["Incident", "t", ({ incidents }) => incidents.map(({ id }) => text(id)).join("<br>")],
  ];
}

/** Outages may be older than the incidents that are kept. */
function reasons(incidents: readonly OutageIncident[]): string {
  if (incidents.length === 0) return '<span class="quiet">no incident is kept</span>';
  return incidents.map(({ reason, causes }) => text(reason === "" ? causes.join(", ") : reason)).join("<br>");
}

function leftOff({ outages, outages_left_off: left }: PeriodView): string {
  return left === 0 ? "" : `<p class="note quiet">The longest ${outages.length} of ${outages.length + left}.</p>`;
}

function ofShifts(shifts: readonly ShiftView[]): readonly Column<ShiftView>[] {
  const why: Column<ShiftView> = ["Why", "w", ({ incidents }) => (incidents.length === 0 ? "" : reasons(incidents))];
  return [
    ["Day", "t", ({ day }) => text(day)],
    ["Shift", "t", ({ shift }) => text(shift)],
    ...measured(shifts),
    ...(shifts.some(({ incidents }) => incidents.length > 0) ? [why] : []),
  ];
}

function table<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const mark = (kind: string): string => (kind === "" ? "" : ` class="${kind}"`);
  const head = columns.map(([title, kind]) => `<th scope="col"${mark(kind)}>${title}</th>`).join("");
  const line = (row: R): string => columns.map(([, kind, value]) => `<td${mark(kind)}>${value(row)}</td>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.map((row) => `<tr>${line(row)}</tr>`).join("\n")}</tbody></table>`;
}
