import { expect, test } from "vitest";
import { hoursOf } from "../../../collector/slo/hours.ts";
import { compileCalendar } from "../../../config/calendar.ts";

function hours(zone: string, open: readonly string[], now: string): readonly [open: boolean, changes: string | null] {
  const schedule = compileCalendar({ zone, open, except: [] });
  const view = hoursOf({ calendar: "shifts", schedule }, Date.parse(now));
  expect(view).toMatchObject({ calendar: "shifts", zone });
  return [view.open, view.changes === null ? null : new Date(view.changes).toISOString()];
}

const berlin = "Europe/Berlin";

test.each([
  ["within a shift", berlin, ["Mon-Fri 06:00-22:00"], "2026-11-23T12:00:00Z", true, "2026-11-23T21:00:00.000Z"],
  ["at its first moment", berlin, ["Mon-Fri 06:00-22:00"], "2026-11-23T05:00:00Z", true, "2026-11-23T21:00:00.000Z"],
  ["at its last", berlin, ["Mon-Fri 06:00-22:00"], "2026-11-23T21:00:00Z", false, "2026-11-24T05:00:00.000Z"],
  ["over the weekend", berlin, ["Mon-Fri 06:00-22:00"], "2026-11-20T22:00:00Z", false, "2026-11-23T05:00:00.000Z"],
  ["shifts that touch are one", berlin, ["Mon 06:00-14:00,14:00-22:00"], "2026-11-23T12:00:00Z", true, "2026-11-23T21:00:00.000Z"],
  ["it never closes", berlin, ["Mon-Sun 00:00-24:00"], "2026-11-23T12:00:00Z", true, null],
  ["the night with 9 hours", berlin, ["Sat 22:00-06:00"], "2026-10-24T20:00:00Z", true, "2026-10-25T05:00:00.000Z"],
  ["an end that the clocks skip", berlin, ["Sun 01:00-02:30"], "2026-03-29T00:30:00Z", true, "2026-03-29T01:00:00.000Z"],
  ["half an hour of summer time", "Australia/Lord_Howe", ["Sun 00:00-06:00"], "2026-04-04T14:00:00Z", true, "2026-04-04T19:30:00.000Z"],
] as const)("%s", (_, zone, lines, now, open, changes) => {
  expect(hours(zone, lines, now)).toEqual([open, changes]);
});
