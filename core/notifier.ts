import type { IncidentView } from "./incident-view.ts";
import type { LevelName } from "./level.ts";

/** What has become of an incident, as one channel is told. `opened` is its first word, whenever that comes. */
export type NewsKind = "opened" | "updated" | "repeated" | "escalated" | "resolved";

export interface News {
  readonly kind: NewsKind;
  readonly incident: IncidentView;
  /** The level that this channel was told last; null before its first word. */
  readonly was: LevelName | null;
}

/** One message to one channel: news of one incident, or of several that came together. */
export interface Notification {
  /** Stable over retries and restarts: who has seen it already may drop it. */
  readonly id: string;
  /** When it was written, ms since epoch. */
  readonly time: number;
  readonly title: string;
  /** Plain text of some lines. Names and values of devices in it are hostile: escape them for the medium. */
  readonly text: string;
  /** The worst level among those that are not resolved; ok where all are. */
  readonly level: LevelName;
  readonly news: readonly News[];
  /** Where a browser shows it; empty where config does not say. */
  readonly url: string;
}

/** A way to tell people. `send` is not called twice at once. */
export interface Notifier {
  /** Resolves once it is handed over. Rejects with NotifyError; gives up when the signal aborts. */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A message was not taken: `retry` = later (down, busy, not let in), `rejected` = never (this very message is refused). */
export class NotifyError extends Error {
  override readonly name = "NotifyError";
  readonly verdict: "retry" | "rejected";
  readonly retryAfterMs: number | undefined;

  constructor(verdict: "retry" | "rejected", message: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(message, options);
    this.verdict = verdict;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
