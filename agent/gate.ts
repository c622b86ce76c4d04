/** Lets at most so many through at once; the others wait in line. */
export class Gate {
  readonly #limit: number;
  readonly #line: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Resolves with what gives the place back, to be called once; undefined when the signal aborts first. */
  async enter(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.#inside < this.#limit) this.#inside++;
    else if (!(await this.#turn(signal))) return undefined;
    return () => this.#leave();
  }

  /** Hands the place on: until who waits notices, nobody else may take it. */
  #leave(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#inside--;
    else next();
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = (): void => {
        this.#line.splice(this.#line.indexOf(go), 1);
        resolve(false);
      };
      this.#line.push(go);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
