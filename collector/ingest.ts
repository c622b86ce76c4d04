import { idPattern } from "../config/values.ts";
import type { NumberedSeries } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { noEpoch } from "../core/signature.ts";
import type { Agents } from "./agents.ts";
import { PreambleError, readDescriptions } from "./batch-schema.ts";
import type { Committer } from "./committer.ts";
import type { ReadingCounts } from "./counts.ts";
import { type Frame, framesOf } from "./frames.ts";
import {
  type BatchRequest,
  type DescribeAnswer,
  type DescribeRequest,
  type IngestAnswer,
  type Intake,
  intakeLimits,
  type NowAnswer,
  type Refused,
  type RunAnswer,
  type RunOutcome,
  type RunRequest,
  type Sender,
} from "./intake.ts";
import type { Present, Shown } from "./present.ts";
import { assetsIn, Reach } from "./reach.ts";
import type { Registry } from "./registry.ts";
import type { WaitingBatch } from "./round.ts";
import { BodyError, dateEvents, doubt, dropFuture, unpack } from "./unpack.ts";

export interface IngestOptions {
  readonly committer: Committer;
  readonly registry: Registry;
  readonly agents: Agents;
  readonly counts: ReadingCounts;
  readonly present: Present;
  /** Takes what an agent shows of the present. */
  readonly show: (shown: Shown) => void;
  /** Which assets an agent may speak for; every one without it. */
  readonly reach?: (agent: string) => (asset: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Readings further ahead of our clock are refused (Prometheus refuses the same: scrape `maxAheadTime`). */
const maxAheadMs = 10 * 60_000;
/** An agent's clock may be this far off before its readings are doubted. */
const maxSkewMs = 2000;
/** Inflated bytes of a run after which the rest of it is left for the next request. */
const mostRunBytes = 4 * intakeLimits.bodyBytes;
/** Runs of batches that are taken at once: a backlog never fills the line, so that what is new does not wait behind it. */
const mostRuns = 8;
const crowded: Refused = { kind: "refused", status: 503, reason: "others are catching up", retryAfterMs: 1000 };
/** Refusals of one agent are logged at most this often. */
const logEveryMs = 60_000;

/** Takes batches from agents: docs/delivery.md §3, without the transport. */
export function createIngest(options: IngestOptions): Intake {
  return new Ingest(options);
}

class Ingest implements Intake {
  readonly #options: IngestOptions;
  readonly #reach: Reach;
  readonly #loggedAt = new Map<string, number>();
  /** Runs of batches under way. */
  #runs = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#reach = new Reach(options);
  }

  mark(agent: string, epoch: string): { mark: number | null; time: number } {
    const { committer, agents, clock } = this.#options;
    if (epoch !== noEpoch && senderFault({ agent, epoch }) === undefined) agents.heard({ agent, epoch }, clock.now());
    return { mark: committer.mark({ agent, epoch }) ?? null, time: clock.now() };
  }

  async ingest(request: BatchRequest): Promise<IngestAnswer> {
    const fault = senderFault(request) ?? numberFault(request);
    if (fault !== undefined) return this.#refuse(request, { kind: "refused", status: 400, reason: fault });
    const prepared = await this.#prepare(request, this.#heard(request));
    return prepared.kind === "refused" ? this.#refuse(request, prepared) : this.#store(prepared);
  }

  async run(request: RunRequest): Promise<RunAnswer> {
    const fault = senderFault(request);
    const frames = fault === undefined ? framesOf(request.body) : undefined;
    if (frames === undefined || frames[0]?.seq !== request.seq)
      return this.#refuse({ ...request, count: 0 }, { kind: "refused", status: 400, reason: fault ?? "the body is not a run of batches" });
    if (this.#runs >= mostRuns) return crowded;
    this.#runs++;
    try {
      return await this.#takeRun(request, frames);
    } finally {
      this.#runs--;
    }
  }

  async #takeRun(request: RunRequest, frames: readonly Frame[]): Promise<RunAnswer> {
    const skew = this.#heard(request);
    const prepared: Prepared[] = [];
    let bytes = 0;
    for (const frame of frames) {
      const one = await this.#prepare({ ...request, ...frame }, skew);
      prepared.push(one);
      bytes += one.kind === "batch" ? one.bytes : 0;
      if (one.kind === "refused" || bytes > mostRunBytes) break;
    }
    // In one turn, so that they keep their order in the committer's line.
    const answers = await Promise.all(prepared.map((one) => this.#store(one)));
    const [first] = answers;
    if (first?.kind === "refused") return this.#refuse({ ...request, count: frames[0]?.count ?? 0 }, first);
    if (first !== undefined && first.kind !== "stored" && first.kind !== "duplicate") return first;
    return { kind: "run", outcomes: answers.map((answer, at): RunOutcome => ({ seq: frames[at]?.seq ?? 0, answer })) };
  }

  async now(request: BatchRequest): Promise<NowAnswer> {
    const fault = senderFault(request) ?? numberFault(request);
    if (fault !== undefined) return this.#refuse({ ...request, count: 0 }, { kind: "refused", status: 400, reason: fault });
    const { committer, present, show, clock } = this.#options;
    const prepared = await this.#prepare(request, this.#heard(request), "now");
    if (prepared.kind === "refused") return this.#refuse({ ...request, count: 0 }, prepared);
    if (prepared.kind === "duplicate") return { kind: "shown", time: clock.now() };
    const { preamble, readings } = prepared.batch;
    const { series = [] } = preamble;
    if (series.length > 0) {
      const introduced = await committer.introduce(request.agent, series);
      if (introduced.kind === "refused") return introduced;
      present.describe(request, series, introduced.indexes);
    }
    const translated = present.translate(request, readings);
    if ("unknown" in translated) return { kind: "describe", describe: translated.unknown.slice(0, intakeLimits.describedSeries) };
    const strange = this.#reach.strange(request.agent, () => this.#reach.of(translated.readings));
    if (strange !== undefined) return this.#refuse({ ...request, count: 0 }, strange);
    present.shown(request, request.seq);
    show({ agent: request.agent, preamble, readings: translated.readings });
    return { kind: "shown", time: clock.now() };
  }

  async describe(request: DescribeRequest): Promise<DescribeAnswer> {
    const fault = senderFault(request);
    if (fault !== undefined) return this.#refuse({ ...request, count: 0 }, { kind: "refused", status: 400, reason: fault });
    const { committer, agents, clock } = this.#options;
    agents.heard(request, clock.now());
    let series: readonly NumberedSeries[];
    try {
      series = readDescriptions(request.body, intakeLimits.describedSeries);
    } catch (error) {
      return this.#refuse({ ...request, count: 0 }, refusal(error));
    }
    const strange = this.#reach.strange(request.agent, () => assetsIn({ series }));
    if (strange !== undefined) return this.#refuse({ ...request, count: 0 }, strange);
    if (request.seq !== undefined && request.seq <= (committer.mark(request) ?? 0))
      return { kind: "described", ack: committer.mark(request) ?? null, time: clock.now() };
    const answer = await committer.describe({ agent: request.agent, epoch: request.epoch }, series);
    return answer.kind === "described" ? { kind: "described", ack: committer.mark(request) ?? null, time: clock.now() } : answer;
  }

  #heard(sender: Sender): number | null {
    return this.#options.agents.heard(sender, this.#options.clock.now());
  }

  /** Reads a batch as far as that is possible without the store. `skew` is its agent's clock minus ours, ms. */
  async #prepare(request: BatchRequest, skew: number | null, lane: "batch" | "now" = "batch"): Promise<Prepared> {
    const { committer, clock } = this.#options;
    const mark = committer.mark(request);
    if (lane === "batch" && mark !== undefined && request.seq <= mark) return { kind: "duplicate", mark, count: request.count };
    try {
      const unpacked = await unpack(request.body, request.count);
      const known = (): Iterable<string> => this.#reach.behind(request, unpacked.readings);
      const { agent, epoch, seq } = request;
      const named = (): Iterable<string> => assetsIn(unpacked.preamble);
      const strange = this.#reach.strange(agent, named, ...(lane === "batch" ? [known] : []));
      if (strange !== undefined) return strange;
      const now = clock.now();
      const limit = now + maxAheadMs;
      const { readings, dropped } = dropFuture(unpacked.readings, limit);
      const preamble = dateEvents(unpacked.preamble, { limit, now });
      if (skew !== null && Math.abs(skew) > maxSkewMs) doubt(readings);
      const batch = { agent, epoch, seq, preamble, readings, refused: dropped };
      return { kind: "batch", batch, count: request.count, bytes: unpacked.bytes };
    } catch (error) {
      return refusal(error);
    }
  }

  async #store(prepared: Prepared): Promise<IngestAnswer> {
    if (prepared.kind === "refused") return prepared;
    const { committer, counts, clock } = this.#options;
    const answer: IngestAnswer =
      prepared.kind === "batch" ? await committer.batch(prepared.batch) : { kind: "duplicate", ack: prepared.mark, time: clock.now() };
    if (answer.kind === "duplicate") counts.add("duplicate", prepared.count);
    return answer;
  }

  #refuse(request: { agent: string; count: number }, refused: Refused): Refused {
    const { counts, clock, log } = this.#options;
    if (refused.status === 503) return refused;
    // What is refused for its sender comes again: only what is refused for itself is done with.
    if (refused.status !== 403)
      counts.add("refused_malformed", Number.isSafeInteger(request.count) && request.count > 0 ? request.count : 0);
    const agent = request.agent.slice(0, 100);
    const now = clock.monotonic();
    if (now - (this.#loggedAt.get(agent) ?? Number.NEGATIVE_INFINITY) >= logEveryMs) {
      if (this.#loggedAt.size > 1000) this.#loggedAt.clear();
      this.#loggedAt.set(agent, now);
      log.warn({ agent, reason: refused.reason }, "ingest: a request was refused");
    }
    return refused;
  }
}

/** A batch that is read, known to be stored already, or not taken. */
type Prepared =
  | { readonly kind: "batch"; readonly batch: WaitingBatch; readonly count: number; readonly bytes: number }
  | { readonly kind: "duplicate"; readonly mark: number; readonly count: number }
  | Refused;

function senderFault({ agent, epoch }: { agent: string; epoch: string }): string | undefined {
  if (agent.length > 200 || !idPattern.test(agent)) return "the agent's name is not an id";
  return epoch.length <= 64 && /^[A-Za-z0-9-]+$/.test(epoch) ? undefined : "the epoch is not a uuid";
}

function numberFault({ seq, count }: { seq: number; count: number }): string | undefined {
  if (!Number.isSafeInteger(seq) || seq < 1) return "the batch's number is not a whole number from 1 on";
  return Number.isSafeInteger(count) && count >= 0 ? undefined : "the batch's count is not a whole number";
}

function refusal(error: unknown): Refused {
  if (error instanceof BodyError) return { kind: "refused", status: error.status, reason: error.message };
  if (error instanceof PreambleError) return { kind: "refused", status: 400, reason: error.message };
  return { kind: "refused", status: 503, reason: `the batch could not be taken: ${messageOf(error)}`, retryAfterMs: 2000 };
}
