import { type StateCode, unseen } from "./state.ts";

/** A stretch of time in one state. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly code: StateCode;
}

/** The states of one service over time: each holds until the next. Before the first one nothing is known. 9 bytes a state. */
export class Timeline {
  #times = new Float64Array(8);
  #codes = new Uint8Array(8);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** When the last state began; -Infinity before the first. */
  get last(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : (this.#times[this.#length - 1] ?? 0);
  }

  /** The state at a moment. */
  at(time: number): StateCode {
    const index = this.#indexAt(time);
    return index < 0 ? unseen : (this.#codes[index] ?? unseen);
  }

  /**
   * The service has this state from now on; true where that is new. A time before the last one (a clock that was set back) is
   * taken as the last one: time never runs backwards here.
   */
  note(time: number, code: StateCode): boolean {
    const before = this.#length === 0 ? unseen : this.#codes[this.#length - 1];
    if (code === before) return false;
    this.#push(Math.max(time, this.last), code);
    return true;
  }

  /** Calls with each stretch of a period, in order and without gaps. */
  walk(from: number, to: number, each: (from: number, to: number, code: StateCode) => void): void {
    let at = from;
    for (let i = this.#indexAt(from); at < to; i++) {
      const end = i + 1 < this.#length ? Math.min(to, this.#times[i + 1] ?? to) : to;
      if (end > at) each(at, end, i < 0 ? unseen : (this.#codes[i] ?? unseen));
      at = Math.max(at, end);
    }
  }

  segments(from: number, to: number): readonly Segment[] {
    const found: Segment[] = [];
    this.walk(from, to, (start, end, code) => found.push({ from: start, to: end, code }));
    return found;
  }

  /** Another truth about a period: what was noted within it gives way. */
  revise(from: number, to: number, states: readonly Segment[]): void {
    const after = this.at(to);
    const tail = this.segments(to, Number.POSITIVE_INFINITY);
    this.cut(from);
    for (const { from: at, code } of states) this.note(Math.min(Math.max(at, from), to), code);
    if (to < Number.POSITIVE_INFINITY) this.note(to, after);
    for (const { from: at, code } of tail) this.note(at, code);
  }

  /** Forgets the states that began at this time or later. */
  cut(time: number): void {
    while (this.#length > 0 && this.last >= time) this.#length--;
  }

  /** Forgets the states that had ended by this time. */
  forget(before: number): void {
    const index = this.#indexAt(before);
    if (index <= 0) return;
    this.#times.copyWithin(0, index, this.#length);
    this.#codes.copyWithin(0, index, this.#length);
    this.#length -= index;
  }

  #push(time: number, code: StateCode): void {
    // A state that lasted no time at all never was.
    if (this.last === time) {
      this.#length--;
      this.note(time, code);
      return;
    }
    if (this.#length === this.#times.length) this.#grow();
    this.#times[this.#length] = time;
    this.#codes[this.#length] = code;
    this.#length++;
  }

  #grow(): void {
    const times = new Float64Array(this.#length * 2);
    const codes = new Uint8Array(this.#length * 2);
    times.set(this.#times);
    codes.set(this.#codes);
    this.#times = times;
    this.#codes = codes;
  }

  /** The state in force at a moment; -1 before the first. */
  #indexAt(time: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
