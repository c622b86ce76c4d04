/** What falls due when, soonest first: a binary heap. One thing may stand in it more than once. */
export class Deadlines<T> {
  readonly #due: number[] = [];
  readonly #what: T[] = [];

  get size(): number {
    return this.#due.length;
  }

  put(due: number, what: T): void {
    let at = this.#due.length;
    this.#due.push(due);
    this.#what.push(what);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#at(parent) <= due) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Removes and returns one thing that is due at `now`, or undefined where nothing is. */
  take(now: number): { readonly due: number; readonly what: T } | undefined {
    const due = this.#due[0];
    const what = this.#what[0];
    if (due === undefined || what === undefined || due > now) return undefined;
    this.#swap(0, this.#due.length - 1);
    this.#due.pop();
    this.#what.pop();
    this.#sink();
    return { due, what };
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#at(child) < this.#at(least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #at(index: number): number {
    return this.#due[index] ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const due = this.#due[a] as number;
    const what = this.#what[a] as T;
    this.#due[a] = this.#due[b] as number;
    this.#what[a] = this.#what[b] as T;
    this.#due[b] = due;
    this.#what[b] = what;
  }
}
