import type { Config } from "../../config/schema.ts";
import type { CollectorEvent } from "../../core/api.ts";
import type { IncidentView } from "../../core/incident-view.ts";
import type { News } from "../../core/notifier.ts";
import { IncidentBook } from "../incidents/book.ts";
import { IncidentWatch } from "../incidents/watch.ts";
import { Desk } from "../notify/desk.ts";
import { compileRoutes } from "../notify/routes.ts";
import type { Plant } from "../plant.ts";

/** One piece of news for one channel. */
export interface ToldNews {
  readonly channel: string;
  /** Since the start of the story. */
  readonly ms: number;
  readonly news: News;
}

/** Incidents of a plant and who is told of them, by the collector's own rules; nothing leaves the process. */
export class Messenger {
  readonly #plant: Plant;
  readonly #start: number;
  readonly #book = new IncidentBook(new Map());
  readonly #watch = new IncidentWatch(this.#book);
  readonly #desk: Desk;

  constructor(config: Config, plant: Plant, start: number) {
    this.#plant = plant;
    this.#start = start;
    // What an Alertmanager is told again so that it does not forget is no news.
    this.#desk = new Desk(this.#book, { routes: compileRoutes(config), refreshMs: () => undefined }, new Map());
    const nameOf = (asset: string): string => config.assets[asset]?.name ?? asset;
    this.#watch.begin({ services: plant.services(), assets: plant.assetLevels(start), nameOf });
  }

  /** The newest first. */
  incidents(): readonly IncidentView[] {
    return this.#book.query({});
  }

  /** False for an incident that is over. */
  acknowledge(id: string, ack: { readonly by: string; readonly comment: string }, now: number): boolean {
    return this.#book.acknowledge(id, ack, now) !== undefined;
  }

  take(events: readonly CollectorEvent[]): void {
    this.#watch.take(events);
  }

  /** Called once a second, as in the collector. */
  tick(now: number): readonly ToldNews[] {
    if (!this.#plant.settled(now)) return [];
    this.#watch.step(now);
    return this.#desk.tick(now).flatMap(({ channel, news }) => news.map((one) => ({ channel, ms: now - this.#start, news: one })));
  }
}
