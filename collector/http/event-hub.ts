import type { ServerResponse } from "node:http";
import type { CollectorEvent } from "../../core/api.ts";
import type { Clock } from "../../core/clock.ts";
import type { ProcessMetrics } from "../metrics/process.ts";
import type { CollectorView } from "../view.ts";
import { block, type EventFilter, EventLog } from "./event-log.ts";

export interface EventHubOptions {
  readonly view: CollectorView;
  readonly clock: Clock;
  readonly metrics: Pick<ProcessMetrics, "eventClients" | "eventClientsDropped">;
  readonly limits?: Partial<EventLimits>;
}

export interface EventLimits {
  readonly clients: number;
  /** Of one user, token or address: nobody keeps all others out. */
  readonly clientsOfOne: number;
  /** Bytes that may wait for one listener before it is cut off. */
  readonly waitingBytes: number;
  /** Events kept for listeners that come back. */
  readonly replay: number;
  readonly heartbeatMs: number;
  /** How long events are kept on while nobody listens. */
  readonly lingerMs: number;
}

const defaults: EventLimits = {
  clients: 100,
  clientsOfOne: 50,
  waitingBytes: 4 << 20,
  replay: 1000,
  heartbeatMs: 15_000,
  lingerMs: 60_000,
};

interface Client {
  /** User, token or address. */
  readonly who: string;
  readonly response: ServerResponse;
  readonly filter: EventFilter;
}

/**
 * Hands the collector's events to those who listen over HTTP. It listens itself only while somebody does and for a minute after,
 * so that an event stream nobody reads costs nothing.
 */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #limits: EventLimits;
  readonly #clients = new Set<Client>();
  #log: EventLog | undefined;
  #unsubscribe: () => void = () => {};
  #cancelBeat: () => void = () => {};
  #cancelLinger: () => void = () => {};
  #runs = 0;

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
  }

  /** As many listen as may; or as many as may of this one. */
  fullFor(who: string): "all" | "one" | undefined {
    if (this.#clients.size >= this.#limits.clients) return "all";
    const own = [...this.#clients].filter((client) => client.who === who).length;
    return own >= this.#limits.clientsOfOne ? "one" : undefined;
  }

  /** Adds a listener whose head is sent; `lastId` is the last event it has seen, where it has. */
  join({ lastId, ...client }: Client & { readonly lastId: string | undefined }): void {
    const { response } = client;
    const log = this.#listen();
    this.#clients.add(client);
    this.#options.metrics.eventClients.set(this.#clients.size);
    response.once("close", () => this.#leave(client));
    this.#greet(client, log, lastId);
  }

  /** `hello` comes first; `reset` says that events were missed and the snapshots are to be fetched anew. */
  #greet(client: Client, log: EventLog, lastId: string | undefined): void {
    const missed = lastId === undefined ? [] : log.after(lastId);
    const hello = { time: this.#options.view.now() };
    let text = `retry: 2000\n${block("hello", hello, missed === undefined || missed.length === 0 ? log.lastId : undefined)}`;
    if (missed === undefined) text += block("reset", { type: "reset", ...hello } satisfies CollectorEvent);
    for (const logged of missed ?? []) text += log.block(logged, client.filter) ?? "";
    this.#send(client, text);
  }

  #listen(): EventLog {
    this.#cancelLinger();
    if (this.#log !== undefined) return this.#log;
    const run = `${this.#options.view.now().toString(36)}${(this.#runs++).toString(36)}`;
    const log = new EventLog(run, this.#limits.replay);
    this.#log = log;
    this.#unsubscribe = this.#options.view.subscribe((event) => this.#tell(log, event));
    this.#beat();
    return log;
  }

  #tell(log: EventLog, event: CollectorEvent): void {
    if (event.type === "reset") {
      // Whoever comes back after it has missed too much, too.
      log.forget();
      for (const client of this.#clients) this.#send(client, block("reset", event, log.lastId));
      return;
    }
    const logged = log.append(event);
    // Listeners with the same wishes share one text.
    const texts = new Map<string, string | undefined>();
    for (const client of this.#clients) {
      const key = `${client.filter.asset ?? ""}\u0000${client.filter.types === undefined ? "" : [...client.filter.types].join()}`;
      if (!texts.has(key)) texts.set(key, log.block(logged, client.filter));
      const text = texts.get(key);
      if (text !== undefined) this.#send(client, text);
    }
  }

  #send(client: Client, text: string): void {
    client.response.write(text);
    if (client.response.writableLength <= this.#limits.waitingBytes) return;
    this.#options.metrics.eventClientsDropped.inc();
    client.response.destroy();
  }

  /** The comment keeps proxies from closing; the event lets a page notice a connection that died in silence. */
  #beat(): void {
    const text = `: beat\n${block("beat", { time: this.#options.view.now() }, this.#log?.lastId)}`;
    for (const client of this.#clients) this.#send(client, text);
    this.#cancelBeat = this.#options.clock.after(this.#limits.heartbeatMs, () => this.#beat());
  }

  #leave(client: Client): void {
    if (!this.#clients.delete(client)) return;
    this.#options.metrics.eventClients.set(this.#clients.size);
    if (this.#clients.size > 0) return;
    this.#cancelLinger = this.#options.clock.after(this.#limits.lingerMs, () => this.#sleep());
  }

  #sleep(): void {
    this.#unsubscribe();
    this.#cancelBeat();
    this.#log = undefined;
  }
}
