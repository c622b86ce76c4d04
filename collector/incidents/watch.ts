import type { CollectorEvent } from "../../core/api.ts";
import type { ServiceView } from "../../core/service-view.ts";
import type { AssetLevelEvent } from "../plant.ts";
import type { IncidentBook } from "./book.ts";
import { type Burning, burningHurt } from "./burning.ts";
import { blindAt, type Hurt, hurtOf } from "./hurt.ts";
import type { Incident } from "./incident.ts";

/** What the plant tells; of assets their level is enough. */
export type WatchedEvent = CollectorEvent | AssetLevelEvent;

/** A plant as it stands when it begins. */
interface Watched {
  readonly services: readonly ServiceView[];
  readonly assets: readonly AssetLevelEvent["asset"][];
  readonly nameOf: (asset: string) => string;
}

/** Follows the services of a plant and keeps the book of incidents on them. */
export class IncidentWatch {
  readonly #book: IncidentBook;
  /** Services that are not ok. */
  #abnormal = new Map<string, ServiceView>();
  /** Assets whose level is not known. */
  #unknown = new Set<string>();
  /** Services whose error budget burns. */
  #burning: readonly Burning[] = [];
  #nameOf: (asset: string) => string = (asset) => asset;
  #stale: boolean = true;
  /** When time alone changes something. */
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(book: IncidentBook) {
    this.#book = book;
  }

  /** A plant begins, or was made anew: these are its services and assets, and how people call an asset. */
  begin({ services, assets, nameOf }: Watched): void {
    this.#nameOf = nameOf;
    this.#unknown = new Set(assets.filter(({ level }) => level === "unknown").map(({ id }) => id));
    this.#abnormal = new Map(services.filter(isAbnormal).map((service) => [service.id, service]));
    this.#stale = true;
  }

  take(events: readonly WatchedEvent[]): void {
    for (const event of events) {
      if (event.type === "service") this.#takeService(event.service);
      if (event.type === "asset") this.#takeAsset(event.asset);
    }
  }

  #takeService(service: ServiceView): void {
    if (isAbnormal(service)) this.#abnormal.set(service.id, service);
    else this.#abnormal.delete(service.id);
    this.#stale = true;
  }

  #takeAsset({ id, level }: AssetLevelEvent["asset"]): void {
    if (this.#unknown.has(id) === (level === "unknown")) return;
    if (level === "unknown") this.#unknown.add(id);
    else this.#unknown.delete(id);
    this.#stale = true;
  }

  /** The services of which burn-rate alarms fire now. */
  burning(services: readonly Burning[]): void {
    this.#burning = services;
    this.#stale = true;
  }

  /** Brings the book up to date; returns the incidents that are not as they were. */
  step(now: number): readonly Incident[] {
    if (!this.#stale && now < this.#wakeAt) return [];
    const services = [...this.#abnormal.values()];
    this.#stale = false;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const hurt: Hurt[] = [];
    for (const service of services) {
      const at = blindAt(service);
      if (at !== undefined && at > now) this.#wakeAt = Math.min(this.#wakeAt, at);
      const one = hurtOf(service, now, (asset) => this.#unknown.has(asset));
      if (one !== undefined) hurt.push({ ...one, names: one.causes.map(this.#nameOf) });
    }
    const ill = new Set(hurt.map(({ id }) => id));
    const burnt = this.#burning.flatMap((service) => (ill.has(service.id) ? [] : (burningHurt(service, this.#book, now) ?? [])));
    return this.#book.step([...hurt, ...burnt], now);
  }
}

function isAbnormal({ low, high }: ServiceView): boolean {
  return low !== "ok" || high !== "ok";
}
