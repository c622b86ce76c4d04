/** Time as something that is handed in, so that tests can turn it. */
export interface Clock {
  /** ms since epoch, anchored to the monotonic clock: never steps back. */
  now(): number;
  /** ms since an arbitrary moment; only differences mean something. */
  monotonic(): number;
  /** Calls once after `ms`; returns what cancels it. */
  after(ms: number, call: () => void): () => void;
}

/** How often the anchor is compared with the wall clock, ms of monotonic time. */
const resyncMs = 60_000;

/**
 * The machine's clock. `now()` is wall time anchored once and carried on by the monotonic clock, so that an NTP step
 * neither repeats nor reorders readings; once a minute the anchor is moved: forward at once, backward never (it waits).
 */
export function systemClock(): Clock {
  let anchorWall = Date.now();
  let anchorMono = performance.now();
  let last = anchorWall;
  return {
    now() {
      const mono = performance.now();
      if (mono - anchorMono > resyncMs) {
        anchorWall = Date.now();
        anchorMono = mono;
      }
      last = Math.max(last, Math.round(anchorWall + (mono - anchorMono)));
      return last;
    },
    monotonic: () => performance.now(),
    after(ms, call) {
      // Timers of Node count whole ms of a clock that is a little behind: half of them would fire before `ms` have passed.
      const timer = setTimeout(call, Math.ceil(ms) + 1);
      return () => clearTimeout(timer);
    },
  };
}

/** Resolves after `ms` of the clock, or at once when the signal aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
