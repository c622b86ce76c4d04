import { instantOf, localOf } from "./local-time.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** From inclusive, to exclusive, ms since epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One range of one day: a shift. */
export interface ShiftSpan extends Span {
  /** `22:00-06:00`. */
  readonly shift: string;
  /** The local day on which it begins, `2026-11-02`. */
  readonly day: string;
}

/** Days of a week and hours of these days, as config has them: `Mon-Fri 06:00-14:00,15:00-22:00`. */
export interface OpenHours {
  /** 0 = Monday. */
  readonly days: ReadonlySet<number>;
  /** Minutes after local midnight; past 1440 where the range ends on the next day. */
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly text: string }[];
}

/** When something is scheduled. */
export interface Schedule {
  readonly zone: string;
  /** Open time within a period: in order, apart from each other. */
  spans(from: number, to: number): readonly Span[];
  /** Every range of `open` by itself, cut to the period, in order of time. */
  shifts(from: number, to: number): readonly ShiftSpan[];
}

/** Reads a line of `open`. Returns what is wrong with it as text. */
export function parseOpenHours(line: string): OpenHours | string {
  const match = /^(\S+)\s+(\S+)$/.exec(line.trim());
  if (match === null) return 'expected days and hours such as "Mon-Fri 06:00-22:00"';
  const days = parseDays(match[1] ?? "");
  if (typeof days === "string") return days;
  const ranges: { from: number; to: number; text: string }[] = [];
  for (const text of (match[2] ?? "").split(",")) {
    const range = parseRange(text);
    if (typeof range === "string") return range;
    ranges.push(range);
  }
  return { days, ranges };
}

function parseDays(text: string): ReadonlySet<number> | string {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first = "", last = first, ...rest] = part.split("-");
    const from = dayNames.indexOf(first as (typeof dayNames)[number]);
    const to = dayNames.indexOf(last as (typeof dayNames)[number]);
    if (from < 0 || to < 0 || rest.length > 0)
      return `${JSON.stringify(part)} is no day or range of days: they are ${dayNames.join(", ")}, as in Mon-Fri`;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return days;
}

function parseRange(text: string): { from: number; to: number; text: string } | string {
  const [first = "", last = "", ...rest] = text.split("-");
  if (rest.length > 0 || last === "") return `${JSON.stringify(text)} is no range of hours such as 06:00-22:00`;
  for (const time of [first, last]) {
    const fault = timeFault(time);
    if (fault !== undefined) return fault;
  }
  const from = minutes(first);
  const to = minutes(last);
  if (first === "24:00") return "24:00 can end a range, not begin it";
  if (from === to) return `${text} is empty: the whole day is 00:00-24:00`;
  return { from, to: to > from ? to : to + 1440, text };
}

function timeFault(time: string): string | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(time);
  if (match === null) return `${JSON.stringify(time)} is no time such as 06:00`;
  if (time === "24:00") return undefined;
  if (Number(match[1]) > 23) return `${time}: there is no hour ${match[1]}, expected 00 to 23 (or 24:00 as an end)`;
  return Number(match[2]) > 59 ? `${time}: there is no minute ${match[2]}, expected 00 to 59` : undefined;
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** Reads a day or days of `except` as local midnights, the last one included. Returns what is wrong as text. */
export function parseDayRange(text: string): Span | string {
  const [first = "", last = first, ...rest] = text.split("..");
  if (rest.length > 0) return 'expected a day or days such as "2026-12-24..2026-12-26"';
  for (const day of [first, last]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return `${JSON.stringify(day)} is no day such as 2026-12-24`;
    if (dayText(Date.parse(`${day}T00:00Z`)) !== day) return `${day}: there is no such day`;
  }
  if (last < first) return `ends on ${last}, before it begins on ${first}`;
  return { from: Date.parse(`${first}T00:00Z`), to: Date.parse(`${last}T00:00Z`) };
}

/** `2026-11-02` of a local midnight given as if it were UTC; empty where that is no date. */
function dayText(midnight: number): string {
  return Number.isNaN(midnight) ? "" : new Date(midnight).toISOString().slice(0, 10);
}

/** Open all the time. */
export function aroundTheClock(zone: string): Schedule {
  const whole = (from: number, to: number): readonly Span[] => (to > from ? [{ from, to }] : []);
  const open = { days: new Set([0, 1, 2, 3, 4, 5, 6]), ranges: [{ from: 0, to: 1440, text: "00:00-24:00" }] };
  return { zone, spans: whole, shifts: new Days({ zone, open: [open], except: [] }).shifts };
}

/** What a calendar says, read already. */
interface CalendarTimes {
  readonly zone: string;
  readonly open: readonly OpenHours[];
  readonly except: readonly Span[];
}

/** A calendar as config has it. */
export interface CalendarLines {
  readonly zone: string;
  readonly open: readonly string[];
  readonly except: readonly string[];
}

/** Config is checked before it comes here. */
function read<T extends object>(found: T | string): T {
  if (typeof found === "string") throw new RangeError(found);
  return found;
}

/**
 * A calendar as a schedule. Throws RangeError for lines that the schema refuses. Local times are read as `instantOf` says, so a shift over a change of the clocks is as long as it
 * really is. A range belongs to the day on which it begins: an exception on that day closes it whole, also past midnight.
 */
export function compileCalendar({ zone, open, except }: CalendarLines): Schedule {
  const days = new Days({
    zone,
    open: open.map((line) => read(parseOpenHours(line))),
    except: except.map((line) => read(parseDayRange(line))),
  });
  return { zone, spans: (from, to) => union(days.shifts(from, to)), shifts: days.shifts };
}

/** Overlapping and touching spans, in order of their beginning, as one. */
function union(spans: readonly Span[]): readonly Span[] {
  const found: { from: number; to: number }[] = [];
  for (const { from, to } of spans) {
    const last = found.at(-1);
    if (last === undefined || from > last.to) found.push({ from, to });
    else last.to = Math.max(last.to, to);
  }
  return found;
}

/** Most days that are kept worked out: some years. */
const mostDays = 2000;

class Days {
  readonly #times: CalendarTimes;
  readonly #known = new Map<number, readonly ShiftSpan[]>();

  constructor(times: CalendarTimes) {
    this.#times = times;
  }

  readonly shifts = (from: number, to: number): readonly ShiftSpan[] => {
    const found: ShiftSpan[] = [];
    const { zone } = this.#times;
    // A range that began the day before may reach into the period.
    const first = Math.floor(localOf(from, zone) / dayMs) - 1;
    const last = Math.floor(localOf(to, zone) / dayMs);
    for (let day = first; day <= last; day++) {
      for (const shift of this.#day(day)) {
        if (shift.to > from && shift.from < to) found.push({ ...shift, from: Math.max(shift.from, from), to: Math.min(shift.to, to) });
      }
    }
    return found.sort((a, b) => a.from - b.from);
  };

  /** The shifts that begin on a local day, by its number since 1970-01-01. */
  #day(day: number): readonly ShiftSpan[] {
    const known = this.#known.get(day);
    if (known !== undefined) return known;
    if (this.#known.size >= mostDays) this.#known.clear();
    const shifts = this.#computed(day);
    this.#known.set(day, shifts);
    return shifts;
  }

  #computed(day: number): readonly ShiftSpan[] {
    const { zone, open, except } = this.#times;
    const midnight = day * dayMs;
    if (except.some(({ from, to }) => midnight >= from && midnight <= to)) return [];
    // 1970-01-01 was a Thursday.
    const weekday = (((day + 3) % 7) + 7) % 7;
    const ranges = open.filter(({ days }) => days.has(weekday)).flatMap((hours) => hours.ranges);
    const at = (minute: number): number => instantOf(midnight + minute * minuteMs, zone);
    return ranges
      .map(({ from, to, text }) => ({ from: at(from), to: at(to), shift: text, day: dayText(midnight) }))
      .filter(({ from, to }) => to > from);
  }
}

/**
 * What a report may be about, in local time of a zone: `2026-11`, `2026-11-02`, or `2026-11-02..2026-11-08` with both ends.
 * Undefined where the text is none of these.
 */
export function periodSpan(text: string, zone: string): Span | undefined {
  const days = dayOrMonth(text);
  return days === undefined ? undefined : { from: instantOf(days.from, zone), to: instantOf(days.to, zone) };
}

function dayOrMonth(text: string): Span | undefined {
  const month = /^(\d{4})-(\d{2})$/.exec(text);
  if (month !== null) {
    const [year, index] = [Number(month[1]), Number(month[2]) - 1];
    return index < 0 || index > 11 ? undefined : { from: Date.UTC(year, index), to: Date.UTC(year, index + 1) };
  }
  const days = parseDayRange(text);
  return typeof days === "string" ? undefined : { from: days.from, to: days.to + dayMs };
}

/** `2026-11` of a moment in a zone; `back` months before it. */
export function monthOf(at: number, zone: string, back = 0): string {
  const local = new Date(localOf(at, zone));
  return new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - back)).toISOString().slice(0, 7);
}
