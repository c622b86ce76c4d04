import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type RunningCollector, startCollector } from "../../collector/collector.ts";
import { silentLog } from "../../core/log.ts";
import type { PeriodView, SloView } from "../../core/service-level.ts";
import { FakeClock } from "../fake-clock.ts";
import { configOf } from "./stage.ts";

const hour = 3_600_000;

/** A collector with a store of its own, on a free port, by a clock that the test turns. */
function collectorAt(dir: string, clock: FakeClock): Promise<RunningCollector> {
  const config = configOf({
    collector: { listen: "127.0.0.1:0", store: { duckdb: { dir } } },
    assets: { server: { snmp: { host: "127.0.0.1", community: "env:C" } } },
    services: { mes: { needs: ["asset server"], slo: "99%" } },
  });
  return startCollector({ config, clock, log: silentLog, webRoot: dir });
}

async function sloOf(collector: RunningCollector, query = ""): Promise<PeriodView & { readonly slo: SloView }> {
  const response = await fetch(`${collector.url}/api/v1/services/mes/slo${query}`);
  return (await response.json()) as PeriodView & { readonly slo: SloView };
}

test("a collector keeps what it saw over a restart, and says what it did not see", async () => {
  const dir = mkdtempSync(join(tmpdir(), "millwright-collector-"));
  const clock = new FakeClock(Date.UTC(2026, 10, 2, 6));
  try {
    const first = await collectorAt(dir, clock);
    // Nobody ever delivers: after dead_after the server is down for sure.
    await clock.advance(1_200_000);
    const before = await sloOf(first);
    expect(before.slo.down_seconds).toBeGreaterThan(300);
    expect(before.slo.burn.some(({ firing }) => firing)).toBe(true);
    const { since } = before.slo.burn.find(({ firing }) => firing) ?? { since: null };
    await first.stop();
    clock.step(hour);
    const second = await collectorAt(dir, clock);
    const after = await sloOf(second, `?from=${Date.UTC(2026, 10, 2, 6)}`);
    expect(after.down_seconds).toBeCloseTo(before.slo.down_seconds, 0);
    expect(after.unknown_seconds).toBeCloseTo(hour / 1000 + 1200 - before.slo.down_seconds, 0);
    expect(after.outages.map(({ kind }) => kind)).toEqual(["unknown", "down", "unknown"]);
    expect(after.slo.burn.find(({ firing }) => firing)?.since ?? since).toBe(since);
    const { services } = (await (await fetch(`${second.url}/api/v1/services`)).json()) as { services: { slo?: SloView }[] };
    expect(services[0]?.slo?.target).toBe(0.99);
    await second.stop();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
