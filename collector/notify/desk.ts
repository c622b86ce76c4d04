import type { LevelName } from "../../core/level.ts";
import type { News } from "../../core/notifier.ts";
import type { Facts } from "../fact.ts";
import type { IncidentBook } from "../incidents/book.ts";
import type { Incident } from "../incidents/incident.ts";
import { type Planned, planAgainAt, planIncident } from "./plan.ts";
import type { Route } from "./routes.ts";
import { decodeThreads, encodeThreads, type Thread } from "./thread.ts";

const prefix = "told/";
/** Most incidents in one message. */
const maxNews = 50;

export interface DeskRules {
  readonly routes: readonly Route[];
  readonly refreshMs: (channel: string) => number | undefined;
}

/** News that go to one channel in one message. */
export interface Dispatch {
  readonly channel: string;
  readonly news: readonly News[];
}

/** Keeps what every channel was told of every incident, and says what there is to tell. It has no timers: time is handed in. */
export class Desk {
  readonly #book: Pick<IncidentBook, "open" | "find" | "slotOf">;
  readonly #threads = new Map<string, readonly Thread[]>();
  /** Until when an incident needs no look as long as it stays as it is: one that changes is another object. */
  #restUntil = new WeakMap<Incident, number>();
  #rules: DeskRules;
  #dirty = new Map<string, string>();

  /** Takes up what `dirtyFacts` once gave. */
  constructor(book: Pick<IncidentBook, "open" | "find" | "slotOf">, rules: DeskRules, facts: ReadonlyMap<string, string>) {
    this.#book = book;
    this.#rules = rules;
    for (const [key, text] of facts) {
      const found = key.startsWith(prefix) ? decodeThreads(text) : undefined;
      if (found !== undefined && found.threads.length > 0) this.#threads.set(found.incident, found.threads);
    }
  }

  renew(rules: DeskRules): void {
    this.#rules = rules;
    this.#restUntil = new WeakMap();
  }

  /** What is to be told now. What is returned counts as told. */
  tick(now: number): readonly Dispatch[] {
    const awake = this.#concerned().filter((incident) => now >= (this.#restUntil.get(incident) ?? now));
    const plans = awake.map((incident) => ({ incident, planned: this.#plan(incident, now) }));
    const calling = new Set<string>();
    for (const { planned } of plans)
      for (const { thread, news } of planned) if (news !== undefined && news.due <= now) calling.add(thread.channel);
    const dispatches = new Map<string, News[]>();
    for (const { incident, planned } of plans) {
      this.#settle({ incident, planned, calling, dispatches, now });
      this.#restUntil.set(incident, planAgainAt({ incident, ...this.#rules, now }, planned));
    }
    return [...dispatches].flatMap(([channel, news]) => chunks(news).map((some) => ({ channel, news: some })));
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    return dirty;
  }

  /** Open incidents, and those that are over with somebody left to be told. */
  #concerned(): readonly Incident[] {
    const over = [...this.#threads.keys()].flatMap((id) => {
      const incident = this.#book.find(id);
      // One that is no longer in the book was resolved long ago; nobody can be told what it was.
      if (incident === undefined) this.#threads.delete(id);
      return incident?.view.state === "resolved" ? [incident] : [];
    });
    return [...this.#book.open, ...over];
  }

  #plan(incident: Incident, now: number): readonly Planned[] {
    return planIncident({ incident, threads: this.#threads.get(incident.view.id) ?? [], ...this.#rules, now });
  }

  /** Takes what is told of one incident into the messages: who gets a message anyway gets all that waits. */
  #settle(at: {
    readonly incident: Incident;
    readonly planned: readonly Planned[];
    readonly calling: ReadonlySet<string>;
    readonly dispatches: Map<string, News[]>;
    readonly now: number;
  }): void {
    const { incident, calling, dispatches, now } = at;
    const { view, version } = incident;
    let told = false;
    const after = at.planned.flatMap(({ thread, news }): readonly Thread[] => {
      if (news === undefined || !calling.has(thread.channel)) return [thread];
      told = true;
      const queue = dispatches.get(thread.channel) ?? [];
      dispatches.set(thread.channel, queue);
      queue.push({ kind: news.kind, incident: view, was: thread.told });
      return news.kind === "resolved" ? [] : [toldThread(thread, version, view.level, now)];
    });
    if (after.length === 0) this.#threads.delete(view.id);
    else this.#threads.set(view.id, after);
    const slot = this.#book.slotOf(view.id);
    if (told && slot !== undefined) this.#dirty.set(prefix + slot, encodeThreads(view.id, after));
  }
}

function toldThread(thread: Thread, version: number, level: LevelName, now: number): Thread {
  const { channel, first } = thread;
  return { channel, told: level, version, first: first === 0 ? now : first, last: now };
}

function chunks(news: readonly News[]): readonly (readonly News[])[] {
  return Array.from({ length: Math.ceil(news.length / maxNews) }, (_, i) => news.slice(i * maxNews, (i + 1) * maxNews));
}
