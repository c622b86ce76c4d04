import { describe, expect, test } from "vitest";
import { compileCalendar, periodSpan, type Span } from "../../config/calendar.ts";
import { maintenanceWindows } from "../../config/maintenance.ts";
import { AssetIndex } from "../../config/members.ts";
import { openingOf } from "../../config/opening.ts";

/**
 * Changes of the clocks in 2026, of an hour, of half an hour and not at all: the night over which they happen, and minutes of
 * that Sunday that the clocks skip or repeat. All instants are UTC.
 */
interface Change {
  readonly zone: string;
  readonly what: "gap" | "overlap" | "none";
  /** 22:00 on Saturday and 06:00 on Sunday. */
  readonly night: readonly [from: string, to: string];
  readonly hours: number;
  /** A range of local time within the change, and what it is in time; the same time twice where it never comes. */
  readonly within: readonly [range: string, from: string, to: string];
  readonly sunday: string;
}

const changes: readonly Change[] = [
  {
    ...{ zone: "Europe/Berlin", what: "gap", sunday: "2026-03-29", hours: 7 },
    night: ["2026-03-28T21:00", "2026-03-29T04:00"],
    within: ["02:15-02:45", "2026-03-29T01:00", "2026-03-29T01:00"],
  },
  {
    ...{ zone: "Europe/Berlin", what: "overlap", sunday: "2026-10-25", hours: 9 },
    night: ["2026-10-24T20:00", "2026-10-25T05:00"],
    within: ["02:15-02:45", "2026-10-25T00:15", "2026-10-25T00:45"],
  },
  {
    ...{ zone: "America/New_York", what: "gap", sunday: "2026-03-08", hours: 7 },
    night: ["2026-03-08T03:00", "2026-03-08T10:00"],
    within: ["02:15-02:45", "2026-03-08T07:00", "2026-03-08T07:00"],
  },
  {
    ...{ zone: "America/New_York", what: "overlap", sunday: "2026-11-01", hours: 9 },
    night: ["2026-11-01T02:00", "2026-11-01T11:00"],
    within: ["01:15-01:45", "2026-11-01T05:15", "2026-11-01T05:45"],
  },
  {
    ...{ zone: "Australia/Lord_Howe", what: "gap", sunday: "2026-10-04", hours: 7.5 },
    night: ["2026-10-03T11:30", "2026-10-03T19:00"],
    within: ["02:05-02:25", "2026-10-03T15:30", "2026-10-03T15:30"],
  },
  {
    ...{ zone: "Australia/Lord_Howe", what: "overlap", sunday: "2026-04-05", hours: 8.5 },
    night: ["2026-04-04T11:00", "2026-04-04T19:30"],
    within: ["01:35-01:55", "2026-04-04T14:35", "2026-04-04T14:55"],
  },
  {
    ...{ zone: "Asia/Kathmandu", what: "none", sunday: "2026-03-29", hours: 8 },
    night: ["2026-03-28T16:15", "2026-03-29T00:15"],
    within: ["02:15-02:45", "2026-03-28T20:30", "2026-03-28T21:00"],
  },
];

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const never: Span = { from: 0, to: 0 };
const at = (time: string): number => Date.parse(`${time}Z`);
const shown = ({ from, to }: Span): readonly string[] => [from, to].map((time) => new Date(time).toISOString().slice(0, 16));

describe.each(changes)("$what in $zone", ({ zone, night, hours, within: [range, first, last], sunday }) => {
  const [from, to] = [at(night[0]) - dayMs / 2, at(night[1]) + dayMs / 2];
  const calendar = (...open: string[]) => compileCalendar({ zone, open, except: [] });

  test("a calendar's night is as long as it really was", () => {
    expect(calendar("Sat 22:00-06:00").spans(from, to).map(shown)).toEqual([night]);
    expect(at(night[1]) - at(night[0])).toBe(hours * hourMs);
  });

  test("what the clocks skip is no time, what they repeat is the first of the two", () => {
    const expected = first === last ? [] : [[first, last]];
    expect(calendar(`Sun ${range}`).spans(from, to).map(shown)).toEqual(expected);
  });

  test("shifts that meet within the change neither overlap nor leave time out", () => {
    const [, middle = ""] = range.split("-");
    const shifts = calendar(`Sat 22:00-${middle}`, `Sun ${middle}-06:00`).shifts(from, to);
    expect(shifts.map(({ day, shift }) => `${day} ${shift}`).at(-1)).toBe(`${sunday} ${middle}-06:00`);
    expect(shifts.reduce((sum, one) => sum + one.to - one.from, 0)).toBe(hours * hourMs);
    expect(shifts.map((one) => one.from).slice(1)).toEqual(shifts.map((one) => one.to).slice(0, -1));
  });

  test("quiet hours are open until the clock on the wall says that they end", () => {
    const quiet = openingOf(calendar("Mon-Sun 22:00-06:00"));
    const asked = [at(night[0]) - 1000, at(night[0]), at(night[1]) - 1000, at(night[1])];
    expect(asked.map(quiet)).toEqual([false, true, true, false]);
  });

  test("maintenance windows, once and each week, are that long, too", () => {
    const saturday = new Date(Date.parse(sunday) - dayMs).toISOString().slice(0, 10);
    const common = { asset: "a", zone, why: "x" };
    const windows = maintenanceWindows(
      [
        { ...common, from: `${saturday}T22:00`, to: `${sunday}T06:00` },
        { ...common, every: "Sat 22:00-06:00" },
      ],
      new AssetIndex([{ id: "a", labels: {} }]),
    );
    expect(windows.map((window) => shown(window.spanAtOrAfter(from) ?? never))).toEqual([night, night]);
  });

  test("a report's day is as long as it really was", () => {
    const day = periodSpan(sunday, zone) ?? never;
    expect(day.to - day.from).toBe((hours - 8) * hourMs + dayMs);
  });
});

test.each([
  ["Europe/Berlin", "2026-03", -1],
  ["Europe/Berlin", "2026-10", 1],
  ["America/New_York", "2026-03", -1],
  ["America/New_York", "2026-11", 1],
  ["Australia/Lord_Howe", "2026-10", -0.5],
  ["Australia/Lord_Howe", "2026-04", 0.5],
  ["Asia/Kathmandu", "2026-03", 0],
])("a report of a month in %s: %s is longer by %d h", (zone, month, hours) => {
  const span = periodSpan(month, zone) ?? never;
  const next = new Date(Date.parse(`${month}-01`));
  const plain = Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1) - next.getTime();
  expect(span.to - span.from).toBe(plain + hours * hourMs);
});

test.each([
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
])("the months of a year in %s are the year", (zone) => {
  const months = Array.from({ length: 12 }, (_, i) => periodSpan(`2026-${String(i + 1).padStart(2, "0")}`, zone) ?? never);
  expect(months.map(({ from }) => from).slice(1)).toEqual(months.map(({ to }) => to).slice(0, -1));
  expect((months.at(-1)?.to ?? 0) - (months[0]?.from ?? 0)).toBe(365 * dayMs);
});
