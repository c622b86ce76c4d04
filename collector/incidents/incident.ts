import type { IncidentService, IncidentView } from "../../core/incident-view.ts";
import { type LevelName, levelOf } from "../../core/level.ts";
import { listed } from "../listed.ts";
import type { Claim } from "./claims.ts";
import type { Hurt } from "./hurt.ts";

/** An incident as the collector keeps it. */
export interface Incident {
  readonly view: IncidentView;
  /** Grows with each incident: the older one has the smaller. */
  readonly seq: number;
  /** Grows with each thing worth telling. */
  readonly version: number;
  /** Causes it owns, with the services that blame no asset. */
  readonly owned: readonly string[];
}

/** Most lines that a history keeps; beyond that those after the first go. */
const maxLines = 50;

/** A claim that nobody had before. */
export function openIncident(claim: Claim, seq: number, now: number): Incident {
  const services = claim.services.map(serviceOf);
  const title = titleOf(services, claim);
  const view: IncidentView = {
    ...standing(claim, services),
    id: `${now.toString(36)}-${seq}`,
    title,
    state: "open",
    worst: worstOf(services),
    opened: now,
    updated: now,
    resolved: null,
    ack: null,
    history: [{ time: now, text: `${title}${because(claim)}` }],
  };
  return { view, seq, version: 1, owned: [...claim.causes] };
}

/**
 * An open incident with what it claims now. The same object where nothing changed; a new version where there is something to
 * tell: a level, a service, a cause more, work that is planned or no longer. A cause less at the same levels is only noted.
 */
export function carryOn(before: Incident, claim: Claim, now: number): Incident {
  const services = merged(before.view.services, claim.services);
  const changes = changesOf(before, claim, services);
  const fewer = before.owned.some((cause) => !claim.causes.has(cause));
  if (changes.length === 0 && !fewer) return before;
  const { view } = before;
  const level = worstOf(services);
  const told = changes.length > 0;
  return {
    ...before,
    owned: [...claim.causes],
    version: before.version + (told ? 1 : 0),
    view: {
      ...view,
      ...standing(claim, services),
      title: titleOf(services, claim),
      worst: worse(view.worst, level),
      updated: told ? now : view.updated,
      // Who has acknowledged something milder has not seen this.
      ack: levelOf(level) > levelOf(view.level) ? null : view.ack,
      history: told ? extended(view.history, now, changes.join("; ")) : view.history,
    },
  };
}

/** Nothing blames its causes any more. */
export function resolve(before: Incident, now: number): Incident {
  const { view } = before;
  const services = view.services.map((service): IncidentService => ({ ...service, level: "ok" }));
  const names = services.map(({ name }) => name);
  const title = `${few(names)} ${names.length === 1 ? "is" : "are"} ok again`;
  const history = extended(view.history, now, title);
  return {
    ...before,
    version: before.version + 1,
    view: { ...view, state: "resolved", level: "ok", title, services, updated: now, resolved: now, history },
  };
}

/** Somebody has it in hand. The same object where it is over. */
export function acknowledge(before: Incident, ack: { by: string; comment: string }, now: number): Incident {
  const { view } = before;
  if (view.state === "resolved") return before;
  const text = `acknowledged by ${ack.by}${ack.comment === "" ? "" : `: ${ack.comment}`}`;
  return { ...before, view: { ...view, ack: { ...ack, time: now }, history: extended(view.history, now, text) } };
}

function standing({ causes, services }: Claim, all: readonly IncidentService[]) {
  return {
    level: worstOf(all),
    planned: services.every(({ unplanned }) => !unplanned),
    blind: services.every(({ blind }) => blind),
    causes: [...causes].filter((cause) => !cause.includes("/")),
    services: all,
  };
}

/** Those that are hurt now, then those that are well again. */
function merged(before: readonly IncidentService[], now: readonly Hurt[]): readonly IncidentService[] {
  const hurt = new Set(now.map(({ id }) => id));
  const well = before.filter(({ id }) => !hurt.has(id)).map((service): IncidentService => ({ ...service, level: "ok" }));
  return [...now.map(serviceOf), ...well];
}

function serviceOf({ id, name, owner, level, why }: Hurt): IncidentService {
  return { id, name, owner, level, why };
}

function changesOf(before: Incident, claim: Claim, services: readonly IncidentService[]): readonly string[] {
  const was = new Map(before.view.services.map(({ id, level }) => [id, level]));
  const known = new Set(before.owned);
  const more = [...claim.causes].filter((cause) => !known.has(cause) && !cause.includes("/"));
  const now = standing(claim, services);
  return [
    ...services.filter(({ id, level }) => was.get(id) !== level).map(({ id, name, level }) => movement(name, was.get(id), level)),
    ...claim.services.flatMap(({ burning, causes, why }) => (burning && causes.every((cause) => !known.has(cause)) ? [why] : [])),
    ...(more.length > 0 ? [`also caused by ${few(named(more, claim))}`] : []),
    ...(now.planned === before.view.planned ? [] : [now.planned ? "planned work from now on" : "not (or no longer) planned work"]),
    ...(now.blind === before.view.blind ? [] : [now.blind ? "nothing is known of it any more" : "it is known to be hurt"]),
  ];
}

function movement(name: string, was: LevelName | undefined, level: LevelName): string {
  if (was === undefined || was === "ok") return `${name} is ${level}`;
  return level === "ok" ? `${name} is ok again` : `${name} is ${level}, was ${was}`;
}

function because(claim: Claim): string {
  const assets = [...claim.causes].filter((cause) => !cause.includes("/"));
  return assets.length === 0 ? "" : `, caused by ${few(named(assets, claim))}`;
}

/** Causes as people call them. */
function named(causes: readonly string[], { services }: Claim): readonly string[] {
  const names = new Map(services.flatMap((service) => service.causes.map((cause, i) => [cause, service.names?.[i] ?? cause] as const)));
  return causes.map((cause) => names.get(cause) ?? cause);
}

function titleOf(services: readonly IncidentService[], { services: hurt }: Claim): string {
  const level = worstOf(services);
  if (hurt.every(({ burning }) => burning)) return `${few(hurt.map(({ name }) => name))}: the error budget burns (${level})`;
  const names = services.filter((service) => service.level === level).map(({ name }) => name);
  return `${few(names)} ${names.length === 1 ? "is" : "are"} ${level}`;
}

/** Most names in one line. */
const mostNames = 3;

function few(names: readonly string[]): string {
  return listed(names, mostNames);
}

function worstOf(services: readonly IncidentService[]): LevelName {
  return services.reduce<LevelName>((worst, { level }) => worse(worst, level), "ok");
}

function worse(a: LevelName, b: LevelName): LevelName {
  return levelOf(a) < levelOf(b) ? b : a;
}

function extended(history: IncidentView["history"], time: number, text: string): IncidentView["history"] {
  const [first, ...rest] = [...history, { time, text }];
  return first === undefined ? [] : [first, ...rest.slice(-(maxLines - 1))];
}
