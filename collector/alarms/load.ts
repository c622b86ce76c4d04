const windowMs = 600_000;
/** More alarms than this in ten minutes are a flood: an operator cannot follow (EEMUA 191, ISA-18.2). */
const floodLimit = 10;

/** How much alarms ask of people: the times at which one was announced. */
export class AlarmLoad {
  #times: number[] = [];
  /** Times before this position are out of the window. */
  #from = 0;
  #total = 0;

  announced(now: number): void {
    this.#times.push(now);
    this.#total++;
  }

  get total(): number {
    return this.#total;
  }

  lastTenMinutes(now: number): number {
    const times = this.#times;
    while (this.#from < times.length && (times[this.#from] ?? now) <= now - windowMs) this.#from++;
    if (this.#from > times.length / 2) {
      this.#times = times.slice(this.#from);
      this.#from = 0;
    }
    return this.#times.length - this.#from;
  }

  flood(now: number): boolean {
    return this.lastTenMinutes(now) > floodLimit;
  }
}
