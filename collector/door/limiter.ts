import type { Clock } from "../../core/clock.ts";

export interface LimiterOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** So many hits in a window, and no more. */
  readonly tries: number;
  readonly windowMs: number;
}

interface Window {
  readonly since: number;
  hits: number;
}

/** Names that are remembered; the oldest are forgotten first. */
const mostKeys = 10_000;

/** Counts what somebody does in a window of time. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** How long this one has to wait, ms; 0 where it may go on. */
  waitMs(key: string): number {
    const window = this.#windows.get(key);
    if (window === undefined || window.hits < this.#options.tries) return 0;
    return Math.max(0, window.since + this.#options.windowMs - this.#options.clock.monotonic());
  }

  hit(key: string): void {
    const now = this.#options.clock.monotonic();
    const window = this.#windows.get(key);
    if (window !== undefined && now - window.since < this.#options.windowMs) {
      window.hits++;
      return;
    }
    // A window made anew goes to the end of the line.
    this.#windows.delete(key);
    this.#windows.set(key, { since: now, hits: 1 });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > mostKeys && oldest !== undefined) this.#windows.delete(oldest);
  }

  forget(key: string): void {
    this.#windows.delete(key);
  }
}
