import type { ReadingColumns } from "./columns.ts";
import type { IndexedSeries } from "./store.ts";

/** Another engine that is fed from the journal. */
export interface Sink {
  /** Name of its cursor and in metrics: `influx:plant`. Stable over restarts. */
  readonly name: string;
  /**
   * Writes these readings; writing the same twice must leave the engine as writing once. `describe` gives the series of an
   * index. Rejects with SinkError.
   */
  write(readings: ReadingColumns, describe: (index: number) => IndexedSeries): Promise<void>;
  close(): Promise<void>;
}

/** A sink did not take a batch: `retry` = later (down, busy), `rejected` = never (the engine refuses these very readings). */
export class SinkError extends Error {
  readonly verdict: "retry" | "rejected";
  readonly retryAfterMs: number | undefined;

  constructor(verdict: "retry" | "rejected", message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options);
    this.name = "SinkError";
    this.verdict = verdict;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
