import { levelOf } from "../../core/level.ts";
import type { NewsKind } from "../../core/notifier.ts";
import type { Incident } from "../incidents/incident.ts";
import type { Route } from "./routes.ts";
import type { Thread } from "./thread.ts";

/** A thread, and what is to be told in it. */
export interface Planned {
  readonly thread: Thread;
  readonly news?: { readonly kind: NewsKind; readonly due: number } | undefined;
}

export interface PlanInput {
  readonly incident: Incident;
  readonly threads: readonly Thread[];
  readonly routes: readonly Route[];
  /** How often a channel wants an open incident again so as not to forget it, ms; undefined: never. */
  readonly refreshMs: (channel: string) => number | undefined;
  readonly now: number;
}

/** Who is to be told of an incident, why, and by whose rules. */
interface Listener {
  readonly route: Route;
  readonly escalated: boolean;
}

/**
 * What each channel is to be told of one incident, and when. Pure. A resolve is due at once, always, where the incident was
 * told; where it was not, nobody hears of it. Everything else waits for company (`group`), and for the end of quiet hours.
 * Planned work opens no thread; one that is open goes on.
 */
export function planIncident(input: PlanInput): readonly Planned[] {
  const { incident, threads, now } = input;
  if (incident.view.state === "resolved") {
    return threads.filter(({ told }) => told !== null).map((thread) => ({ thread, news: { kind: "resolved", due: now } }));
  }
  const listeners = incident.view.planned ? new Map<string, Listener>() : listenersOf(input);
  const known = new Set(threads.map(({ channel }) => channel));
  const fresh = [...listeners.keys()].filter((channel) => !known.has(channel));
  return [...threads, ...fresh.map(newThread)].flatMap((thread): readonly Planned[] => {
    const listener = listeners.get(thread.channel);
    if (thread.told === null) return listener === undefined ? [] : [firstWord(input, thread, listener)];
    return [nextWord(input, thread, listener)];
  });
}

const newThread = (channel: string): Thread => ({ channel, told: null, version: 0, first: 0, last: 0 });

/** Channels of the routes that apply now, and of the steps of escalation that are due; the first route to name one has it. */
function listenersOf({ incident: { view }, threads, routes, now }: PlanInput): ReadonlyMap<string, Listener> {
  const listeners = new Map<string, Listener>();
  const add = (channels: readonly string[], listener: Listener): void => {
    for (const channel of channels) if (!listeners.has(channel)) listeners.set(channel, listener);
  };
  const concerned = routes.filter((route) => route.concerns(view) && route.onDuty(now));
  for (const route of concerned) add(route.config.to, { route, escalated: false });
  for (const route of concerned) {
    const told = threads.filter(({ channel, first }) => first > 0 && route.config.to.includes(channel));
    const since = Math.min(...told.map(({ first }) => first), Number.POSITIVE_INFINITY);
    for (const { after, level, to } of route.config.escalate) {
      const bad = level === undefined || levelOf(view.level) >= levelOf(level);
      const late = after === undefined || (view.ack === null && now >= since + after);
      if (bad && late) add(to, { route, escalated: true });
    }
  }
  return listeners;
}

function firstWord({ incident: { view }, now }: PlanInput, thread: Thread, { route, escalated }: Listener): Planned {
  // Whom a step of escalation calls is not asleep.
  if (!escalated && route.quiet(levelOf(view.level), now)) return { thread };
  const pending = thread.pending ?? now;
  const kind = escalated ? "escalated" : "opened";
  return { thread: { ...thread, pending }, news: { kind, due: pending + (escalated ? 0 : route.config.group) } };
}

function nextWord(input: PlanInput, thread: Thread, listener: Listener | undefined): Planned {
  const { incident, routes, refreshMs, now } = input;
  const { view } = incident;
  const route = listener === undefined ? routes.find(({ config }) => config.to.includes(thread.channel)) : listener.route;
  const hushed = route?.quiet(levelOf(view.level), now) === true;
  if (thread.version < incident.version && !hushed) {
    const pending = thread.pending ?? now;
    return { thread: { ...thread, pending }, news: { kind: "updated", due: pending + (route?.config.group ?? 0) } };
  }
  const refresh = thread.last + (refreshMs(thread.channel) ?? Number.POSITIVE_INFINITY);
  const every = route?.config.repeat ?? 0;
  const nagging = listener !== undefined && every > 0 && view.ack === null && !hushed;
  const due = Math.min(refresh, nagging ? thread.last + every : Number.POSITIVE_INFINITY);
  return { thread, news: now >= due ? { kind: "repeated", due } : undefined };
}

/** Calendars and quiet hours begin and end on a minute. */
const minuteMs = 60_000;

/**
 * When an incident that stays as it is has to be planned again, ms since epoch: what waits is looked at each time, so that it
 * goes along with other news of its channel; else when something is repeated, refreshed or escalated, or a calendar may turn.
 */
export function planAgainAt(
  { incident: { view }, routes, refreshMs, now }: Omit<PlanInput, "threads">,
  planned: readonly Planned[],
): number {
  if (planned.some(({ news }) => news !== undefined)) return now;
  const concerned = routes.filter((route) => route.concerns(view));
  const times = concerned.flatMap(({ config }) => {
    const told = planned.filter(({ thread }) => thread.first > 0 && config.to.includes(thread.channel)).map(({ thread }) => thread);
    const since = Math.min(...told.map(({ first }) => first), Number.POSITIVE_INFINITY);
    const steps = config.escalate.map(({ after }) => since + (after ?? 0)).filter((at) => at > now);
    // Whom a step of escalation called is reminded by the route that it belongs to.
    const repeats = config.repeat > 0 ? planned.map(({ thread }) => thread.last + config.repeat) : [];
    const turns = config.calendar === undefined && config.quiet === undefined ? [] : [(Math.floor(now / minuteMs) + 1) * minuteMs];
    return [...steps, ...repeats, ...turns];
  });
  const refreshes = planned.map(({ thread }) => thread.last + (refreshMs(thread.channel) ?? Number.POSITIVE_INFINITY));
  return Math.min(...[...times, ...refreshes].filter((at) => at > now), Number.POSITIVE_INFINITY);
}
