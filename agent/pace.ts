/**
 * Lets so many through in one turn of the event loop, and the others in the next ones, in order. Work that many begin at
 * once then never keeps the loop for longer than that many take.
 */
export class Pace {
  readonly #perTurn: number;
  readonly #line: (() => void)[] = [];
  /** Who may still go in this turn. */
  #left: number;
  #turning = false as boolean;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
    this.#left = perTurn;
  }

  /** Resolves when it is the caller's turn. */
  async enter(): Promise<void> {
    this.#turnLater();
    if (this.#left > 0 && this.#line.length === 0) this.#left--;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
  }

  #turnLater(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      const next = this.#line.splice(0, this.#perTurn);
      this.#left = this.#perTurn - next.length;
      if (next.length > 0) this.#turnLater();
      for (const go of next) go();
    });
  }
}
