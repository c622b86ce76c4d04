import { describe, expect, it } from "vitest";
import { maintenanceWindows } from "../../config/maintenance.ts";
import { AssetIndex } from "../../config/members.ts";

const index = new AssetIndex([
  { id: "a", labels: { line: "3", type: "filler" } },
  { id: "b", labels: { line: "3", type: "labeller" } },
  { id: "c", labels: { line: "4", type: "filler" } },
]);
const window = (from: string, to: string, zone: string) =>
  maintenanceWindows([{ assets: { labels: { line: "3" } }, from, to, zone, why: "x" }], index)[0];

describe("maintenance windows", () => {
  it.each([
    { zone: "UTC", from: "2026-12-01T22:00", to: "2026-12-02T04:00", utc: ["2026-12-01T22:00:00.000Z", "2026-12-02T04:00:00.000Z"] },
    {
      zone: "Europe/Prague",
      from: "2026-12-01T22:00",
      to: "2026-12-02T04:00",
      utc: ["2026-12-01T21:00:00.000Z", "2026-12-02T03:00:00.000Z"],
    },
    // Over the end of summer time the night is an hour longer.
    {
      zone: "Europe/Prague",
      from: "2026-10-25T01:00",
      to: "2026-10-25T04:00",
      utc: ["2026-10-24T23:00:00.000Z", "2026-10-25T03:00:00.000Z"],
    },
    // 02:15 to 02:45 comes twice that night, an hour apart: the first is meant, whatever season it is asked in.
    {
      zone: "Europe/Prague",
      from: "2026-10-25T02:15",
      to: "2026-10-25T02:45",
      utc: ["2026-10-25T00:15:00.000Z", "2026-10-25T00:45:00.000Z"],
    },
    {
      zone: "America/New_York",
      from: "2026-11-01T01:30",
      to: "2026-11-01T02:00",
      utc: ["2026-11-01T05:30:00.000Z", "2026-11-01T07:00:00.000Z"],
    },
    // 02:30 does not exist that night: the clock stands at 03:00 at once.
    {
      zone: "Europe/Prague",
      from: "2026-03-29T02:30",
      to: "2026-03-29T04:00",
      utc: ["2026-03-29T01:00:00.000Z", "2026-03-29T02:00:00.000Z"],
    },
  ])("$from to $to in $zone", ({ zone, from, to, utc }) => {
    const found = window(from, to, zone);
    const span = found?.spanAtOrAfter(0);
    expect([span?.from, span?.to].map((time) => new Date(time ?? 0).toISOString())).toEqual(utc);
    expect(found?.spanAtOrAfter(Date.parse(utc[1] ?? ""))).toBeUndefined();
    expect(found?.assets).toEqual([0, 1]);
  });
});

describe("AssetIndex", () => {
  it.each([
    { labels: { line: "3" }, found: ["a", "b"] },
    { labels: { line: "3", type: "filler" }, found: ["a"] },
    { labels: { type: "filler", id: "c" }, found: ["c"] },
    { labels: { id: "nobody" }, found: [] },
    { labels: { colour: "red" }, found: [] },
    { labels: {}, found: [] },
  ])("$labels", ({ labels, found }) => {
    expect(index.select({ labels }).map((asset) => index.idOf(asset))).toEqual(found);
  });
});

describe("recurring windows", () => {
  const weekly = (more: object = {}) =>
    maintenanceWindows([{ asset: "a", every: "Sun 22:00-02:00", zone: "Europe/Prague", why: "x", ...more }], index)[0];
  const spans = (of: ReturnType<typeof weekly>, ...at: readonly string[]) =>
    at.map((time) => {
      const span = of?.spanAtOrAfter(Date.parse(time));
      return span === undefined ? undefined : [span.from, span.to].map((moment) => new Date(moment).toISOString().slice(0, 16));
    });

  it("goes over midnight, in its own zone, week after week", () => {
    expect(spans(weekly(), "2026-11-30T00:30Z", "2026-11-30T01:00Z")).toEqual([
      ["2026-11-29T21:00", "2026-11-30T01:00"],
      ["2026-12-06T21:00", "2026-12-07T01:00"],
    ]);
  });

  it("keeps to its bounds", () => {
    const bounded = weekly({ from: "2026-12-13T23:00", to: "2026-12-20T23:00" });
    expect(spans(bounded, "2026-11-30T00:30Z", "2026-12-14T01:00Z", "2026-12-20T22:00Z")).toEqual([
      ["2026-12-13T22:00", "2026-12-14T01:00"],
      ["2026-12-20T21:00", "2026-12-20T22:00"],
      undefined,
    ]);
  });
});
