import { type Backoff, backoffMs } from "../../core/backoff.ts";
import { type Clock, pause } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { type Notification, type Notifier, NotifyError } from "../../core/notifier.ts";
import type { Graveyard } from "./dead-letters.ts";
import type { Letter, Outbox } from "./outbox.ts";

export interface CourierOptions {
  readonly channel: string;
  /** Makes the notifier, its library loaded only now. */
  readonly open: () => Promise<Notifier>;
  readonly outbox: Outbox;
  readonly graveyard: Graveyard;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), for the jitter. */
  readonly random: () => number;
}

/** How a channel stands. */
export interface ChannelCounts {
  readonly channel: string;
  readonly sent: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Messages that the channel refused for good. */
  readonly rejected: number;
  /** Messages given up because too many waited, or for too long. */
  readonly dropped: number;
  readonly waiting: number;
}

/** What became of its messages last, since the start; times are ms since epoch. */
export interface ChannelState extends ChannelCounts {
  /** When the oldest message that waits was written. */
  readonly oldest: number | undefined;
  readonly lastSuccess: number | undefined;
  readonly lastError: { readonly time: number; readonly reason: string } | undefined;
}

/** How long one message may take. */
export const deadlineMs = 15_000;
/** So many messages wait for a channel, and so long, ms; the oldest beyond that are given up. */
export const mostWaiting = 1000;
export const longestWaitMs = 7 * 86_400_000;
const backoff: Backoff = { minMs: 1000, maxMs: 300_000 };

/** Brings the letters of one channel, one after the other, until each is taken. It waits for nobody else's. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #released = 0;
  #notifier: Notifier | undefined;
  #wake = (): void => {};
  #sent = 0;
  #failed = 0;
  #failures = 0;
  #rejected = 0;
  #dropped = 0;
  #lastSuccess: number | undefined;
  #lastError: ChannelState["lastError"];

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Letters up to this number may go: they are stored. */
  release(upTo: number): void {
    this.#released = Math.max(this.#released, upTo);
    this.#running ??= this.#run();
    this.#wake();
  }

  counts(): ChannelCounts {
    const { channel, outbox } = this.#options;
    const [sent, failed, rejected, dropped] = [this.#sent, this.#failed, this.#rejected, this.#dropped];
    return { channel, sent, failed, rejected, dropped, waiting: outbox.waiting(channel) };
  }

  state(): ChannelState {
    const { outbox, channel } = this.#options;
    const oldest = outbox.first(channel);
    return {
      ...this.counts(),
      oldest: oldest === undefined ? undefined : oldest.notification.time,
      lastSuccess: this.#lastSuccess,
      lastError: this.#lastError,
    };
  }

  /** Gives up what is too much or too old: a channel that hangs costs neither memory nor disk without end. */
  trim(now: number): void {
    const { channel, outbox, graveyard, log } = this.#options;
    const over = outbox.overflow(channel, { most: mostWaiting, before: now - longestWaitMs });
    if (over.length === 0) return;
    this.#dropped += over.length;
    for (const letter of over) graveyard.bury(letter, "too many messages wait for the channel, or this one for too long", now);
    log.error({ channel, messages: over.length }, "channel takes no messages: the oldest are given up and kept as dead letters");
  }

  /** Gives up the message under way: it stays in the outbox. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
    await this.#forget();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const letter = this.#options.outbox.first(this.#options.channel);
      if (letter === undefined || letter.number > this.#released) await this.#news();
      else await this.#deliver(letter);
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#stop.signal.aborted) resolve();
    });
  }

  async #deliver(letter: Letter): Promise<void> {
    const { channel, outbox, graveyard, clock, log, random } = this.#options;
    const { id, title } = letter.notification;
    try {
      await this.#send(letter.notification);
      outbox.cross(letter);
      this.#sent++;
      this.#lastSuccess = clock.now();
      if (this.#failures > 0) log.info({ channel, failures: this.#failures }, "channel takes messages again");
      this.#failures = 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failed++;
      this.#lastError = { time: clock.now(), reason: messageOf(error) };
      if (error instanceof NotifyError && error.verdict === "rejected") {
        this.#rejected++;
        outbox.cross(letter);
        graveyard.bury(letter, messageOf(error), clock.now());
        log.error({ channel, id, title, error: messageOf(error) }, "channel refuses a message; nobody is told of it there");
        return;
      }
      if (this.#failures === 0) log.warn({ channel, error: messageOf(error) }, "channel takes no messages; tried again until it does");
      const asked = error instanceof NotifyError ? (error.retryAfterMs ?? 0) : 0;
      await pause(clock, Math.max(backoffMs(backoff, this.#failures++, random()), Math.min(asked, backoff.maxMs)), this.#stop.signal);
    }
  }

  /** Rejects at the deadline even where the notifier does not heed its signal; then it is made anew. */
  async #send(notification: Notification): Promise<void> {
    const { channel, clock, open } = this.#options;
    const giveUp = new AbortController();
    const stopped = (): void => giveUp.abort();
    this.#stop.signal.addEventListener("abort", stopped, { once: true });
    const aborted = new Promise<never>((_, reject) => {
      giveUp.signal.addEventListener(
        "abort",
        () => reject(new NotifyError("retry", `channel ${channel}: no answer within ${deadlineMs / 1000} s`)),
        { once: true },
      );
    });
    const cancel = clock.after(deadlineMs, stopped);
    const sending = (async () => {
      this.#notifier ??= await open();
      await this.#notifier.send(notification, giveUp.signal);
    })();
    // What fails after the deadline is nobody's news.
    sending.catch(() => {});
    try {
      await Promise.race([sending, aborted]);
    } catch (error) {
      void this.#forget();
      throw error;
    } finally {
      cancel();
      this.#stop.signal.removeEventListener("abort", stopped);
    }
  }

  async #forget(): Promise<void> {
    const notifier = this.#notifier;
    this.#notifier = undefined;
    await notifier?.close().catch(() => {});
  }
}
