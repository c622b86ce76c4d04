import type { CollectorEvent } from "../core/api.ts";

export interface StreamHandlers {
  /** A connection stands (again): fetch the snapshots, events that follow are newer. `time` is the collector's clock, ms. */
  onOpen(time: number): void;
  onEvent(event: CollectorEvent): void;
  /** The collector lives; `time` is its clock. */
  onBeat(time: number): void;
  onLost(): void;
}

const kinds: readonly CollectorEvent["type"][] = ["service", "asset", "alarm", "incident", "readings", "event", "config", "reset"];
/** Three beats of the collector, and a little: then the connection is dead, whatever the browser thinks. */
const silenceMs = 50_000;

/**
 * Listens to /api/v1/events and keeps at it: the browser reconnects by itself after a break, we do after silence or a refusal.
 * Returns what ends it.
 */
export function openStream(query: string, handlers: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(reopen, silenceMs);
  };
  const reopen = (): void => {
    handlers.onLost();
    close();
    retry = setTimeout(open, 2000 + Math.random() * 2000);
  };
  const close = (): void => {
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(retry);
  };
  const open = (): void => {
    const stream = new EventSource(`/api/v1/events?${query}`);
    source = stream;
    const on = (name: string, call: (data: unknown) => void): void =>
      stream.addEventListener(name, (message: MessageEvent<string>) => {
        alive();
        call(JSON.parse(message.data));
      });
    on("hello", (data) => handlers.onOpen(timeOf(data)));
    on("beat", (data) => handlers.onBeat(timeOf(data)));
    for (const kind of kinds) on(kind, (data) => handlers.onEvent(data as CollectorEvent));
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) reopen();
      else handlers.onLost();
    });
    alive();
  };
  open();
  return close;
}

function timeOf(data: unknown): number {
  return typeof data === "object" && data !== null && "time" in data && typeof data.time === "number" ? data.time : Date.now();
}
