import type { Span } from "../../config/calendar.ts";
import type { Config } from "../../config/schema.ts";
import type { CollectorEvent } from "../../core/api.ts";
import type { AvailabilityReport, BurnView, PeriodView, SloView } from "../../core/service-level.ts";
import type { HoursView } from "../../core/service-view.ts";
import { type Facts, parseFact } from "../fact.ts";
import { sloView } from "./availability.ts";
import { hoursOf } from "./hours.ts";
import { type Objective, objectivesOf } from "./objective.ts";
import type { IncidentsOf } from "./outages.ts";
import type { Recorder, Standing } from "./recorder.ts";
import { availabilityReport, periodView, type Recorded, type ReportQuery } from "./report.ts";

/** What the HTTP interface and metrics read of service levels. */
export interface ServiceLevels {
  /** The service against its SLO as last evaluated; undefined where it has none. */
  slo(id: string): SloView | undefined;
  /** One service over a stretch of time; undefined for an id that config does not know. */
  period(id: string, span: Span): PeriodView | undefined;
  /** Undefined where the report asks for a service that config does not know. */
  report(query: ReportQuery): AvailabilityReport | undefined;
}

export interface ServiceLevelsParts {
  readonly recorder: Recorder;
  /** Facts of the last run, among them since when burn-rate alarms fire. */
  readonly facts: ReadonlyMap<string, string>;
  /** What people were told of a service: reports name it beside outages. */
  readonly incidentsOf: IncidentsOf;
  readonly now: () => number;
}

const burnPrefix = "slo/burn/";
/** Every service is evaluated once in so many ticks, a part of them in each: about twice a minute. */
const rounds = 30;
/** History is kept at least so long, ms: a month of last year can be compared. */
const keptMs = 400 * 86_400_000;

type Firing = ReadonlyMap<string, number>;

/**
 * Service levels over time: records how services stand, evaluates SLOs and burn rates as time goes by, and reports. Burn-rate
 * alarms are part of a service's `slo` block; one that begins or ends to fire is told by `tick`.
 */
export class ServiceLevelKeeper implements ServiceLevels {
  readonly #parts: ServiceLevelsParts;
  #objectives: ReadonlyMap<string, Objective> = new Map();
  /** Those with an SLO, in the order of evaluation. */
  #measured: readonly Objective[] = [];
  readonly #views = new Map<string, SloView>();
  readonly #firing = new Map<string, Firing>();
  #dirty = new Map<string, string>();
  #round = 0;

  constructor(parts: ServiceLevelsParts) {
    this.#parts = parts;
    for (const [key, text] of parts.facts) {
      if (key.startsWith(burnPrefix)) this.#firing.set(key.slice(burnPrefix.length), parseFiring(text));
    }
  }

  /** Takes over a config; these are its services, and how they stand. */
  begin(config: Pick<Config, "services" | "calendars">, services: readonly Standing[]): void {
    const now = this.#parts.now();
    this.#objectives = objectivesOf(config);
    this.#measured = [...this.#objectives.values()].filter(({ slo }) => slo !== undefined);
    this.#views.clear();
    this.#parts.recorder.begin(services, now);
    for (const objective of this.#measured) this.#evaluate(objective, now);
  }

  /** Takes how services stand from what is told of them. */
  hear(events: readonly CollectorEvent[], now: number): void {
    for (const event of events) if (event.type === "service") this.#parts.recorder.note(event.service, now);
  }

  /** Lets time pass, called about once a second. Returns the ids of services of which a burn-rate alarm began or ended to fire. */
  tick(now: number, services: () => readonly Standing[]): readonly string[] {
    this.#parts.recorder.tick(now, services);
    const changed: string[] = [];
    this.#round = (this.#round + 1) % rounds;
    for (let i = this.#round; i < this.#measured.length; i += rounds) {
      const objective = this.#measured[i];
      if (objective !== undefined && this.#evaluate(objective, now)) changed.push(objective.id);
    }
    return changed;
  }

  slo(id: string): SloView | undefined {
    return this.#views.get(id);
  }

  /** Rules that fire now, by service. */
  firing(): ReadonlyMap<string, readonly BurnView[]> {
    const found = [...this.#views].map(([id, { burn }]) => [id, burn.filter(({ firing }) => firing)] as const);
    return new Map(found.filter(([, burns]) => burns.length > 0));
  }

  /** When it is in service; undefined where that is always, or config does not know it. */
  hours(id: string): HoursView | undefined {
    const { schedule, calendar = null } = this.#objectives.get(id) ?? {};
    if (schedule === undefined || calendar === null) return undefined;
    return hoursOf({ calendar, schedule }, this.#parts.now());
  }

  period(id: string, span: Span): PeriodView | undefined {
    const objective = this.#objectives.get(id);
    if (objective === undefined) return undefined;
    return periodView(objective, span, this.#recorded());
  }

  report(query: ReportQuery): AvailabilityReport | undefined {
    const one = query.service === undefined ? undefined : this.#objectives.get(query.service);
    if (query.service !== undefined && one === undefined) return undefined;
    const objectives = one === undefined ? this.#objectives.values() : [one];
    return availabilityReport(query, { objectives, ...this.#recorded() });
  }

  #recorded(): Recorded {
    const { recorder, incidentsOf, now } = this.#parts;
    return { history: recorder.history, incidentsOf, now: now() };
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    return dirty;
  }

  /** Hands the recorded states to the disk. Never rejects. */
  flush(): Promise<void> {
    return this.#parts.recorder.flush();
  }

  close(): Promise<void> {
    return this.#parts.recorder.close(this.#parts.now());
  }

  /** Forgets what is older than readings are kept, and older than a year. */
  forget(retainMs: number): void {
    this.#parts.recorder.forget(this.#parts.now() - Math.max(retainMs, keptMs));
  }

  /** True where a burn-rate alarm began or ended to fire. */
  #evaluate(objective: Objective, now: number): boolean {
    const { id } = objective;
    const before = this.#firing.get(id) ?? new Map<string, number>();
    const firingSince = (name: string): number => before.get(name) ?? now;
    const view = sloView(objective, this.#parts.recorder.history.timeline(id), { now, firingSince });
    if (view === undefined) return false;
    this.#views.set(id, view);
    const firing = new Map(view.burn.flatMap(({ name, since }) => (since === null ? [] : [[name, since] as const])));
    const same = firing.size === before.size && [...firing.keys()].every((name) => before.has(name));
    if (same) return false;
    this.#firing.set(id, firing);
    this.#dirty.set(burnPrefix + id, JSON.stringify(Object.fromEntries(firing)));
    return true;
  }
}

/** A fact that cannot be read is as good as none. */
function parseFiring(text: string): Firing {
  const found = parseFact(text);
  if (typeof found !== "object" || found === null) return new Map();
  return new Map(Object.entries(found).filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
