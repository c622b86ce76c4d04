import type { Clock } from "../../../core/clock.ts";

/** How coarse deadlines are, ms: requests wait for 100 ms and more. */
const stepMs = 10;

/** Something that ends at a time, unless it is cleared. */
export interface Timed {
  /** The turn it is due at, while it is set. */
  due: number | undefined;
  /** The turn at which it is looked at next. Ours to keep. */
  seenAt: number | undefined;
  /** Called once, at the time or up to a step later. */
  expire(): void;
}

/**
 * The deadlines of all requests under way: one timer of the clock, while there are any. Nearly all are cleared and set anew
 * long before they are due, so neither touches the turns: what is due later than when it is looked at is put off then.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #turns = new Map<number, Timed[]>();
  #count = 0;
  /** The last turn that was looked at. */
  #seen = 0;
  /** The timer that runs. */
  #stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(timed: Timed, ms: number): void {
    const now = this.#clock.monotonic();
    const due = Math.ceil((now + ms) / stepMs);
    if (timed.due === undefined) this.#count++;
    timed.due = due;
    if (timed.seenAt === undefined || timed.seenAt > due) this.#lookAt(timed, due);
    if (this.#stop !== undefined) return;
    this.#seen = Math.floor(now / stepMs);
    this.#tickLater();
  }

  clear(timed: Timed): void {
    if (timed.due === undefined) return;
    timed.due = undefined;
    this.#count--;
  }

  #lookAt(timed: Timed, turn: number): void {
    timed.seenAt = turn;
    const there = this.#turns.get(turn);
    if (there === undefined) this.#turns.set(turn, [timed]);
    else there.push(timed);
  }

  #tickLater(): void {
    this.#stop = this.#clock.after(stepMs, () => {
      this.#tick();
      this.#stop = undefined;
      if (this.#count > 0) this.#tickLater();
      else this.#forget();
    });
  }

  #tick(): void {
    const now = Math.floor(this.#clock.monotonic() / stepMs);
    // After a long pause it is shorter to look at what there is than at every turn that passed.
    const turns =
      now - this.#seen > this.#turns.size ? [...this.#turns.keys()].filter((turn) => turn <= now) : turnsBetween(this.#seen, now);
    this.#seen = now;
    for (const turn of turns) {
      const there = this.#turns.get(turn) ?? [];
      this.#turns.delete(turn);
      for (const timed of there) if (timed.seenAt === turn) this.#look(timed, now);
    }
  }

  #look(timed: Timed, now: number): void {
    timed.seenAt = undefined;
    if (timed.due === undefined) return;
    if (timed.due > now) {
      this.#lookAt(timed, timed.due);
      return;
    }
    this.clear(timed);
    timed.expire();
  }

  /** Nothing is set any more: what is left in the turns was cleared. */
  #forget(): void {
    for (const there of this.#turns.values()) for (const timed of there) timed.seenAt = undefined;
    this.#turns.clear();
  }
}

function turnsBetween(seen: number, now: number): number[] {
  return Array.from({ length: now - seen }, (_, i) => seen + 1 + i);
}
