import { aroundTheClock, compileCalendar, type Schedule } from "../../config/calendar.ts";
import type { Config } from "../../config/schema.ts";
import type { Slo } from "../../config/slo.ts";
import { type Level, levelOf, MAJOR } from "../../core/level.ts";

/** What a service is measured by. */
export interface Objective {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly schedule: Schedule;
  /** Id of its calendar; null where the service is meant to be there around the clock. */
  readonly calendar: string | null;
  /** At this level or above it counts as down. */
  readonly level: Level;
  readonly slo?: Slo;
  readonly cost?: { readonly amount: number; readonly currency: string };
}

type Measured = Pick<Config, "services" | "calendars">;

/** Every service of a config by id: also without an SLO there is availability to report. */
export function objectivesOf({ services, calendars }: Measured): ReadonlyMap<string, Objective> {
  const schedules = new Map(Object.entries(calendars).map(([id, calendar]) => [id, compileCalendar(calendar)]));
  const always = aroundTheClock("UTC");
  return new Map(
    Object.entries(services).map(([id, { name, owner, calendar, slo, cost_per_hour: cost }]) => {
      const schedule = schedules.get(calendar ?? "");
      const objective: Objective = {
        id,
        name: name ?? id,
        owner: owner ?? "",
        schedule: schedule ?? always,
        calendar: schedule === undefined ? null : (calendar ?? null),
        level: slo === undefined ? MAJOR : levelOf(slo.level),
        ...(slo === undefined ? {} : { slo }),
        ...(cost === undefined ? {} : { cost }),
      };
      return [id, objective];
    }),
  );
}
