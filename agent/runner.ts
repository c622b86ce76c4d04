import { type Clock, pause } from "../core/clock.ts";
import { messageOf, SourceError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Q } from "../core/quality.ts";
import type { Protocol, Source, SourceContext, SourceStatus } from "../core/source.ts";
import { Doorbell } from "./doorbell.ts";
import { Gate } from "./gate.ts";
import { listenForEver } from "./listening.ts";
import { Pace } from "./pace.ts";
import { type PollGates, pollOnSchedule } from "./polling.ts";
import type { SeriesRegistry } from "./registry.ts";
import { type RunnerOut, SourceSink } from "./sink.ts";
import { SeriesStates } from "./states.ts";
import { SharedTimers } from "./timers.ts";
import { SourceTracker, type TrackedSource } from "./tracker.ts";

/** One source to run. */
export interface SourcePlan {
  readonly asset: string;
  readonly protocol: Protocol;
  readonly everyMs: number;
  /** Makes the source; what it throws is told as that source's fault, and tried again later. */
  readonly create: (context: SourceContext) => Source | Promise<Source>;
}

export interface RunnerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: SeriesRegistry;
  readonly out: RunnerOut;
  /** In [0, 1), for the jitter of restarts. */
  readonly random?: () => number;
  readonly limits?: { readonly healthy: number; readonly fresh: number; readonly failing: number };
}

const defaultLimits = { healthy: 1024, fresh: 512, failing: 64 };
const firstRoundsPerTurn = 16;
const recreateMs = 30_000;
const stopMs = 3000;

/** Runs sources: it alone knows schedule, deadlines, back-off and who is up. One source's trouble is nobody else's. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #gates: PollGates;
  readonly #runs = new Map<string, SourceRun>();
  readonly #states = new SeriesStates();

  constructor(options: RunnerOptions) {
    const limits = options.limits ?? defaultLimits;
    this.#options = { ...options, clock: new SharedTimers(options.clock) };
    this.#gates = {
      healthy: new Gate(limits.healthy),
      fresh: new Gate(limits.fresh),
      failing: new Gate(limits.failing),
      first: new Pace(firstRoundsPerTurn),
    };
  }

  /** Starts a source. An asset has one source per protocol. */
  add(plan: SourcePlan): void {
    const { clock, log, registry, out, random = Math.random } = this.#options;
    const key = keyOf(plan);
    if (this.#runs.has(key)) throw new Error(`source ${key} is running already`);
    const run = new SourceRun({ key, clock, log, registry, states: this.#states, out, ...plan }, this.#gates, random);
    this.#runs.set(key, run);
    run.start();
  }

  /** Stops a source and closes it; its series have no value from then on. */
  async remove(plan: Pick<SourcePlan, "asset" | "protocol">): Promise<void> {
    const key = keyOf(plan);
    const run = this.#runs.get(key);
    this.#runs.delete(key);
    await run?.stop();
    run?.sink.end(Q.BadOutOfService);
  }

  /** Reads a polled source beside its schedule, as soon as it may be: something is said to have happened there. */
  hurry(plan: Pick<SourcePlan, "asset" | "protocol">): void {
    this.#runs.get(keyOf(plan))?.bell.ring();
  }

  /** Hands every source's state on again. */
  announce(): void {
    for (const run of this.#runs.values()) run.tracker.announce();
  }

  statuses(): readonly SourceStatus[] {
    return [...this.#runs.values()].map((run) => run.tracker.status);
  }

  /** Stops and closes all sources. */
  async stop(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.stop()));
    this.#runs.clear();
  }
}

function keyOf(plan: Pick<SourcePlan, "asset" | "protocol">): string {
  return `${plan.asset}/${plan.protocol}`;
}

export interface RunPlace extends SourcePlan, TrackedSource {
  readonly key: string;
}

/** One source under the runner, from its first making until it is stopped. */
export class SourceRun {
  readonly place: RunPlace;
  readonly tracker: SourceTracker;
  /** Rung where a round is wanted before it is due. */
  readonly bell = new Doorbell();
  sink: SourceSink;
  readonly #gates: PollGates;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(place: RunPlace, gates: PollGates, random: () => number) {
    this.place = place;
    this.tracker = new SourceTracker(place);
    this.sink = new SourceSink(place);
    this.#gates = gates;
    this.#random = random;
  }

  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  start(): void {
    this.tracker.announce();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    // A source that does not heed its signal must not keep the others from stopping.
    let cancel = (): void => {};
    const patience = new Promise<void>((resolve) => {
      cancel = this.place.clock.after(stopMs, resolve);
    });
    await Promise.race([this.#running, patience]);
    cancel();
  }

  /** A round, a connection or the making of the source failed: its series are Bad, and people are told why when that is news. */
  fail(error: unknown): void {
    const { asset, protocol, log } = this.place;
    const known = error instanceof SourceError;
    const reason = messageOf(error);
    const quality = known ? error.quality : Q.Bad;
    const news = this.tracker.down(reason, quality);
    this.sink.fail(quality);
    if (!known) log.error({ err: error, asset, protocol }, "source failed in a way that is its own fault, not the device's");
    else if (news) log.warn({ asset, protocol, reason }, "source is down");
  }

  async #run(): Promise<void> {
    while (!this.stopping.aborted) {
      const source = await this.#create();
      if (source === undefined) {
        await pause(this.place.clock, Math.max(recreateMs, this.place.everyMs), this.stopping);
        continue;
      }
      this.tracker.begin(source.target);
      try {
        if (source.mode === "poll") await pollOnSchedule(this, source, this.#gates);
        else await listenForEver(this, source, this.#random);
      } catch (error) {
        this.fail(error);
        await pause(this.place.clock, this.place.everyMs, this.stopping);
      }
      await this.#close(source);
    }
  }

  async #create(): Promise<Source | undefined> {
    const { asset, everyMs, clock, log } = this.place;
    try {
      return await this.place.create({ asset, everyMs, sink: this.sink, clock, log });
    } catch (error) {
      this.fail(error instanceof SourceError ? error : new SourceError("config", messageOf(error), { cause: error }));
      return undefined;
    }
  }

  /** A source that hangs may put things later: it keeps the old sink, which takes nothing more. */
  async #close(source: Source): Promise<void> {
    if (!this.stopping.aborted) this.sink = this.sink.successor();
    try {
      await source.close();
    } catch (error) {
      this.place.log.error({ err: error, asset: this.place.asset }, "source did not close");
    }
  }
}
