import { Q } from "../../../core/quality.ts";
import { type Advance, advance, mayHaveLapped, type Sample } from "./counters.ts";
import { bad, type Value } from "./value.ts";

/** What a counter did since the round before. */
export interface Movement {
  readonly moved: Advance;
  readonly bits: 32 | 64;
}

/** Compares one counter with what it was a round ago. */
export class CounterWatch {
  #before: Sample | undefined;

  /** Undefined at the first sample. */
  move(now: Sample): Movement | undefined {
    const before = this.#before;
    this.#before = now;
    return before === undefined ? undefined : { moved: advance(before, now), bits: now.bits };
  }

  /** The next sample is a first one again. */
  forget(): void {
    this.#before = undefined;
  }
}

/** How a movement becomes a reading: `counts per second * scale / per`. */
export interface RateScale {
  readonly scale: number;
  readonly per: number;
  /** Ceiling of the scaled speed, before `per`; NaN where there is none. */
  readonly limit: number;
  /** The reading is a share of the limit: beyond it, it means nothing. */
  readonly share: boolean;
}

/** Agents that refresh their counters slower than they are asked show twice the speed in some rounds; more is no speed at all. */
const tolerance = 2;

/**
 * Bad (BadDataLost) where the counter was reset in between: never a spike. Beyond the limit a share is Bad, and so is a
 * counter of 32 bits, whose fall was no wrap then; one of 64 bits is Uncertain, because virtual interfaces state speeds
 * that they are not bound by. Uncertain, too, where 32 bits may have gone round more than once.
 */
export function rateOf({ moved, bits }: Movement, { scale, per, limit, share }: RateScale): Value {
  if (moved === "reset") return bad(Q.BadDataLost);
  const speed = (Number(moved.delta) / moved.seconds) * scale;
  const over = limit > 0 && speed > limit * tolerance;
  if (over && (share || bits === 32)) return bad(Q.BadOutOfRange);
  if (over) return { value: speed / per, quality: Q.UncertainEngineeringUnitsExceeded };
  const lapped = limit > 0 && mayHaveLapped(bits, moved.seconds, limit / scale);
  return { value: speed / per, quality: lapped ? Q.Uncertain : Q.Good };
}
