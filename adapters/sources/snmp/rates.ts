import { Q } from "../../../core/quality.ts";
import { advance, mayHaveLapped, type Sample } from "./counters.ts";
import { bad, type Value } from "./value.ts";

/** How a counter's speed becomes a reading: `counts per second * scale / per`, never above `limit / per`; NaN where there is no limit. */
export interface RateScale {
  readonly scale: number;
  readonly per: number;
  readonly limit: number;
}

/** Agents that refresh their counters slower than they are asked show twice the speed in some rounds; more is no speed at all. */
const tolerance = 2;

/** The speed of one counter over the last two rounds. */
export class RateMeter {
  #before: Sample | undefined;

  /**
   * Undefined at the first sample. Bad (BadDataLost) where the counter was reset in between, and where it would have run
   * faster than it can: never a spike. Uncertain where a counter of 32 bits may have gone round more than once.
   */
  read(now: Sample, { scale, per, limit }: RateScale): Value | undefined {
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return undefined;
    const moved = advance(before, now);
    if (moved === "reset") return bad(Q.BadDataLost);
    const speed = (Number(moved.delta) / moved.seconds) * scale;
    if (limit > 0 && speed > limit * tolerance) return bad(Q.BadDataLost);
    const lapped = limit > 0 && mayHaveLapped(now.bits, moved.seconds, limit / scale);
    return { value: speed / per, quality: lapped ? Q.Uncertain : Q.Good };
  }

  /** The next sample is a first one again. */
  forget(): void {
    this.#before = undefined;
  }
}
