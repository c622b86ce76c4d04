/** A message that a channel will not take any more, kept with the reason. Times are ms since epoch. */
export interface DeadLetterView {
  /** Id of the message. */
  readonly id: string;
  readonly given_up_at: number;
  readonly reason: string;
  readonly title: string;
  /** Ids of the incidents that it tells of. */
  readonly incidents: readonly string[];
}

/** How a channel stands, as /api/v1/notify/channels says it. Counts and last words are those since the collector's start. */
export interface ChannelView {
  readonly id: string;
  readonly waiting: number;
  /** When the oldest message that waits was written; null where none does. */
  readonly oldest: number | null;
  readonly sent: number;
  /** Attempts that failed. */
  readonly failed: number;
  readonly rejected: number;
  readonly dropped: number;
  readonly last_success: number | null;
  readonly last_error: { readonly time: number; readonly reason: string } | null;
  /** The newest first. */
  readonly dead_letters: readonly DeadLetterView[];
}
