import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { collectorNow } from "./store.ts";
import { clockTime, duration, fullTime, zoneText } from "./time.ts";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The collector's time; the component is drawn again each second, all of them on one timer. */
export function useNow(): number {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = (): void => redraw((n) => n + 1);
    listeners.add(listener);
    timer ??= setInterval(() => {
      for (const each of listeners) each();
    }, 1000);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return collectorNow();
}

/** How old it is: `3 s`, ticking. `staleAfterMs` marks what is older than it should be, in words too. */
export function Age({ time, staleAfterMs }: { readonly time: number | null; readonly staleAfterMs?: number }): JSX.Element {
  const now = useNow();
  if (time === null || time === 0) return <span class="quiet">never</span>;
  const stale = staleAfterMs !== undefined && now - time > staleAfterMs;
  return (
    <time class={stale ? "age text-unknown" : "age"} dateTime={new Date(time).toISOString()} title={fullTime(time)}>
      {duration(now - time)}
      {stale ? " stale" : ""}
    </time>
  );
}

/** `since 14:03:12 (4 min)`. */
export function Since({ time }: { readonly time: number }): JSX.Element {
  const now = useNow();
  return (
    <time class="since" dateTime={new Date(time).toISOString()} title={fullTime(time)}>
      since {clockTime(time, now)} <span class="quiet">({duration(now - time)})</span>
    </time>
  );
}

/** Date, time and zone, for a screen that has nothing else to tell them. */
export function Clock(): JSX.Element {
  const now = useNow();
  return (
    <span class="clock">
      <span class="clock-day">{fullTime(now).slice(0, 10)}</span> {clockTime(now, now)} <span class="zone">{zoneText(now)}</span>
    </span>
  );
}
