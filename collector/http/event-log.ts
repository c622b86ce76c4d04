import type { CollectorEvent } from "../../core/api.ts";

/** An event with its place in the order of all. */
export interface LoggedEvent {
  readonly number: number;
  readonly event: CollectorEvent;
}

/** What a listener wants to hear; without `asset`, readings of all assets. */
export interface EventFilter {
  readonly types?: ReadonlySet<string>;
  readonly asset?: string;
}

/** The last events, for listeners that come back after a broken connection. Ids are `RUN-NUMBER`; another run's mean nothing. */
export class EventLog {
  readonly #run: string;
  readonly #capacity: number;
  #events: LoggedEvent[] = [];
  #number = 0;

  constructor(run: string, capacity: number) {
    this.#run = run;
    this.#capacity = capacity;
  }

  append(event: CollectorEvent): LoggedEvent {
    const logged = { number: ++this.#number, event };
    this.#events.push(logged);
    // Cut in strides: shifting an array at each event costs its length.
    if (this.#events.length > 2 * this.#capacity) this.#events = this.#events.slice(-this.#capacity);
    return logged;
  }

  /** There were events that nobody will be told: those who saw the ones before have missed something. */
  forget(): void {
    this.#number++;
    this.#events = [];
  }

  /** Id of the newest event. */
  get lastId(): string {
    return `${this.#run}-${this.#number}`;
  }

  /** Events after that id, in order; undefined where they are not known any more (or never were of this run). */
  after(id: string): readonly LoggedEvent[] | undefined {
    const [, run, digits] = /^(.+)-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    if (run !== this.#run || number > this.#number) return undefined;
    const missed = this.#number - number;
    return missed > Math.min(this.#events.length, this.#capacity) ? undefined : this.#events.slice(this.#events.length - missed);
  }

  /** The event as an SSE block for this listener; undefined where it wants nothing of it. */
  block(logged: LoggedEvent, filter: EventFilter): string | undefined {
    const { event } = logged;
    if (filter.types !== undefined && !filter.types.has(event.type)) return undefined;
    const narrowed = filter.asset === undefined ? event : ofAsset(event, filter.asset);
    return narrowed && block(event.type, narrowed, `${this.#run}-${logged.number}`);
  }
}

/** `asset` narrows readings only: levels and alarms of others matter everywhere. */
function ofAsset(event: CollectorEvent, asset: string): CollectorEvent | undefined {
  if (event.type !== "readings") return event;
  const readings = event.readings.filter((reading) => reading.asset === asset);
  return readings.length === 0 ? undefined : { type: "readings", readings };
}

/** One block of text/event-stream (WHATWG HTML 9.2); JSON has no line feeds, so one data line is enough. */
export function block(type: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
