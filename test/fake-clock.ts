import type { Clock } from "../core/clock.ts";

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** A clock that a test turns. Timers fire in order while it is turned; promises settle between two timers. */
export class FakeClock implements Clock {
  #now: number;
  #mono = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#mono;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#mono + Math.max(0, ms), call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock alone, as NTP or an operator does. */
  step(ms: number): void {
    this.#now += ms;
  }

  /** Lets `ms` pass, firing what falls due. */
  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms;
    await settle();
    for (;;) {
      const next = this.#next(end);
      if (next === undefined) break;
      this.#move(next.at);
      this.#timers.delete(next);
      next.call();
      await settle();
    }
    this.#move(end);
    await settle();
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }

  #move(to: number): void {
    this.#now += to - this.#mono;
    this.#mono = to;
  }
}

/** Lets promises that are ready run: a turn of the event loop drains every microtask. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
