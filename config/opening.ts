import type { Schedule, Span } from "./calendar.ts";

const dayMs = 86_400_000;
/** How far ahead is looked: a week, and as much as a range of hours may reach into another day. */
export const reachMs = 8 * dayMs;

/** The span of a schedule that `now` is in, or the next one within eight days. */
export function spanAtOrAfter(schedule: Pick<Schedule, "spans">, now: number): Span | undefined {
  return schedule.spans(now - 2 * dayMs, now + reachMs).find(({ to }) => to > now);
}

/** True while a schedule is open. It looks at the schedule only when it has to: asked each second it costs nothing. */
export function openingOf(schedule: Pick<Schedule, "spans">): (now: number) => boolean {
  let known = { from: 0, to: 0, open: false };
  return (now) => {
    if (now < known.from || now >= known.to) {
      const span = spanAtOrAfter(schedule, now) ?? { from: now + dayMs, to: now + dayMs };
      const open = span.from <= now;
      known = { from: now, to: open ? span.to : span.from, open };
    }
    return known.open;
  };
}
