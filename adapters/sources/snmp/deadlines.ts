import type { Clock } from "../../../core/clock.ts";

/** How coarse deadlines are, ms: requests wait for 100 ms and more. */
const stepMs = 10;

/** Something that ends at a time, unless it is cleared. */
export interface Timed {
  /** The turn it is due at, while it is set. */
  due: number | undefined;
  /** Called once, at the time or up to a step later. */
  expire(): void;
}

/** The deadlines of all requests under way: one timer of the clock, while there are any. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #turns = new Map<number, Set<Timed>>();
  #count = 0;
  /** The last turn that was looked at. */
  #seen = 0;
  /** The timer that runs. */
  #stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(timed: Timed, ms: number): void {
    this.clear(timed);
    const due = Math.ceil((this.#clock.monotonic() + ms) / stepMs);
    const turn = this.#turns.get(due);
    if (turn === undefined) this.#turns.set(due, new Set([timed]));
    else turn.add(timed);
    timed.due = due;
    this.#count++;
    if (this.#stop !== undefined) return;
    this.#seen = Math.floor(this.#clock.monotonic() / stepMs);
    this.#tickLater();
  }

  clear(timed: Timed): void {
    if (timed.due === undefined) return;
    const turn = this.#turns.get(timed.due);
    turn?.delete(timed);
    if (turn?.size === 0) this.#turns.delete(timed.due);
    timed.due = undefined;
    this.#count--;
  }

  #tickLater(): void {
    this.#stop = this.#clock.after(stepMs, () => {
      this.#tick();
      this.#stop = undefined;
      if (this.#count > 0) this.#tickLater();
    });
  }

  #tick(): void {
    const now = Math.floor(this.#clock.monotonic() / stepMs);
    // After a long pause it is shorter to look at what there is than at every turn that passed.
    const due = now - this.#seen > this.#turns.size ? [...this.#turns.keys()].filter((turn) => turn <= now) : turnsBetween(this.#seen, now);
    this.#seen = now;
    for (const turn of due) {
      for (const timed of this.#turns.get(turn) ?? []) {
        this.clear(timed);
        timed.expire();
      }
    }
  }
}

function turnsBetween(seen: number, now: number): number[] {
  return Array.from({ length: now - seen }, (_, i) => seen + 1 + i);
}
