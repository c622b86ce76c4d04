import { describe, expect, test } from "vitest";
import { runTest } from "../../../collector/rehearsal/verdict.ts";
import { rulesTestFile, type Story } from "../../../config/rules-test.ts";
import { configOf } from "../stage.ts";

/** The duty has quiet hours every night, and the belt of `b` is worked on in the night to Sunday. */
function plantIn(zone: string) {
  const webhook = { url: "https://x.example" };
  return configOf({
    assets: { a: {}, b: {} },
    services: { line: { needs: ["asset a"] }, spare: { needs: ["asset b"] } },
    calendars: { night: { zone, open: ["Mon-Sun 22:00-06:00"] } },
    maintenance: [{ asset: "b", every: "Sat 22:00-06:00", zone, why: "belt" }],
    notify: { routes: [{ level: "major", quiet: "night", group: "0s", to: ["duty"] }], channels: { duty: { webhook } } },
  });
}

/** One asset is critical from 10 s on, over five minutes that begin here. */
function story(asset: string, start: string, expect: readonly object[]): Story {
  const levels = { [asset]: "ok criticalx60" };
  const [test] = rulesTestFile.parse({ config: "x", tests: [{ start, every: "10s", levels, expect }] }).tests;
  if (test === undefined || "given" in test) throw new Error("no story");
  return test;
}

describe.each([
  ["Europe/Berlin", "2026-03-29T03:58:00Z"],
  ["Europe/Berlin", "2026-10-25T04:58:00Z"],
  ["America/New_York", "2026-03-08T09:58:00Z"],
  ["America/New_York", "2026-11-01T10:58:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T18:58:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T19:28:00Z"],
  ["Asia/Kathmandu", "2026-03-29T00:13:00Z"],
])("in %s, two minutes before 06:00 of the day on which the clocks change (%s)", (zone, start) => {
  const config = plantIn(zone);
  const told = { to: "duty", kind: "opened", at: "2m", level: "critical" };

  test("the duty is told when the quiet hours end by the clock on the wall", () => {
    const expected = [
      { at: "119s", notifications: [], incidents: [{ cause: "a", level: "critical" }] },
      { at: "3m", notifications: [{ ...told, causes: ["a"] }] },
    ];
    expect(runTest(config, story("a", start, expected))).toEqual([]);
  });

  test("planned work ends by it, too: what is still broken then is told", () => {
    const expected = [
      { at: "119s", notifications: [], incidents: [{ cause: "b", planned: true }] },
      { at: "3m", notifications: [{ ...told, causes: ["b"] }], incidents: [{ cause: "b", planned: false }] },
    ];
    expect(runTest(config, story("b", start, expected))).toEqual([]);
  });

  test("an hour earlier nobody is told anything", () => {
    const earlier = `${new Date(Date.parse(start) - 3_600_000).toISOString().slice(0, 19)}Z`;
    expect(runTest(config, story("a", earlier, [{ at: "5m", notifications: [] }]))).toEqual([]);
  });
});
