import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { Recorder } from "../../../collector/slo/recorder.ts";
import { ServiceLevelKeeper } from "../../../collector/slo/service-levels.ts";
import { silentLog } from "../../../core/log.ts";
import { configOf } from "../stage.ts";
import { hour, minute, standing } from "./sample-levels.ts";

const start = Date.UTC(2026, 10, 2, 5);
const config = configOf({
  assets: { a: {} },
  calendars: { day: { zone: "Europe/Prague", open: ["Mon-Fri 06:00-22:00"] } },
  services: {
    line: { needs: ["asset a"], slo: "99%", calendar: "day", cost_per_hour: "4000 EUR" },
    strict: { needs: ["asset a"], slo: { target: "99%", level: "warning", window: "7d" } },
    plain: { needs: ["asset a"] },
  },
});
let dir: string;
let now: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millwright-levels-"));
  now = start;
  return () => rmSync(dir, { recursive: true, force: true });
});

let levels = { line: "ok" } as { line: "ok" | "warning" | "major" | "critical" };
const services = () => [standing("line", levels.line), standing("strict", levels.line), standing("plain", "ok")];

function keeper(facts: ReadonlyMap<string, string> = new Map()): ServiceLevelKeeper {
  levels = { line: "ok" };
  const kept = new ServiceLevelKeeper({
    recorder: new Recorder({ dir, log: silentLog, now }),
    facts,
    incidentsOf: () => [],
    now: () => now,
  });
  kept.begin(config, services());
  return kept;
}

/** Lets minutes pass at this level; returns who had news. */
function pass(kept: ServiceLevelKeeper, minutes: number, level: typeof levels.line): string[] {
  levels.line = level;
  kept.hear(
    services().map((one) => ({
      type: "service",
      service: { ...one, name: "", owner: "", level: one.low, since: 0, why: "", causes: [], impact: [] },
    })),
    now,
  );
  const news: string[] = [];
  for (let i = 0; i < minutes * 60; i++) {
    now += 1000;
    news.push(...kept.tick(now, services));
  }
  return news;
}

test("a burn-rate alarm begins and ends, is news each time, and keeps its beginning over a restart", async () => {
  const first = keeper();
  expect(pass(first, 60, "ok")).toEqual([]);
  expect(new Set(pass(first, 10, "critical"))).toEqual(new Set(["line", "strict"]));
  const fast = first.slo("line")?.burn[0];
  expect(fast).toMatchObject({ name: "14.4x over 1h and 5m", level: "critical", firing: true });
  const since = fast?.since ?? 0;
  expect(since).toBeGreaterThan(start + 60 * minute);
  const facts = first.dirtyFacts();
  expect([...facts.keys()]).toContain("slo/burn/line");
  await first.close();
  now += 10_000;
  const second = keeper(facts);
  expect(second.slo("line")?.burn[0]).toMatchObject({ firing: true, since });
  expect(pass(second, 10, "ok")).toContain("line");
  expect(second.slo("line")?.burn[0]).toMatchObject({ firing: false, since: null });
  expect(second.dirtyFacts().get("slo/burn/line")).toBe("{}");
});

test("each SLO has its own level", () => {
  const kept = keeper();
  pass(kept, 60, "warning");
  expect(kept.slo("line")).toMatchObject({ down_seconds: 0, level: "major", target: 0.99 });
  expect(kept.slo("strict")?.down_seconds).toBeGreaterThan(3500);
  expect(kept.slo("plain")).toBeUndefined();
});

test("the SLO's block is fresh within half a minute", () => {
  const kept = keeper();
  pass(kept, 60, "ok");
  expect(kept.slo("line")?.good_seconds).toBeGreaterThanOrEqual(3570);
  expect(kept.slo("line")?.good_seconds).toBeLessThanOrEqual(3600);
});

test("time before the first record is unknown, and widens the range", () => {
  const kept = keeper();
  pass(kept, 60, "ok");
  const period = kept.period("line", { from: start - hour, to: now });
  expect(period).toMatchObject({ good_seconds: 3600, scheduled_seconds: 3600, coverage: 1 });
  const earlier = kept.period("strict", { from: start - hour, to: now });
  expect(earlier).toMatchObject({ good_seconds: 3600, unknown_seconds: 3600, coverage: 0.5, sli: { low: 0.5, high: 1 }, met: "unknown" });
  expect(kept.period("nobody", { from: 0, to: 1 })).toBeUndefined();
});

test("a report so far counts until now, and the budget of the whole period", () => {
  const kept = keeper();
  pass(kept, 60, "ok");
  pass(kept, 60, "critical");
  const report = kept.report({ period: "2026-11-02", byShift: false });
  const line = report?.services.find(({ service }) => service === "line");
  expect(report?.complete).toBe(false);
  expect(line).toMatchObject({ good_seconds: 3600, down_seconds: 3600, met: "no", cost: { low: 4000, high: 4000, currency: "EUR" } });
  // 1 % of 16 scheduled hours.
  expect(line?.budget?.seconds).toBeCloseTo(576);
  expect(line?.outages).toEqual([{ kind: "down", from: start + hour, incidents: [], to: start + 2 * hour }]);
  expect(kept.report({ period: "month", byShift: false, service: "nobody" })).toBeUndefined();
});

test("facts that cannot be read are as good as none", () => {
  const facts = new Map([
    ["slo/burn/line", "{{{"],
    ["slo/burn/strict", '{"x": "y"}'],
  ]);
  expect(
    keeper(facts)
      .slo("line")
      ?.burn.every(({ firing }) => !firing),
  ).toBe(true);
});
