import type { Span } from "../../config/calendar.ts";
import type { IncidentView } from "../../core/incident-view.ts";
import type { Level } from "../../core/level.ts";
import { reasonOf } from "../../core/reason.ts";
import type { OutageIncident, OutageView } from "../../core/service-level.ts";
import { classOf, type TimeClass } from "./state.ts";
import type { Timeline } from "./timeline.ts";

/** Incidents that hurt a service at some moment in [from, to). */
export type IncidentsOf = (asked: { readonly service: string; readonly from: number; readonly to: number }) => readonly IncidentView[];

/** A stretch of scheduled time that was not good. */
export interface Outage extends Span {
  readonly kind: Exclude<TimeClass, "good">;
}

/** Stretches of scheduled time that were not good, in order; those that touch and are of one kind are one. */
export function outagesOf(timeline: Timeline, spans: readonly Span[], level: Level): readonly Outage[] {
  const found: { kind: Outage["kind"]; from: number; to: number }[] = [];
  for (const span of spans) {
    timeline.walk(span.from, span.to, (from, to, code) => {
      const kind = classOf(code, level);
      const last = found.at(-1);
      if (kind === "good") return;
      if (last?.kind === kind && last.to === from) last.to = to;
      else found.push({ kind, from, to });
    });
  }
  return found;
}

/** Outages of one service with what people were told of each. Of time that nobody knows of nobody was told why. */
export function blamed(service: string, outages: readonly Outage[], incidentsOf: IncidentsOf): readonly OutageView[] {
  const [first, last] = [outages[0], outages.at(-1)];
  if (first === undefined || last === undefined) return [];
  const told = [...incidentsOf({ service, from: first.from, to: last.to })].sort((a, b) => a.opened - b.opened);
  return outages.map((outage) => ({
    ...outage,
    incidents: outage.kind === "unknown" ? [] : told.filter((one) => wasOpen(one, outage)).map((one) => incidentOf(one, service)),
  }));
}

/** The incidents of several outages, each once. */
export function incidentsAmong(outages: readonly OutageView[]): readonly OutageIncident[] {
  return [...new Map(outages.flatMap(({ incidents }) => incidents.map((one) => [one.id, one] as const))).values()];
}

export function downCount(outages: readonly Outage[]): number {
  return outages.filter(({ kind }) => kind === "down").length;
}

function wasOpen({ opened, resolved }: IncidentView, { from, to }: Span): boolean {
  return opened < to && (resolved ?? Number.POSITIVE_INFINITY) > from;
}

function incidentOf({ id, causes, services }: IncidentView, service: string): OutageIncident {
  const hurt = services.find((one) => one.id === service);
  return { id, causes, reason: hurt === undefined ? "" : reasonOf(hurt) };
}
