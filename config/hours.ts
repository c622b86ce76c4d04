import { DateTime } from "luxon";

/** Hours of a week: on each of these days from one time of day to another; to the next day where they end before they start. */
export interface WeeklyHours {
  /** 1 is Monday, 7 Sunday (ISO 8601): the days on which they begin. */
  readonly days: readonly number[];
  /** Minutes since midnight. */
  readonly from: number;
  /** Minutes since midnight; 1440 is the end of the day. */
  readonly to: number;
}

/** Moments: from inclusive, to exclusive, ms since epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
export const hoursForm = 'days and hours such as "Mon-Fri 06:00-22:00" or "Sun 22:00-02:00"';

/** Reads `Mon,Wed-Fri 06:00-22:00`; undefined where it is not that. `Sat-Mon` goes over the end of the week. */
export function parseHours(text: string): WeeklyHours | undefined {
  const [, names, start, end] = /^(\S+)\s+(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(text.trim()) ?? [];
  if (names === undefined || start === undefined || end === undefined) return undefined;
  const days = parseDays(names);
  const from = minutesOf(start);
  const to = minutesOf(end);
  if (days === undefined || from === undefined || to === undefined || from === to || from === 1440) return undefined;
  return { days, from, to };
}

function parseDays(text: string): readonly number[] | undefined {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const ends = part.split("-").map((name) => dayNames.indexOf(name) + 1);
    const [first = 0, last = first] = ends;
    if (ends.length > 2 || ends.includes(0)) return undefined;
    for (let day = first; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort();
}

function minutesOf(text: string): number | undefined {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  const total = hours * 60 + minutes;
  return minutes < 60 && total <= 1440 ? total : undefined;
}

/** Hours of a week in a time zone, without those that begin on one of these days (`2026-12-24`, both ends inclusive). */
export interface Week {
  readonly zone: string;
  readonly hours: readonly WeeklyHours[];
  readonly except?: readonly { readonly first: string; readonly last: string }[];
}

/**
 * The span that `now` is in, or the next one within eight days. Local times are read in the zone: one that a DST change skips
 * is the moment after the gap, one that it repeats the first of the two.
 */
export function spanAtOrAfter({ zone, hours, except = [] }: Week, now: number): Span | undefined {
  const today = DateTime.fromMillis(now, { zone }).startOf("day");
  let best: Span | undefined;
  for (let offset = -1; offset <= 8; offset++) {
    const day = today.plus({ days: offset });
    const date = day.toISODate() ?? "";
    if (except.some(({ first, last }) => first <= date && date <= last)) continue;
    for (const { days, from, to } of hours) {
      if (!days.includes(day.weekday)) continue;
      const span = { from: momentOf(day, from), to: momentOf(day, to > from ? to : to + 1440) };
      if (span.to > now && (best === undefined || span.from < best.from)) best = span;
    }
  }
  return best;
}

/** True while these hours are. The function looks at the calendar only when it has to: asked each second it costs nothing. */
export function openingOf(week: Week): (now: number) => boolean {
  let known = { from: 0, to: 0, open: false };
  return (now) => {
    if (now < known.from || now >= known.to) {
      const span = spanAtOrAfter(week, now) ?? { from: now + 86_400_000, to: now + 86_400_000 };
      const open = span.from <= now;
      known = { from: now, to: open ? span.to : span.from, open };
    }
    return known.open;
  };
}

function momentOf(day: DateTime, minutes: number): number {
  const { year, month, day: date } = day.plus({ days: Math.floor(minutes / 1440) });
  const local = { year, month, day: date, hour: Math.floor((minutes % 1440) / 60), minute: minutes % 60 };
  return DateTime.fromObject(local, { zone: day.zoneName ?? "UTC" }).toMillis();
}

/** A calendar's opening times as a week. What its grammar let through and is no time of day is left out. */
export function weekOf(calendar: { readonly zone: string; readonly open: readonly string[]; readonly except: readonly string[] }): Week {
  return {
    zone: calendar.zone,
    hours: calendar.open.flatMap((text) => parseHours(text) ?? []),
    except: calendar.except.map((text) => {
      const [first = "", last = first] = text.split("..");
      return { first, last };
    }),
  };
}
