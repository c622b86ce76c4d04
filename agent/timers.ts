import type { Clock } from "../core/clock.ts";

interface Timer {
  /** Monotonic ms. */
  readonly at: number;
  /** Of two at the same moment, the one that was set first comes first. */
  readonly order: number;
  /** Undefined once it is over. */
  call: (() => void) | undefined;
}

/** What is due at once is called in so many parts at least: thousands of sources may fall due while a machine is held up. */
const mostPerTurn = 64;
/** Timers that are over are swept out once there are so many, and more than others. */
const leastSwept = 1024;

/** A clock whose timers, however many, are one timer of another's. Each is called once it is due, but only so many in a turn of the event loop. */
export class SharedTimers implements Clock {
  readonly #clock: Clock;
  /** A binary heap, the soonest first. */
  #heap: Timer[] = [];
  #over = 0;
  #set = 0;
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm = (): void => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, call: () => void): () => void {
    const timer: Timer = { at: this.monotonic() + Math.max(0, ms), order: this.#set++, call };
    this.#rise(this.#heap.push(timer) - 1);
    if (timer.at < this.#armedFor) this.#arm();
    return () => {
      if (timer.call === undefined) return;
      timer.call = undefined;
      this.#over++;
      if (this.#over >= leastSwept && this.#over * 2 > this.#heap.length) this.#sweep();
      if (this.#over === this.#heap.length) this.#clear();
    };
  }

  #fire(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.monotonic();
    try {
      for (let called = 0; called < mostPerTurn && this.#callNext(now); ) called++;
    } finally {
      // Also where a call throws: the others are not to wait for ever.
      if (this.#over === this.#heap.length) this.#clear();
      else this.#arm();
    }
  }

  /** Calls the soonest that is still waited for; false where it is not due, or there is none. */
  #callNext(now: number): boolean {
    for (;;) {
      const [soonest] = this.#heap;
      if (soonest === undefined || (soonest.call !== undefined && soonest.at > now)) return false;
      this.#drop();
      const { call } = soonest;
      soonest.call = undefined;
      if (call === undefined) this.#over--;
      else {
        call();
        return true;
      }
    }
  }

  #arm(): void {
    const [soonest] = this.#heap;
    if (soonest === undefined || soonest.at >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = soonest.at;
    this.#disarm = this.#clock.after(Math.max(0, soonest.at - this.monotonic()), () => this.#fire());
  }

  /** Nothing is waited for: a process may end. */
  #clear(): void {
    this.#heap = [];
    this.#over = 0;
    this.#disarm();
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #sweep(): void {
    const left = this.#heap.filter(({ call }) => call !== undefined);
    this.#heap = left.sort(compare);
    this.#over = 0;
  }

  /** Takes the soonest out. */
  #drop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(place: number): void {
    for (let at = place; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapped(parent, at)) return;
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const [a, b] = [this.#heap[left], this.#heap[left + 1]];
      if (a === undefined) return;
      const child = b !== undefined && compare(b, a) < 0 ? left + 1 : left;
      if (!this.#swapped(at, child)) return;
      at = child;
    }
  }

  /** Exchanges the two where they stand the wrong way round. */
  #swapped(above: number, below: number): boolean {
    const [a, b] = [this.#heap[above], this.#heap[below]];
    if (a === undefined || b === undefined || compare(a, b) <= 0) return false;
    this.#heap[above] = b;
    this.#heap[below] = a;
    return true;
  }
}

function compare(a: Timer, b: Timer): number {
  return a.at - b.at || a.order - b.order;
}
