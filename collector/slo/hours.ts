import type { Schedule } from "../../config/calendar.ts";
import { reachMs, spanAtOrAfter } from "../../config/opening.ts";
import type { HoursView } from "../../core/service-view.ts";

/** Whether a calendar is open at a moment, and when that changes. */
export function hoursOf({ calendar, schedule }: { readonly calendar: string; readonly schedule: Schedule }, now: number): HoursView {
  const span = spanAtOrAfter(schedule, now);
  const closed = { calendar, zone: schedule.zone, open: false, changes: null };
  if (span === undefined) return closed;
  const open = span.from <= now;
  const changes = open ? span.to : span.from;
  return { ...closed, open, changes: changes >= now + reachMs ? null : changes };
}
