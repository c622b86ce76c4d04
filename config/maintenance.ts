import { DateTime } from "luxon";
import { z } from "zod";
import { compileCalendar, parseOpenHours, type Span } from "./calendar.ts";
import { instantOf } from "./local-time.ts";
import type { AssetIndex } from "./members.ts";
import { spanAtOrAfter } from "./opening.ts";
import { quote } from "./quote.ts";
import { selectorMap } from "./selector.ts";
import { id, zone } from "./values.ts";

const localPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;
const localTime = z.string().regex(localPattern, 'a local time such as "2026-12-01T22:00"');
const every = z.string().superRefine((text, context) => {
  const found = parseOpenHours(text);
  if (typeof found === "string") context.addIssue({ code: "custom", message: `${quote(text)}: ${found}` });
});

export const maintenance = z
  .strictObject({
    assets: selectorMap.optional().describe("the assets that are worked on, by their labels"),
    asset: id.optional().describe("the one asset that is worked on"),
    from: localTime.optional().describe("local time of `zone`; with `every`: the first begins not before it"),
    to: localTime.optional().describe("local time of `zone`; with `every`: the last ends not after it"),
    every: every.optional().describe("days and hours of each week, such as `Sun 22:00-02:00`"),
    zone: zone.default("UTC").describe("time zone of the IANA data base"),
    why: z.string().min(1).describe("what people read"),
  })
  .superRefine((window, context) => {
    const fault = (message: string, ...path: string[]) => context.addIssue({ code: "custom", path, message });
    if ((window.assets === undefined) === (window.asset === undefined)) fault("needs `assets` (a label selector) or `asset`, and not both");
    if (window.every === undefined && (window.from === undefined || window.to === undefined))
      fault("needs `from` and `to`, or `every` where it happens each week");
    for (const key of ["from", "to"] as const) {
      const found = window[key];
      if (found !== undefined && localPattern.test(found) && !DateTime.fromISO(found).isValid)
        fault(`${quote(found)} is no day or no time of day`, key);
    }
    if (window.from !== undefined && window.to !== undefined && window.to <= window.from)
      fault(`the window ends at ${window.to}, before it starts at ${window.from}`, "to");
  });
export type MaintenanceConfig = z.output<typeof maintenance>;

/** Planned work on some assets, once or each week. */
export interface MaintenanceWindow {
  readonly why: string;
  /** Positions of the assets in the order of config. */
  readonly assets: readonly number[];
  /** The span that `now` is in, or the next one; undefined where there is none any more. */
  spanAtOrAfter(now: number): Span | undefined;
}

/**
 * The windows of a config in time. Local times are read in the window's zone; one that a DST change skips is read as the
 * moment of the change, one that it repeats as the first of the two, as in calendars.
 */
export function maintenanceWindows(windows: readonly MaintenanceConfig[], index: AssetIndex): readonly MaintenanceWindow[] {
  return windows.map((window) => ({
    why: window.why,
    assets: index.select(window.assets ?? { labels: { id: window.asset ?? "" } }),
    spanAtOrAfter: spansOf(window),
  }));
}

function spansOf(window: MaintenanceConfig): MaintenanceWindow["spanAtOrAfter"] {
  const moment = (local: string | undefined, otherwise: number): number =>
    local === undefined ? otherwise : instantOf(Date.parse(`${local}Z`), window.zone);
  const bounds = { from: moment(window.from, Number.NEGATIVE_INFINITY), to: moment(window.to, Number.POSITIVE_INFINITY) };
  if (window.every === undefined) return (now) => (now < bounds.to ? bounds : undefined);
  const schedule = compileCalendar({ zone: window.zone, open: [window.every], except: [] });
  return (now) => {
    const span = spanAtOrAfter(schedule, Math.max(now, bounds.from));
    if (span === undefined || span.from >= bounds.to || now >= bounds.to) return undefined;
    return { from: Math.max(span.from, bounds.from), to: Math.min(span.to, bounds.to) };
  };
}
