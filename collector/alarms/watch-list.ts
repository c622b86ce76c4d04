import type { LiveWatch } from "./watch.ts";

/** Watches that something is to be done about, each once, in order. A mark on the watch says that it is listed: a set of 100,000 costs more than all that is done. */
export class WatchList {
  readonly #mark: number;
  #watches: LiveWatch[] = [];

  /** `bit`: another one for each list that a watch may be on. */
  constructor(bit: number) {
    this.#mark = 1 << bit;
  }

  add(watch: LiveWatch): void {
    if ((watch.listed & this.#mark) !== 0) return;
    watch.listed |= this.#mark;
    this.#watches.push(watch);
  }

  /** All of them, which are listed no more. */
  take(): readonly LiveWatch[] {
    const watches = this.#watches;
    if (watches.length === 0) return watches;
    this.#watches = [];
    for (const watch of watches) watch.listed &= ~this.#mark;
    return watches;
  }
}
