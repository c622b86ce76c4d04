import type { Count } from "./decode.ts";

/** A counter as it was read. */
export interface Sample extends Count {
  /** Monotonic ms of the reading. */
  readonly at: number;
  /** Restarts of the device that were seen until then. */
  readonly restarts: number;
  /** ifCounterDiscontinuityTime or its like, ticks; NaN where the device has none. */
  readonly discontinuity: number;
}

/** What a counter did between two samples: `reset` = nobody knows. */
export type Advance = { readonly delta: bigint; readonly seconds: number } | "reset";

/**
 * The exact difference of two samples. A counter that fell has wrapped where it has 32 bits, and was reset where it has
 * 64: those take decades to wrap (RFC 2863 §3.1.6). A restart or a discontinuity in between makes any difference void.
 */
export function advance(before: Sample, now: Sample): Advance {
  const continuous = before.restarts === now.restarts && before.bits === now.bits && Object.is(before.discontinuity, now.discontinuity);
  const seconds = (now.at - before.at) / 1000;
  if (!continuous || seconds <= 0) return "reset";
  if (now.value >= before.value) return { delta: now.value - before.value, seconds };
  return now.bits === 32 ? { delta: now.value - before.value + (1n << 32n), seconds } : "reset";
}

/** True when a counter of 32 bits may have wrapped more than once in this time at this many counts per second. */
export function mayHaveLapped(bits: 32 | 64, seconds: number, perSecond: number): boolean {
  return bits === 32 && perSecond * seconds >= 2 ** 32;
}

/** sysUpTime as it was read. */
export interface Uptime {
  /** 1/100 s, wraps at 2^32 after 497 days. */
  readonly ticks: number;
  /** Monotonic ms. */
  readonly at: number;
}

/** How far a device's clock may be off before it counts as restarted: 5 s, and 2 % of the time between. */
const slackTicks = 500;
const slackRatio = 0.02;

/** True when the device (or its agent) has started anew between the two. A clock that stands still has not. */
export function restarted(before: Uptime, now: Uptime): boolean {
  if (now.ticks === before.ticks) return false;
  const passed = (now.at - before.at) / 10;
  // Modulo 2^32: an overflow of sysUpTime is no restart. Off by how much, in either direction:
  const off = ((((now.ticks - before.ticks - passed) % 2 ** 32) + 2 ** 32 + 2 ** 31) % 2 ** 32) - 2 ** 31;
  return Math.abs(off) > slackTicks + passed * slackRatio;
}
