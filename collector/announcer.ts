import type { CollectorEvent } from "../core/api.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ReadingUpdate } from "../core/reading-view.ts";

type Listener = (event: CollectorEvent) => void;
/** Which events a listener wants; all of them without it. */
export type Wanted = ReadonlySet<CollectorEvent["type"]>;

/** Most readings in one event: what a page shows, not what a plant has. */
const maxUpdates = 20_000;

/** Changes of one moment that are told one by one; what is more is one `reset`. */
export const mostAtOnce = 1000;

/** Hands events to whoever listens, and gathers changed values for at most one event a second. */
export class Announcer {
  readonly #log: Log;
  readonly #listeners = new Map<Listener, Wanted | undefined>();
  #changed = new Set<number>();

  constructor(log: Log) {
    this.#log = log;
  }

  subscribe(listener: Listener, wanted?: Wanted): () => void {
    // A function of its own, so that one listener may subscribe twice.
    const own: Listener = (event) => listener(event);
    this.#listeners.set(own, wanted);
    return () => this.#listeners.delete(own);
  }

  tell(events: readonly CollectorEvent[]): void {
    for (const event of events) {
      for (const [listener, wanted] of this.#listeners) if (wanted === undefined || wanted.has(event.type)) this.#hand(listener, event);
    }
  }

  /** Tells so many changes of one moment; nobody finds words for them where nobody listens, or they are too many to be told one by one. */
  tellChanges({ size, events }: { readonly size: number; readonly events: () => readonly CollectorEvent[] }, now: number): void {
    if (size === 0 || !this.#heard("alarm")) return;
    this.tell(size > mostAtOnce ? [{ type: "reset", time: now }] : events());
  }

  /** Series whose newest value may have changed. Costs nothing while nobody listens. */
  changed(series: Uint32Array, length: number): void {
    if (!this.#heard("readings")) return;
    for (let i = 0; i < length; i++) this.#changed.add(series[i] ?? 0);
  }

  /** Tells the values that have changed since the last time. */
  tellReadings(update: (series: number) => ReadingUpdate): void {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Set();
    if (!this.#heard("readings")) return;
    const readings: ReadingUpdate[] = [];
    for (const series of changed) {
      if (readings.length === maxUpdates) break;
      readings.push(update(series));
    }
    this.tell([{ type: "readings", readings }]);
  }

  #heard(type: CollectorEvent["type"]): boolean {
    for (const wanted of this.#listeners.values()) if (wanted === undefined || wanted.has(type)) return true;
    return false;
  }

  #hand(listener: Listener, event: CollectorEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#log.error({ error: messageOf(error), event: event.type }, "collector: a listener failed");
    }
  }
}
