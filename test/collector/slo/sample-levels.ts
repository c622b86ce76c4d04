import { Recorder, type Standing } from "../../../collector/slo/recorder.ts";
import { ServiceLevelKeeper } from "../../../collector/slo/service-levels.ts";
import { silentLog } from "../../../core/log.ts";
import { configOf } from "../stage.ts";

export const hour = 3_600_000;
export const minute = 60_000;

/** A service in a plain state. */
export function standing(id: string, level: Standing["low"], more: Partial<Standing> = {}): Standing {
  return { id, low: level, high: level, unplanned: level, ...more };
}

/** Measured services with ten days behind them: all good but for two hours yesterday, of the first one. */
export function sampleLevels({ dir, ids, now }: { dir: string; ids: readonly string[]; now: number }): ServiceLevelKeeper {
  const day = 24 * hour;
  const recorder = new Recorder({ dir, log: silentLog, now: now - 10 * day });
  const [first = "", ...rest] = ids;
  const slo = { needs: ["asset a"], slo: "97%", cost_per_hour: "4000 EUR", calendar: "two-shift" };
  const config = configOf({
    assets: { a: {} },
    calendars: { "two-shift": { zone: "Europe/Prague", open: ["Mon-Sun 06:00-14:00,14:00-22:00"] } },
    services: {
      [first]: { ...slo, name: "Bottling line 3", owner: "production" },
      ...Object.fromEntries(rest.map((id) => [id, { needs: ["asset a"] }])),
    },
  });
  let clock = now - 10 * day;
  const levels = new ServiceLevelKeeper({ recorder, facts: new Map(), incidentsOf: () => [], now: () => clock });
  levels.begin(
    config,
    ids.map((id) => standing(id, "ok")),
  );
  const middle = Math.floor(now / day) * day - day + 10 * hour;
  recorder.note(standing(first, "critical"), middle);
  recorder.note(standing(first, "ok"), middle + 2 * hour);
  clock = now;
  levels.begin(
    config,
    ids.map((id) => standing(id, "ok")),
  );
  return levels;
}
