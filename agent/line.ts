import { backoffMs } from "../core/backoff.ts";
import { type Clock, pause } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Answer, Ask, CollectorClient } from "./client.ts";

/** How the way to the collector is. */
export interface LineStatus {
  readonly state: "connecting" | "shipping" | "waiting" | "denied";
  /** Why it waits; empty while it ships. */
  readonly reason: string;
  /** Collector's clock minus ours, ms; null before the first answer. */
  readonly offsetMs: number | null;
}

export interface LineOptions {
  readonly client: Pick<CollectorClient, "ask">;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), for the jitter. */
  readonly random: () => number;
}

/** Why a try was in vain, and how long the answer said to wait; no reason where the wait is over already. */
export interface Put {
  readonly reason: string;
  readonly waitMs: number | undefined;
}

/** How long nothing is sent to a collector that does not let us in. */
export const deniedMs = 60_000;
/** Shortest wait before a try is repeated, whatever the answer said. */
const minMs = 1000;
/** A collector that is restarted is found again soon; one that stays away is not asked often. */
const patience = { firstMs: 60_000, maxMsAtFirst: 5_000, maxMs: 60_000 };

/** The way to the collector: what is asked, how it stands, and how long to wait where it does not (docs/delivery.md §3.4). */
export class Line {
  readonly #options: LineOptions;
  readonly #signal: AbortSignal;
  #status: LineStatus = { state: "connecting", reason: "", offsetMs: null };
  #failures = 0;
  #failingSince = 0;

  /** Waits and requests end with the signal. */
  constructor(options: LineOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  get status(): LineStatus {
    return this.#status;
  }

  /** The answer; undefined, after a pause, when there was none. */
  async ask(ask: Ask): Promise<Answer | undefined> {
    try {
      return await this.#options.client.ask(ask, this.#signal);
    } catch (error) {
      if (!this.#signal.aborted) await this.later({ reason: messageOf(error), waitMs: undefined });
      return undefined;
    }
  }

  /** `timeMs` is the collector's clock, as an answer said it to a request of `sentAt`. */
  noteTime(timeMs: number | undefined, sentAt: number): void {
    if (timeMs !== undefined) this.#status = { ...this.#status, offsetMs: Math.round(timeMs - (sentAt + this.#options.clock.now()) / 2) };
  }

  /** The collector let us in. */
  open(): void {
    this.#status = { ...this.#status, state: "shipping", reason: "" };
  }

  /** The collector takes what we send. */
  well(): void {
    if (this.#failures > 0) this.#options.log.info({ tries: this.#failures }, "collector takes batches again");
    this.#failures = 0;
  }

  async denied(reason: string): Promise<void> {
    if (this.#status.state !== "denied") this.#options.log.error({ reason }, "collector does not let this agent in, spooling on");
    this.#status = { ...this.#status, state: "denied", reason };
    await pause(this.#options.clock, deniedMs, this.#signal);
  }

  /** Waits before the next try, longer with each. */
  async later(put: Put): Promise<void> {
    const { clock, log, random } = this.#options;
    if (put.reason === "") return;
    const now = clock.monotonic();
    if (this.#failures === 0) {
      this.#failingSince = now;
      log.warn({ reason: put.reason }, "collector does not take batches, spooling");
    }
    this.#status = { ...this.#status, state: "waiting", reason: put.reason };
    const failures = this.#failures++;
    if (put.waitMs !== undefined) return this.waitAsTold(put.waitMs);
    const maxMs = now - this.#failingSince < patience.firstMs ? patience.maxMsAtFirst : patience.maxMs;
    await pause(clock, Math.max(minMs, backoffMs({ minMs, maxMs }, failures, random())), this.#signal);
  }

  /** Retry-After, and a little more by chance, so that not all agents come back at the same moment. */
  waitAsTold(ms: number): Promise<void> {
    return pause(this.#options.clock, Math.max(minMs, ms * (1 + this.#options.random() / 4)), this.#signal);
  }
}
