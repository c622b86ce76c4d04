import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";

const quietMs = 60_000;

/** Counts what a device says wrong and logs it: the first at once, then once a minute with how many there were. */
export class MalformedCount {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #asset: string;
  #total = 0;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(place: { readonly clock: Clock; readonly log: Log; readonly asset: string }) {
    this.#clock = place.clock;
    this.#log = place.log;
    this.#asset = place.asset;
  }

  get total(): number {
    return this.#total;
  }

  add(what: string): void {
    this.#total++;
    this.#untold++;
    const now = this.#clock.monotonic();
    if (now - this.#toldAt < quietMs) return;
    this.#log.warn({ asset: this.#asset, what: what.slice(0, 500), count: this.#untold }, "malformed from the device");
    this.#toldAt = now;
    this.#untold = 0;
  }
}
