import type { Clock } from "../../../../core/clock.ts";
import type { EngineTime } from "../privacy.ts";

/** How far an engine's time may be off (RFC 3414 §2.2.3), s. */
const windowSeconds = 150;
/** Most engines that are remembered; only those of authenticated messages are. */
const maxEngines = 10_000;

interface Known {
  boots: number;
  /** Its seconds since its boot, at the moment `at` of our monotonic clock. */
  time: number;
  at: number;
}

/** The clocks of engines that send traps: what is older than 150 s by an engine's own clock is a recording that somebody plays. */
export class TimeWindows {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True where an authenticated message of this engine is from now; its clock is then known as newer (RFC 3414 §3.2 step 7b). */
  admit(engine: Buffer, { boots, time }: EngineTime): boolean {
    const key = engine.toString("latin1");
    const known = this.#known.get(key);
    const now = this.#clock.monotonic();
    if (known === undefined) {
      // A map's order is that of insertion: the first is the one that was met longest ago.
      const oldest = this.#known.size >= maxEngines ? this.#known.keys().next().value : undefined;
      if (oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(key, { boots, time, at: now });
      return true;
    }
    const expected = known.time + (now - known.at) / 1000;
    if (boots < known.boots || (boots === known.boots && time < expected - windowSeconds)) return false;
    if (boots > known.boots || time > known.time) Object.assign(known, { boots, time, at: now });
    return true;
  }
}

/** True where a message to our own engine is from now (RFC 3414 §3.2 step 7a). */
export function isInTime(own: EngineTime, { boots, time }: EngineTime): boolean {
  return boots === own.boots && Math.abs(time - own.time) <= windowSeconds;
}
