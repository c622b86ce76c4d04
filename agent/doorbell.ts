import { type Clock, pause } from "../core/clock.ts";

export interface Wait {
  readonly clock: Clock;
  /** Monotonic ms when the wait ends in any case. */
  readonly due: number;
  /** Monotonic ms before which a ring does not end it. */
  readonly soonest: number;
  readonly signal: AbortSignal;
}

/** Lets somebody end another's wait early. Rings before the wait is over are one ring. */
export class Doorbell {
  #rung: boolean = false;
  #wake = (): void => {};

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Resolves at `due`, or where the bell was rung, as soon as it may; with the signal at the latest. */
  async wait({ clock, due, soonest, signal }: Wait): Promise<void> {
    if (!this.#rung) await this.#sleep(clock, due - clock.monotonic(), signal);
    if (this.#rung) await pause(clock, Math.min(due, soonest) - clock.monotonic(), signal);
    this.#rung = false;
  }

  #sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        this.#wake = () => {};
        resolve();
      };
      const cancel = clock.after(ms, done);
      this.#wake = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
