import { type Clock, pause } from "../core/clock.ts";
import type { Hand, SpoolRecord } from "./hand.ts";
import { deniedMs, type Line } from "./line.ts";
import type { NowLane } from "./now.ts";
import { sendDescriptions, sendEntry, sendNow, sendRun, seriesPerRequest } from "./requests.ts";
import type { SpoolEntry } from "./spool/reader.ts";
import type { Spool } from "./spool/spool.ts";
import { judge, reasonOf, type Verdict } from "./verdict.ts";

export interface CarrierOptions {
  readonly agent: string;
  readonly spool: Spool;
  readonly line: Line;
  readonly hand: Hand;
  /** The present, shown while a backlog drains; not shown without it. */
  readonly now?: NowLane;
  readonly clock: Clock;
}

/** How fast a backlog is sent at most, readings a second: the collector has others, and the present, to take care of. */
const catchUpRate = 100_000;
/** A collector, or a proxy before it, that does not take several batches at once says so by one of these. */
const onlySingly: ReadonlySet<number> = new Set([413, 415]);

/** Brings entries, descriptions and the present to the collector, and says what became of them. What follows is the shipper's to decide. */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #signal: AbortSignal;
  #singly: boolean;
  /** Monotonic ms before which no further backlog is sent. */
  #paced = 0;

  /** Requests and waits end with the signal. */
  constructor(options: CarrierOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#singly = false;
  }

  /**
   * What goes with an entry: records that follow it. Not after a jump, so that it is known first that the collector is where we are:
   * `acked` is the seq that was acknowledged last, undefined after any jump.
   */
  async runFrom(entry: SpoolEntry, acked: number | undefined): Promise<readonly SpoolRecord[]> {
    const { clock, hand } = this.#options;
    if (entry.kind === "gap") return [];
    if (this.#singly || acked !== entry.seq - 1) return [entry];
    const run = await hand.run(entry, this.#signal);
    const wait = this.#paced - clock.monotonic();
    if (run.length > 1 && wait > 0) await pause(clock, wait, this.#signal);
    return run;
  }

  /** Shows the collector the present where that waits behind a backlog. What goes wrong with it the next batch will meet too. */
  async showNow(): Promise<void> {
    const { now, line, clock } = this.#options;
    if (now?.due() !== true) return;
    let described = false;
    for (let batch = now.take(); batch !== undefined && !this.#signal.aborted; batch = now.take()) {
      const answer = await line.ask(sendNow(this.#options, batch));
      if (answer?.status === 200) {
        line.well();
        continue;
      }
      now.again();
      const verdict = answer === undefined ? undefined : judge(answer, clock.now());
      if (verdict?.kind === "describe" && !described) {
        described = true;
        continue;
      }
      if (verdict?.kind === "later") await line.later(verdict);
      return;
    }
  }

  /** Tells what the numbers mean at `seq`. True when the collector took it. */
  async describe(seq: number, wanted: readonly number[]): Promise<boolean> {
    const { line, spool, clock } = this.#options;
    const series = await spool.descriptionsBefore(seq, wanted);
    for (let at = 0; at < series.length; at += seriesPerRequest) {
      const some = series.slice(at, at + seriesPerRequest);
      for (;;) {
        const answer = await line.ask(sendDescriptions(this.#options, seq, some));
        if (this.#signal.aborted) return false;
        if (answer?.status === 200) break;
        if (answer === undefined) continue;
        const verdict = judge(answer, clock.now());
        if (verdict.kind === "poison") return false;
        await line.later({ reason: reasonOf(answer), waitMs: verdict.kind === "later" ? verdict.waitMs : deniedMs });
      }
    }
    return true;
  }

  /** Sends an entry, or the run that it begins; what the answer means for it. */
  async post(entry: SpoolEntry, run: readonly SpoolRecord[]): Promise<Verdict> {
    const { clock, line } = this.#options;
    const several = run.length > 1;
    const sentAt = clock.now();
    const readings = run.reduce((sum, record) => sum + record.count, 0);
    if (several) this.#paced = clock.monotonic() + (1000 * readings) / catchUpRate;
    const answer = await line.ask(several ? sendRun(this.#options, run) : sendEntry(this.#options, entry));
    // No answer: the line has waited already.
    if (answer === undefined) return { kind: "later", reason: "", waitMs: undefined };
    if (several && onlySingly.has(answer.status)) {
      this.#singly = true;
      return { kind: "later", reason: "", waitMs: undefined };
    }
    const verdict = judge(answer, clock.now());
    if (verdict.kind === "ack") line.noteTime(verdict.timeMs, sentAt);
    return verdict;
  }
}
