import type { AssetEvent, TrapCounts } from "../core/asset-event.ts";
import type { Batch, BatchPreamble } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { ColumnBuilder, type ReadingColumns } from "../core/columns.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Quality } from "../core/quality.ts";
import type { SourceStatus } from "../core/source.ts";
import type { Topology } from "../core/topology.ts";
import type { RunnerOut } from "./sink.ts";

export interface BatcherOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves once the batch is durable; rejects when its readings are lost (and counted there). */
  readonly append: (batch: Batch) => Promise<unknown>;
}

const mostWaitMs = 500;
const mostReadings = 1000;
/** Somebody may wait for an event to be durable. */
const mostEventWaitMs = 50;
/** Events that wait while none can be written; the text of each is bounded. */
const mostEvents = 5000;
/** States and inventory are told a thousand at a time, so that no batch outgrows what a collector takes. */
const mostNews = 1000;
/** An event may be 25 kB of a device's text: so few that a batch stays well below what a collector takes, 8 MiB. */
const mostNewEvents = 100;
/** What one asset tells of the network around it is some 300 kB at most. */
const mostNewTopologies = 10;

interface WaitingEvent {
  readonly event: AssetEvent;
  readonly durable: (taken: boolean) => void;
}

type Facts = Readonly<Record<string, string>>;

/** Forms batches: after half a second, so that a service follows its parts within one, or at a thousand readings. */
export class Batcher implements RunnerOut {
  readonly #options: BatcherOptions;
  readonly #readings = new ColumnBuilder(mostReadings);
  readonly #statuses = new Map<string, SourceStatus>();
  readonly #inventory = new Map<string, Facts>();
  /** All that was ever told, to be told again to a collector that knows nothing. */
  readonly #known = new Map<string, Facts>();
  readonly #topologies = new Map<string, Topology>();
  readonly #topologiesKnown = new Map<string, Topology>();
  #events: WaitingEvent[] = [];
  #traps: TrapCounts | undefined;
  #trapsTold: TrapCounts | undefined;
  #cancel: (() => void) | undefined;
  /** Monotonic ms when the next batch is formed at the latest. */
  #due = Number.POSITIVE_INFINITY;
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

  topology(asset: string, topology: Topology): void {
    this.#topologiesKnown.set(asset, topology);
    this.#topologies.set(asset, topology);
    this.#arm();
  }

  /** Resolves with true once the event is durable, with false where it is dropped: too many wait already. */
  event(event: AssetEvent): Promise<boolean> {
    if (this.#events.length >= mostEvents) return Promise.resolve(false);
    return new Promise((durable) => {
      this.#events.push({ event, durable });
      this.#arm(mostEventWaitMs);
    });
  }

  /** What became of datagrams at the port for traps. */
  traps(counts: TrapCounts): void {
    this.#traps = counts;
    this.#arm();
  }

  /** Tells every asset's inventory and topology again, and the counts. */
  announce(): void {
    for (const [asset, facts] of this.#known) this.#inventory.set(asset, facts);
    for (const [asset, topology] of this.#topologiesKnown) this.#topologies.set(asset, topology);
    this.#traps ??= this.#trapsTold;
    if (this.#hasNews) this.#arm();
  }

  /** Resolves once everything that was put before is durable, or lost. */
  async flush(): Promise<void> {
    while (this.#readings.length > 0 || this.#hasNews) this.#form();
    await Promise.all(this.#writing);
  }

  get #hasNews(): boolean {
    const told = this.#statuses.size + this.#inventory.size + this.#topologies.size + this.#events.length;
    return told > 0 || this.#traps !== undefined;
  }

  #arm(waitMs = mostWaitMs): void {
    const { clock } = this.#options;
    const due = clock.monotonic() + waitMs;
    if (this.#cancel !== undefined && this.#due <= due) return;
    this.#cancel?.();
    this.#due = due;
    this.#cancel = clock.after(waitMs, () => {
      this.#cancel = undefined;
      this.#form();
    });
  }

  #form(): void {
    const news = this.#takeNews();
    const batch = { preamble: preambleOf(news), readings: copyOf(this.#readings.view()) };
    this.#readings.clear();
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#hasNews) this.#arm();
    const writing = this.#options.append(batch).then(
      () => {
        for (const { durable } of news.events) durable(true);
      },
      (error: unknown) => {
        this.#options.log.debug({ reason: messageOf(error) }, "batch dropped");
        this.#takeBack(news);
      },
    );
    this.#writing.add(writing);
    void writing.finally(() => this.#writing.delete(writing));
  }

  #takeNews(): News {
    const traps = this.#traps;
    this.#trapsTold = traps ?? this.#trapsTold;
    this.#traps = undefined;
    return {
      sources: takeSome(this.#statuses, mostNews),
      inventory: takeSome(this.#inventory, mostNews),
      topologies: takeSome(this.#topologies, mostNewTopologies),
      events: this.#events.splice(0, mostNewEvents),
      traps,
    };
  }

  /** News that was dropped with the readings is told later, unless there is newer. */
  #takeBack({ sources, inventory, topologies, events, traps }: News): void {
    putBack(this.#statuses, sources);
    putBack(this.#inventory, inventory);
    putBack(this.#topologies, topologies);
    this.#events.unshift(...events);
    this.#traps ??= traps;
  }
}

interface News {
  readonly sources: readonly [string, SourceStatus][];
  readonly inventory: readonly [string, Facts][];
  readonly topologies: readonly [string, Topology][];
  readonly events: readonly WaitingEvent[];
  readonly traps: TrapCounts | undefined;
}

function preambleOf({ sources, inventory, topologies, events, traps }: News): BatchPreamble {
  return {
    ...(sources.length > 0 ? { sources: sources.map(([, status]) => status) } : {}),
    ...(inventory.length > 0 ? { inventory: inventory.map(([asset, facts]) => ({ asset, facts })) } : {}),
    ...(topologies.length > 0 ? { topologies: topologies.map(([asset, topology]) => ({ asset, topology })) } : {}),
    ...(events.length > 0 ? { events: events.map(({ event }) => event) } : {}),
    ...(traps === undefined ? {} : { traps }),
  };
}

function takeSome<V>(from: Map<string, V>, most: number): [string, V][] {
  const taken = [...from].slice(0, most);
  for (const [key] of taken) from.delete(key);
  return taken;
}

function putBack<V>(into: Map<string, V>, taken: readonly [string, V][]): void {
  for (const [key, value] of taken) if (!into.has(key)) into.set(key, value);
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
