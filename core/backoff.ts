/** How long to wait before the next try: exponential with full jitter (AWS Architecture Blog, 2015). */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Wait before try number `failures` + 1, ms; `random` is in [0, 1). At least half of the step, so that a retry is never at once. */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const step = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(failures, 30));
  return step / 2 + (step / 2) * random;
}
