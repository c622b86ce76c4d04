import type { Clock } from "../core/clock.ts";

/** Calls again and again, each time `everyMs` after the call before has returned. Returns what ends it. */
export function every(clock: Clock, everyMs: number, call: () => void): () => void {
  const pending = { cancel: (): void => {}, ended: false as boolean };
  const arm = (): void => {
    pending.cancel = clock.after(everyMs, () => {
      call();
      if (!pending.ended) arm();
    });
  };
  arm();
  return () => {
    pending.ended = true;
    pending.cancel();
  };
}
