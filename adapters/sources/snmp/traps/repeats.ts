import type { Clock } from "../../../../core/clock.ts";

/** How long an inform may come again for want of an answer: snmpinform gives up sooner by default, few devices later. */
const rememberMs = 60_000;
const maxInforms = 10_000;

interface Inform {
  readonly at: number;
  readonly taking: Promise<boolean>;
}

/** Informs of the last minute: one that comes again, because its answer was lost or is not there yet, is answered again and counts once. */
export class Repeats {
  readonly #clock: Clock;
  readonly #informs = new Map<string, Inform>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What became of the same inform before; undefined where it is new. */
  of(address: string, id: number): Promise<boolean> | undefined {
    const key = `${address} ${id}`;
    const known = this.#informs.get(key);
    if (known === undefined || this.#clock.monotonic() - known.at <= rememberMs) return known?.taking;
    this.#informs.delete(key);
    return undefined;
  }

  add({ address, id, taking }: { readonly address: string; readonly id: number; readonly taking: Promise<boolean> }): void {
    const key = `${address} ${id}`;
    const oldest = this.#informs.size >= maxInforms ? this.#informs.keys().next().value : undefined;
    if (oldest !== undefined) this.#informs.delete(oldest);
    this.#informs.delete(key);
    this.#informs.set(key, { at: this.#clock.monotonic(), taking });
    // One that was dropped may be taken when it comes again.
    void taking.then((taken) => {
      if (!taken && this.#informs.get(key)?.taking === taking) this.#informs.delete(key);
    });
  }
}
