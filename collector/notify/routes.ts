import { compileCalendar } from "../../config/calendar.ts";
import type { RouteConfig } from "../../config/notify.ts";
import { openingOf } from "../../config/opening.ts";
import { isWithin } from "../../config/place.ts";
import type { Config } from "../../config/schema.ts";
import type { IncidentView } from "../../core/incident-view.ts";
import { type Level, levelOf } from "../../core/level.ts";

/** A route with all that its names stand for. */
export interface Route {
  readonly config: RouteConfig;
  /** True where this incident is the route's business: level, services, place. */
  concerns(incident: IncidentView): boolean;
  /** True while the route's calendar is open. */
  onDuty(now: number): boolean;
  /** True while quiet hours keep an incident of this level back. */
  quiet(level: Level, now: number): boolean;
}

export type NotifySettings = Pick<Config, "notify" | "calendars" | "assets">;

export function compileRoutes({ notify, calendars, assets }: NotifySettings): readonly Route[] {
  const open = new Map(Object.entries(calendars).map(([id, calendar]) => [id, openingOf(compileCalendar(calendar))]));
  const placeOf = (asset: string): string => assets[asset]?.at ?? "";
  return notify.routes.map((config) => compile(config, open, placeOf));
}

function compile(config: RouteConfig, open: ReadonlyMap<string, (now: number) => boolean>, placeOf: (asset: string) => string): Route {
  const { services, at, calendar, quiet } = config;
  const duty = calendar === undefined ? undefined : open.get(calendar);
  const night = typeof quiet === "string" ? quiet : quiet?.calendar;
  const hush = night === undefined ? undefined : open.get(night);
  const loud = typeof quiet === "object" ? levelOf(quiet.below) : 4;
  const ids = services?.id === undefined ? undefined : new Set([services.id].flat());
  return {
    config,
    concerns: (incident) =>
      levelOf(incident.level) >= levelOf(config.level) &&
      (services === undefined ||
        incident.services.some(
          ({ id, owner, level }) =>
            levelOf(level) >= levelOf(config.level) && (services.owner ?? owner) === owner && (ids === undefined || ids.has(id)),
        )) &&
      (at === undefined || incident.causes.some((cause) => isWithin(placeOf(cause), at))),
    onDuty: (now) => duty === undefined || duty(now),
    quiet: (level, now) => hush !== undefined && level < loud && hush(now),
  };
}
