import { z } from "zod";
import type { IncidentView } from "../../core/incident-view.ts";
import { levelNames } from "../../core/level.ts";
import { type Facts, parseFact } from "../fact.ts";
import type { Hurt } from "./hurt.ts";
import { acknowledge, type Incident } from "./incident.ts";
import { stepIncidents } from "./step.ts";

const prefix = "incident/";
/** Resolved incidents that are kept; beyond that the oldest gives its place to a new one. */
const maxResolved = 500;

const level = z.enum(levelNames);
const stored = z.object({
  seq: z.number(),
  version: z.number(),
  owned: z.array(z.string()),
  view: z.object({
    id: z.string(),
    title: z.string(),
    state: z.enum(["open", "resolved"]),
    level,
    worst: level,
    planned: z.boolean(),
    blind: z.boolean(),
    opened: z.number(),
    updated: z.number(),
    resolved: z.number().nullable(),
    causes: z.array(z.string()),
    services: z.array(z.object({ id: z.string(), name: z.string(), owner: z.string(), level, why: z.string() })),
    ack: z.object({ by: z.string(), comment: z.string(), time: z.number() }).nullable(),
    history: z.array(z.object({ time: z.number(), text: z.string() })),
  }),
});

export interface IncidentQuery {
  readonly state?: "open" | "resolved" | undefined;
  readonly service?: string | undefined;
  /** Those that were open at some moment in [from, to), ms since epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit?: number | undefined;
}

/** All incidents that are open, and the newest of those that are over; as facts they outlive the process. */
export class IncidentBook {
  /** By slot: facts cannot be deleted, so their keys are used again. */
  readonly #slots: (Incident | undefined)[] = [];
  readonly #slotOf = new Map<string, number>();
  /** Slots of resolved incidents, in the order in which they ended. */
  readonly #over: number[] = [];
  #open: readonly Incident[];
  #next = 1;
  #dirty = new Map<string, string>();

  /** `facts`: those of before. */
  constructor(facts: ReadonlyMap<string, string>) {
    for (const [key, text] of facts) {
      const found = key.startsWith(prefix) ? stored.safeParse(parseFact(text)) : undefined;
      if (found?.success !== true) continue;
      const slot = Number(key.slice(prefix.length));
      this.#slots[slot] = found.data;
      this.#slotOf.set(found.data.view.id, slot);
      this.#next = Math.max(this.#next, found.data.seq + 1);
    }
    this.#open = this.#all().filter(({ view }) => view.state === "open");
    const over = this.#all().filter(({ view }) => view.state === "resolved");
    for (const { view } of over.sort((a, b) => (a.view.resolved ?? 0) - (b.view.resolved ?? 0)))
      this.#over.push(this.#slotOf.get(view.id) ?? 0);
  }

  get open(): readonly Incident[] {
    return this.#open;
  }

  /** Takes over how services are hurt now; returns the incidents that are not as they were. */
  step(hurt: readonly Hurt[], now: number): readonly Incident[] {
    const { open, next, changed } = stepIncidents({ open: this.#open, next: this.#next }, hurt, now);
    this.#open = open;
    this.#next = next;
    for (const incident of changed) this.#keep(incident);
    return changed;
  }

  /** Undefined for an id that nobody has, or one that is over. */
  acknowledge(id: string, ack: { by: string; comment: string }, now: number): IncidentView | undefined {
    const before = this.find(id);
    if (before === undefined || before.view.state === "resolved") return undefined;
    const after = acknowledge(before, ack, now);
    this.#open = this.#open.map((incident) => (incident === before ? after : incident));
    this.#keep(after);
    return after.view;
  }

  find(id: string): Incident | undefined {
    return this.#slots[this.slotOf(id) ?? -1];
  }

  /** Number of the place where an incident is kept. */
  slotOf(id: string): number | undefined {
    return this.#slotOf.get(id);
  }

  /** The newest first. */
  query({ state, service, from, to, limit }: IncidentQuery): readonly IncidentView[] {
    return this.#all()
      .map(({ view }) => view)
      .filter((view) => state === undefined || view.state === state)
      .filter((view) => service === undefined || view.services.some(({ id }) => id === service))
      .filter(
        (view) => (to === undefined || view.opened < to) && (from === undefined || (view.resolved ?? Number.POSITIVE_INFINITY) >= from),
      )
      .sort((a, b) => b.opened - a.opened || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  /** What is to be stored with the next commit. */
  dirtyFacts(): Facts {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    return dirty;
  }

  #all(): Incident[] {
    return this.#slots.filter((incident) => incident !== undefined);
  }

  #keep(incident: Incident): void {
    const slot = this.#slotOf.get(incident.view.id) ?? this.#freeSlot();
    const gone = this.#slots[slot];
    if (gone !== undefined) this.#slotOf.delete(gone.view.id);
    this.#slots[slot] = incident;
    this.#slotOf.set(incident.view.id, slot);
    if (incident.view.state === "resolved") this.#over.push(slot);
    this.#dirty.set(prefix + slot, JSON.stringify(incident));
  }

  #freeSlot(): number {
    return (this.#over.length > maxResolved ? this.#over.shift() : undefined) ?? this.#slots.length;
  }
}
