import type { Clock } from "../core/clock.ts";

export interface Deadline {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends the work early; the work's own signal then carries its reason. */
  readonly signal: AbortSignal;
  /** Why the work ended, when it ran out of time. */
  readonly late: () => Error;
}

/**
 * Runs work with a signal that aborts at the deadline or with the outer signal. By hand rather than by AbortSignal.any, which
 * keeps every short signal alive as long as the long-lived one it is joined to (Node 20).
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = (): void => abort.abort(deadline.signal.reason);
  if (deadline.signal.aborted) stop();
  deadline.signal.addEventListener("abort", stop, { once: true });
  const cancel = deadline.clock.after(deadline.ms, () => abort.abort(deadline.late()));
  try {
    return await work(abort.signal);
  } finally {
    cancel();
    deadline.signal.removeEventListener("abort", stop);
  }
}
