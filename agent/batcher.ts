import type { Batch, BatchPreamble } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { ColumnBuilder, type ReadingColumns } from "../core/columns.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Quality } from "../core/quality.ts";
import type { SourceStatus } from "../core/source.ts";
import type { RunnerOut } from "./sink.ts";

export interface BatcherOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves once the batch is durable; rejects when its readings are lost (and counted there). */
  readonly append: (batch: Batch) => Promise<unknown>;
}

const mostWaitMs = 500;
const mostReadings = 1000;
/** States and inventory are told a thousand at a time, so that no batch outgrows what a collector takes. */
const mostNews = 1000;

type Facts = Readonly<Record<string, string>>;

/** Forms batches: after half a second, so that a service follows its parts within one, or at a thousand readings. */
export class Batcher implements RunnerOut {
  readonly #options: BatcherOptions;
  readonly #readings = new ColumnBuilder(mostReadings);
  readonly #statuses = new Map<string, SourceStatus>();
  readonly #inventory = new Map<string, Facts>();
  /** All that was ever told, to be told again to a collector that knows nothing. */
  readonly #known = new Map<string, Facts>();
  #cancel: (() => void) | undefined;
  #writing = new Set<Promise<void>>();

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    this.#readings.put(series, time, value, quality);
    if (this.#readings.length >= mostReadings) this.#form();
    else this.#arm();
  }

  status(status: SourceStatus): void {
    this.#statuses.set(`${status.asset}/${status.protocol}`, status);
    this.#arm();
  }

  inventory(asset: string, facts: Facts): void {
    const all = { ...this.#known.get(asset), ...facts };
    this.#known.set(asset, all);
    this.#inventory.set(asset, all);
    this.#arm();
  }

  /** Tells every asset's inventory again. */
  announce(): void {
    for (const [asset, facts] of this.#known) this.#inventory.set(asset, facts);
    if (this.#inventory.size > 0) this.#arm();
  }

  /** Resolves once everything that was put before is durable, or lost. */
  async flush(): Promise<void> {
    while (this.#readings.length > 0 || this.#statuses.size > 0 || this.#inventory.size > 0) this.#form();
    await Promise.all(this.#writing);
  }

  #arm(): void {
    this.#cancel ??= this.#options.clock.after(mostWaitMs, () => {
      this.#cancel = undefined;
      this.#form();
    });
  }

  #form(): void {
    const sources = takeSome(this.#statuses);
    const inventory = takeSome(this.#inventory);
    const preamble: BatchPreamble = {
      ...(sources.length > 0 ? { sources: sources.map(([, status]) => status) } : {}),
      ...(inventory.length > 0 ? { inventory: inventory.map(([asset, facts]) => ({ asset, facts })) } : {}),
    };
    const batch = { preamble, readings: copyOf(this.#readings.view()) };
    this.#readings.clear();
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#statuses.size > 0 || this.#inventory.size > 0) this.#arm();
    const writing = this.#options.append(batch).then(
      () => {},
      (error: unknown) => {
        this.#options.log.debug({ reason: messageOf(error) }, "batch dropped");
        // News that was dropped with the readings is told later, unless there is newer.
        for (const [key, status] of sources) if (!this.#statuses.has(key)) this.#statuses.set(key, status);
        for (const [asset, facts] of inventory) if (!this.#inventory.has(asset)) this.#inventory.set(asset, facts);
      },
    );
    this.#writing.add(writing);
    void writing.finally(() => this.#writing.delete(writing));
  }
}

function takeSome<V>(from: Map<string, V>): [string, V][] {
  const taken = [...from].slice(0, mostNews);
  for (const [key] of taken) from.delete(key);
  return taken;
}

function copyOf(view: ReadingColumns): ReadingColumns {
  return {
    length: view.length,
    series: view.series.slice(),
    time: view.time.slice(),
    value: view.value.slice(),
    quality: view.quality.slice(),
  };
}
