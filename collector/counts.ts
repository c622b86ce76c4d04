/** What became of readings; `millwright_readings_total{outcome}`. */
export const outcomes = ["stored", "duplicate", "refused_future", "refused_malformed", "lost"] as const;
export type Outcome = (typeof outcomes)[number];

/** Readings by what became of them, since the start. */
export class ReadingCounts {
  readonly #counts = new Map<Outcome, number>(outcomes.map((outcome) => [outcome, 0]));

  add(outcome: Outcome, readings: number): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + readings);
  }

  get(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  all(): ReadonlyMap<Outcome, number> {
    return this.#counts;
  }
}
