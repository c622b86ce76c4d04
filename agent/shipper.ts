import { type Clock, pause } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Carrier } from "./carrier.ts";
import type { CollectorClient } from "./client.ts";
import { Hand, lastOf, type SpoolRecord } from "./hand.ts";
import { Line, type LineStatus } from "./line.ts";
import type { NowLane } from "./now.ts";
import { isJump, type Position } from "./position.ts";
import { askMark } from "./requests.ts";
import type { SpoolEntry } from "./spool/reader.ts";
import type { Spool } from "./spool/spool.ts";
import { judge, markOf, reasonOf, type Verdict } from "./verdict.ts";

export interface ShipperOptions {
  readonly agent: string;
  readonly spool: Spool;
  readonly client: Pick<CollectorClient, "ask">;
  /** The present, shown while a backlog drains; not shown without it. */
  readonly now?: NowLane;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1), for the jitter. */
  readonly random: () => number;
  /** The collector knows nothing of this epoch: what is only sent on change has to be sent again. */
  readonly fresh: () => void;
}

/** How the way to the collector is, and what went over it. */
export interface ShipperStatus extends LineStatus {
  readonly lastAckTime: number | null;
  readonly acked: number;
  readonly refusedBatches: number;
}

/** Longest silence towards the collector, which takes an agent for gone after 30 s. */
const beatMs = 10_000;
const quietly = Symbol("nothing to send");

/** Sends what the spool holds, in order, one request at a time, for ever: docs/delivery.md §3. */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #stop = new AbortController();
  readonly #at: Position = { seq: 0, last: undefined, tried: 0 };
  readonly #hand: Hand;
  #running: Promise<void> | undefined;
  readonly #line: Line;
  readonly #carrier: Carrier;
  #lastAckTime: number | null = null;
  #refusedBatches = 0;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#hand = new Hand(options.spool);
    this.#line = new Line(options, this.#stop.signal);
    this.#carrier = new Carrier({ ...options, line: this.#line, hand: this.#hand }, this.#stop.signal);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends a request under way; what it carried is sent again next time. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  status(): ShipperStatus {
    const { acked } = this.#options.spool;
    return { ...this.#line.status, lastAckTime: this.#lastAckTime, acked, refusedBatches: this.#refusedBatches };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#handshake();
        while (!signal.aborted && (await this.#step()));
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.error({ err: error }, "shipper stumbled");
        await this.#line.later({ reason: messageOf(error), waitMs: undefined });
      }
    }
  }

  /** Sends the next entry, and those after it that are there already, until it is dealt with; false when the mark has to be asked for again. */
  async #step(): Promise<boolean> {
    const entry = await this.#next();
    if (entry === undefined) return true;
    let described = false;
    if (entry.kind === "record" && isJump(this.#at, entry)) described = await this.#carrier.describe(entry.seq, []);
    let alone = false;
    for (let asked = 0; !this.#stop.signal.aborted; ) {
      await this.#carrier.showNow();
      const run: readonly SpoolRecord[] = alone
        ? [entry].filter((one) => one.kind === "record")
        : await this.#carrier.runFrom(entry, this.#at.last?.seq);
      const firstTry = lastOf(entry) > Math.max(this.#at.tried, this.#options.spool.inherited);
      const verdict = await this.#carrier.post(entry, run);
      this.#at.tried = Math.max(this.#at.tried, run.at(-1)?.seq ?? 0, lastOf(entry));
      if (verdict.kind === "describe" && entry.kind === "record" && asked < 2) {
        asked += described ? 1 : 2;
        described = await this.#carrier.describe(entry.seq, verdict.numbers);
        continue;
      }
      if (verdict.kind === "later") {
        // A collector that is crowded puts a backlog off before anything else: the first of it goes alone then.
        if (run.length > 1 && verdict.waitMs !== undefined) await this.#line.waitAsTold(verdict.waitMs);
        else await this.#line.later(verdict);
        alone ||= run.length > 1;
        continue;
      }
      if (verdict.kind === "poison" && run.length > 1) {
        // Whose fault it is shows when it comes by itself.
        alone = true;
        continue;
      }
      return await this.#settle({ entry, run, verdict, firstTry });
    }
    return true;
  }

  /** The next entry. While there is none the collector is asked for the mark now and then, so that it knows this agent is alive. */
  async #next(): Promise<SpoolEntry | undefined> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const next = this.#hand.at(this.#at.seq, signal);
    for (;;) {
      const waiting = new AbortController();
      const quiet = pause(clock, beatMs, waiting.signal).then(() => quietly);
      const first = await Promise.race([next, quiet]);
      waiting.abort();
      if (first !== quietly || signal.aborted) return next;
      if ((await this.#line.ask(askMark(this.#options)))?.status === 200) this.#line.well();
    }
  }

  /** What becomes of an entry after an answer about it. */
  async #settle(done: {
    readonly entry: SpoolEntry;
    readonly run: readonly SpoolRecord[];
    readonly verdict: Verdict;
    readonly firstTry: boolean;
  }): Promise<boolean> {
    const { entry, run, verdict, firstTry } = done;
    switch (verdict.kind) {
      case "ack": {
        // Nobody else numbers in our epoch, unless the disk was cloned or restored.
        const foreign = (verdict.duplicate && firstTry && entry.kind === "record") || verdict.ack > this.#options.spool.stats().lastSeq;
        if (foreign) return this.#renew();
        this.#acknowledge(run.find((record) => record.seq === verdict.ack) ?? entry, verdict);
        return true;
      }
      case "expect":
        return this.#goTo(entry, verdict.seq);
      case "denied":
        await this.#line.denied(verdict.reason);
        return false;
      default:
        return this.#refuse(entry, verdict.kind === "poison" ? verdict.reason : "its series stay unknown to the collector");
    }
  }

  #acknowledge(entry: SpoolEntry, verdict: Verdict & { readonly kind: "ack" }): void {
    const seq = lastOf(entry);
    const { spool, clock } = this.#options;
    this.#line.well();
    // An ack below what was sent says that the collector went back in time: it is asked again at the next seq.
    spool.ack(Math.max(verdict.ack, seq));
    this.#hand.drop(Math.max(verdict.ack, seq));
    this.#at.last = entry.kind === "record" && verdict.ack <= seq ? { seq, segment: entry.segment } : undefined;
    this.#at.seq = Math.max(verdict.ack, seq) + 1;
    this.#line.open();
    this.#lastAckTime = clock.now();
  }

  async #goTo(entry: SpoolEntry, expected: number): Promise<boolean> {
    const sent = entry.kind === "record" ? entry.seq : entry.gap.firstSeq;
    if (expected > lastOf(entry) || expected === sent) {
      await this.#line.later({ reason: `answered that it expects ${expected} to ${lastOf(entry)}`, waitMs: undefined });
      return false;
    }
    this.#options.log.info({ expected, sent }, "the collector asks for earlier batches");
    this.#at.seq = expected;
    this.#at.last = undefined;
    return true;
  }

  async #refuse(entry: SpoolEntry, reason: string): Promise<boolean> {
    if (entry.kind === "gap") {
      await this.#line.later({ reason: `a gap was refused: ${reason}`, waitMs: undefined });
      return false;
    }
    this.#options.log.error({ seq: entry.seq, readings: entry.count, reason }, "collector refuses a batch, moved to quarantine");
    await this.#options.spool.refuse(entry, `refused: ${reason}`);
    this.#hand.forget(entry);
    this.#refusedBatches++;
    this.#at.last = undefined;
    return true;
  }

  async #renew(): Promise<boolean> {
    const { spool, log } = this.#options;
    const before = spool.epoch;
    await spool.renewEpoch();
    log.warn({ before, after: spool.epoch }, "the collector has batches of this epoch that were not sent from here: new epoch");
    this.#at.tried = 0;
    this.#at.last = undefined;
    return false;
  }

  /** Asks for the mark until there is an answer, and takes the position from it. */
  async #handshake(): Promise<void> {
    const { spool, fresh, clock } = this.#options;
    for (;;) {
      const sentAt = clock.now();
      const answer = await this.#line.ask(askMark(this.#options));
      if (this.#stop.signal.aborted) return;
      const found = answer === undefined ? undefined : markOf(answer);
      if (found !== undefined) {
        this.#line.noteTime(found.timeMs, sentAt);
        this.#at.last = undefined;
        this.#line.open();
        if (found.mark === null) {
          this.#at.seq = spool.acked + 1;
          fresh();
          return;
        }
        if (await this.#adopt(found.mark)) return;
      } else if (answer?.status === 401 || answer?.status === 403) await this.#line.denied(reasonOf(answer));
      else if (answer !== undefined) {
        const verdict = judge(answer, clock.now());
        await this.#line.later({ reason: reasonOf(answer), waitMs: verdict.kind === "later" ? verdict.waitMs : undefined });
      }
    }
  }

  /** Goes on after the collector's mark; false when that mark belongs to somebody else. */
  async #adopt(mark: number): Promise<boolean> {
    const { spool } = this.#options;
    const known = Math.max(spool.inherited, this.#at.tried);
    if (mark > known) {
      // Another life of this disk has gone on under this epoch, and may still: its numbers are never ours.
      spool.ack(known);
      await this.#renew();
      return false;
    }
    spool.ack(mark);
    this.#at.seq = mark + 1;
    return true;
  }
}
