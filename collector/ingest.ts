import { idPattern } from "../config/values.ts";
import type { BatchPreamble, NumberedSeries } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Agents } from "./agents.ts";
import { PreambleError, readDescriptions } from "./batch-schema.ts";
import type { Committer } from "./committer.ts";
import type { ReadingCounts } from "./counts.ts";
import {
  type BatchRequest,
  type DescribeAnswer,
  type DescribeRequest,
  type IngestAnswer,
  type Intake,
  intakeLimits,
  type Refused,
} from "./intake.ts";
import { BodyError, dateEvents, doubt, dropFuture, unpack } from "./unpack.ts";

export interface IngestOptions {
  readonly committer: Committer;
  readonly agents: Agents;
  readonly counts: ReadingCounts;
  /** Which assets an agent may speak for; every one without it. */
  readonly reach?: (agent: string) => (asset: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Readings further ahead of our clock are refused (Prometheus refuses the same: scrape `maxAheadTime`). */
const maxAheadMs = 10 * 60_000;
/** An agent's clock may be this far off before its readings are doubted. */
const maxSkewMs = 2000;
/** Refusals of one agent are logged at most this often. */
const logEveryMs = 60_000;

/** Takes batches from agents: docs/delivery.md §3, without the transport. */
export function createIngest(options: IngestOptions): Intake {
  return new Ingest(options);
}

class Ingest implements Intake {
  readonly #options: IngestOptions;
  readonly #loggedAt = new Map<string, number>();

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  mark(agent: string, epoch: string): { mark: number | null; time: number } {
    const { committer, agents, clock } = this.#options;
    if (senderFault({ agent, epoch }) === undefined) agents.heard({ agent, epoch }, clock.now());
    return { mark: committer.mark({ agent, epoch }) ?? null, time: clock.now() };
  }

  async ingest(request: BatchRequest): Promise<IngestAnswer> {
    const fault = senderFault(request) ?? numberFault(request);
    if (fault !== undefined) return this.#refuse(request, { kind: "refused", status: 400, reason: fault });
    const { committer, agents, counts, clock } = this.#options;
    const now = clock.now();
    const skew = agents.heard(request, now);
    const mark = committer.mark(request);
    if (mark !== undefined && request.seq <= mark) {
      counts.add("duplicate", request.count);
      return { kind: "duplicate", ack: mark, time: now };
    }
    try {
      const unpacked = await unpack(request.body, request.count);
      const strange = this.#strangeAsset(request.agent, assetsIn(unpacked.preamble));
      if (strange !== undefined) return this.#refuse(request, strange);
      const { readings, dropped } = dropFuture(unpacked.readings, now + maxAheadMs);
      const preamble = dateEvents(unpacked.preamble, { limit: now + maxAheadMs, now });
      if (skew !== null && Math.abs(skew) > maxSkewMs) doubt(readings);
      const { agent, epoch, seq } = request;
      const answer = await committer.batch({ agent, epoch, seq, preamble, readings, refused: dropped });
      if (answer.kind === "duplicate") counts.add("duplicate", request.count);
      return answer;
    } catch (error) {
      return this.#refuse(request, refusal(error));
    }
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
    const strange = this.#strangeAsset(request.agent, assetsIn({ series }));
    if (strange !== undefined) return this.#refuse({ ...request, count: 0 }, strange);
    if (request.seq !== undefined && request.seq <= (committer.mark(request) ?? 0))
      return { kind: "described", ack: committer.mark(request) ?? null, time: clock.now() };
    const answer = await committer.describe({ agent: request.agent, epoch: request.epoch }, series);
    return answer.kind === "described" ? { kind: "described", ack: committer.mark(request) ?? null, time: clock.now() } : answer;
  }

  /** 403, so that the agent keeps what it has until somebody has decided. */
  #strangeAsset(agent: string, assets: readonly string[]): Refused | undefined {
    const mayReport = this.#options.reach?.(agent);
    const strange = mayReport === undefined ? undefined : assets.find((asset) => !mayReport(asset));
    return strange === undefined
      ? undefined
      : { kind: "refused", status: 403, reason: `agent ${agent} may not speak for asset ${JSON.stringify(strange)}` };
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

/** Every asset that a batch speaks of by name. */
function assetsIn({ series = [], sources = [], inventory = [], events = [] }: BatchPreamble): readonly string[] {
  return [...series, ...sources, ...inventory, ...events].map(({ asset }) => asset);
}

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
