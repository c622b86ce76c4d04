import { Q, type Quality } from "../core/quality.ts";
import { type Protocol, type SourceStatus, sourceUpMetric } from "../core/source.ts";
import type { SinkPlace } from "./sink.ts";

export interface TrackedSource extends SinkPlace {
  readonly protocol: Protocol;
  readonly everyMs: number;
}

/** State of one source: handed on when it changes, and written every round as the series `source_up`. */
export class SourceTracker {
  readonly #source: TrackedSource;
  #status: SourceStatus;
  #quality: Quality = Q.BadWaitingForInitialData;
  #series: number | undefined;

  constructor(source: TrackedSource) {
    const { asset, protocol } = source;
    this.#source = source;
    this.#status = { asset, protocol, target: "", state: "starting", reason: "", lastOk: null };
  }

  get status(): SourceStatus {
    return this.#status;
  }

  /** Whom the source asks, as soon as it is known. */
  begin(target: string): void {
    this.#change({ target });
  }

  /** A good round; `lack` is what it could not read. */
  up(lack = ""): void {
    this.#quality = Q.Good;
    this.#change({ state: "up", reason: lack, lastOk: this.#source.clock.now() });
    this.#write();
  }

  /** A round that failed; true when it is news. */
  down(reason: string, quality: Quality): boolean {
    const news = this.#status.state !== "down" || this.#status.reason !== reason;
    this.#quality = quality;
    this.#change({ state: "down", reason });
    this.#write();
    return news;
  }

  /** Hands the state on again: somebody new has to know it. */
  announce(): void {
    this.#source.out.status(this.#status);
  }

  #change(change: Partial<SourceStatus>): void {
    const before = this.#status;
    this.#status = { ...before, ...change };
    const { state, reason, target } = this.#status;
    if (before.state !== state || before.reason !== reason || before.target !== target) this.#source.out.status(this.#status);
  }

  #write(): void {
    const { asset, protocol, everyMs, registry, out, clock } = this.#source;
    this.#series ??= registry.register({
      asset,
      metric: sourceUpMetric,
      labels: { protocol },
      unit: "1",
      kind: "gauge",
      origin: this.#status.target === "" ? protocol : this.#status.target,
      everyMs,
    });
    const good = this.#quality === Q.Good;
    out.put(this.#series, clock.now(), good ? 1 : Number.NaN, this.#quality);
  }
}
