import { Q } from "../../../core/quality.ts";
import { advance, mayHaveLapped, type Sample } from "./counters.ts";
import { bad, type Value } from "./value.ts";

/** How a counter's speed becomes a reading: `counts per second * scale / per`. `limit` is its ceiling before `per`; NaN where there is none. */
export interface RateScale {
  readonly scale: number;
  readonly per: number;
  readonly limit: number;
  /** The reading is a share of the limit: beyond it, it means nothing. */
  readonly share: boolean;
}

/** Agents that refresh their counters slower than they are asked show twice the speed in some rounds; more is no speed at all. */
const tolerance = 2;

/** The speed of one counter over the last two rounds. */
export class RateMeter {
  #before: Sample | undefined;

  /**
   * Undefined at the first sample. Bad (BadDataLost) where the counter was reset in between: never a spike. Beyond the
   * limit a share is Bad, and so is a counter of 32 bits, whose fall was no wrap then; one of 64 bits is Uncertain,
   * because virtual interfaces state speeds that they are not bound by. Uncertain, too, where 32 bits may have gone
   * round more than once.
   */
  read(now: Sample, { scale, per, limit, share }: RateScale): Value | undefined {
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return undefined;
    const moved = advance(before, now);
    if (moved === "reset") return bad(Q.BadDataLost);
    const speed = (Number(moved.delta) / moved.seconds) * scale;
    const over = limit > 0 && speed > limit * tolerance;
    if (over && (share || now.bits === 32)) return bad(Q.BadOutOfRange);
    if (over) return { value: speed / per, quality: Q.UncertainEngineeringUnitsExceeded };
    const lapped = limit > 0 && mayHaveLapped(now.bits, moved.seconds, limit / scale);
    return { value: speed / per, quality: lapped ? Q.Uncertain : Q.Good };
  }

  /** The next sample is a first one again. */
  forget(): void {
    this.#before = undefined;
  }
}
