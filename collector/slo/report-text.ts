import type { BoundsView } from "../../core/service-level.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The one encoder of the report. */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** A value with its unit, `97.312 %`; one where both bounds read the same, `97.312 to 99 %` otherwise. */
export function range({ low, high }: BoundsView, show: (value: number) => string, unit: string): string {
  const [least, most] = [show(low), show(high)];
  return `${least === most ? least : `${least} to ${most}`} ${unit}`;
}

/** `97.312`, in percent, so that columns stand one below the other; never rounded up to 100 %, nor a real loss to nothing. */
export function percent(ratio: number): string {
  return `${(Math.floor(ratio * 1e5 + 1e-6) / 1e3).toFixed(3)}`;
}

/** `97 %`: a share that somebody wrote. */
export function plainPercent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))} %`;
}

/** `38`, `−212`: percent of a budget, not rounded up. */
export function wholePercent(ratio: number): string {
  return `${Math.floor(ratio * 100 + 1e-6)}`.replace("-", "−");
}

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function money(amount: number): string {
  return grouped.format(amount);
}

/** `168 h`, `3 h 05 min`, `12 min 04 s`, `4 s`, `0`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.round(whole / 60);
  if (minutes >= 100 * 60) return `${grouped.format(minutes / 60)} h`;
  if (minutes >= 60) return inTwo([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
  if (whole >= 60) return inTwo([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  return whole === 0 ? "0" : `${whole} s`;
}

type Part = readonly [value: number, unit: string];

function inTwo([value, unit]: Part, [rest, smaller]: Part): string {
  return rest === 0 ? `${value} ${unit}` : `${value} ${unit} ${String(rest).padStart(2, "0")} ${smaller}`;
}

/** Writes times of a period in a zone, to the second: `2026-11-02 06:14:03`; where the clocks change within it, with the offset. */
export function instantsOf({ from, to }: { readonly from: number; readonly to: number }, zone: string): (time: number) => string {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  const offset = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" });
  const offsetOf = (time: number): string => offset.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const changes = offsetOf(from) !== offsetOf(to);
  // The Swedish locale writes dates as ISO 8601 does.
  return (time) => `${clock.format(time)}${changes ? ` ${offsetOf(time).replace("GMT", "UTC")}` : ""}`;
}

const monthNames = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "long", year: "numeric" });
const dayNames = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });

/** `November 2026`, `2 November 2026`, `2 November 2026 to 8 November 2026`. */
export function periodText(period: string): string {
  if (/^\d{4}-\d{2}$/.test(period)) return monthNames.format(Date.parse(`${period}-01`));
  const days = period.split("..").map((day) => dayNames.format(Date.parse(day)));
  return [...new Set(days)].join(" to ");
}
