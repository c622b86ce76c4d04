import type { Clock } from "../core/clock.ts";

export interface Slices {
  readonly clock: Pick<Clock, "monotonic">;
  /** Resolves in a later turn of the event loop. */
  readonly turn?: () => Promise<void>;
}

/** Longest that a slice keeps the loop, and one step more, ms. */
const sliceMs = 10;
/** What a step begins may go on in its wake: so many steps at most make a slice. */
const mostSteps = 50;

/** Does something with each, in order, a slice at a time: between two slices the event loop turns, and others get on. */
export async function inSlices<T>(items: Iterable<T>, { clock, turn = nextTurn }: Slices, step: (item: T) => void): Promise<void> {
  let steps = 0;
  let began = clock.monotonic();
  for (const item of items) {
    if (steps === mostSteps || (steps > 0 && clock.monotonic() - began >= sliceMs)) {
      await turn();
      steps = 0;
      began = clock.monotonic();
    }
    step(item);
    steps++;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
