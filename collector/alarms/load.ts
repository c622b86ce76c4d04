const windowMs = 600_000;
/** More alarms than this in ten minutes are a flood: an operator cannot follow (EEMUA 191, ISA-18.2). */
const floodLimit = 10;

/** What of the load outlives a restart: how many alarms were announced ever, and when, as [ms since epoch, how many]. */
export interface KeptLoad {
  readonly total: number;
  readonly times: readonly (readonly [time: number, count: number])[];
}

/** How much alarms ask of people: the times at which they were announced. */
export class AlarmLoad {
  /** Ascending; those of one moment together. */
  #times: [time: number, count: number][] = [];
  #total = 0;
  #changed: boolean = false;

  announced(now: number): void {
    const last = this.#times.at(-1);
    if (last?.[0] === now) last[1]++;
    else this.#times.push([now, 1]);
    this.#total++;
    this.#changed = true;
  }

  get total(): number {
    return this.#total;
  }

  lastTenMinutes(now: number): number {
    this.#forget(now);
    return this.#times.reduce((sum, [, count]) => sum + count, 0);
  }

  flood(now: number): boolean {
    return this.lastTenMinutes(now) > floodLimit;
  }

  /** Takes up what was kept before a restart. */
  recall({ total, times }: KeptLoad): void {
    this.#total = total;
    this.#times = times.map(([time, count]) => [time, count]);
  }

  /** What a restart must not lose; undefined where it did not change since the last call. */
  takeKept(now: number): KeptLoad | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    this.#forget(now);
    return { total: this.#total, times: this.#times };
  }

  #forget(now: number): void {
    const from = this.#times.findIndex(([time]) => time > now - windowMs);
    if (from !== 0) this.#times = from < 0 ? [] : this.#times.slice(from);
  }
}
