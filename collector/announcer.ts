import type { CollectorEvent } from "../core/api.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ReadingUpdate } from "../core/reading-view.ts";

type Listener = (event: CollectorEvent) => void;

/** Most readings in one event: what a page shows, not what a plant has. */
const maxUpdates = 20_000;

/** Hands events to whoever listens, and gathers changed values for at most one event a second. */
export class Announcer {
  readonly #log: Log;
  readonly #listeners = new Set<Listener>();
  #changed = new Set<number>();

  constructor(log: Log) {
    this.#log = log;
  }

  subscribe(listener: Listener): () => void {
    // A function of its own, so that one listener may subscribe twice.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  tell(events: readonly CollectorEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) this.#hand(listener, event);
    }
  }

  /** Series whose newest value may have changed. Costs nothing while nobody listens. */
  changed(series: Uint32Array, length: number): void {
    if (this.#listeners.size === 0) return;
    for (let i = 0; i < length; i++) this.#changed.add(series[i] ?? 0);
  }

  /** Tells the values that have changed since the last time. */
  tellReadings(update: (series: number) => ReadingUpdate): void {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Set();
    if (this.#listeners.size === 0) return;
    const readings: ReadingUpdate[] = [];
    for (const series of changed) {
      if (readings.length === maxUpdates) break;
      readings.push(update(series));
    }
    this.tell([{ type: "readings", readings }]);
  }

  #hand(listener: Listener, event: CollectorEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#log.error({ error: messageOf(error), event: event.type }, "collector: a listener failed");
    }
  }
}
