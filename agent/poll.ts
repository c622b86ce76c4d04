import type { Config } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf, SourceError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { isBad, type Quality } from "../core/quality.ts";
import type { SeriesDescription } from "../core/reading.ts";
import type { ListeningSource, Protocol, ReadingSink, Source } from "../core/source.ts";
import { withDeadline } from "./deadline.ts";
import { Gate } from "./gate.ts";
import { MalformedCount } from "./malformed.ts";
import { AdapterShelf, type PlannedSource, planSources } from "./plan.ts";
import { SeriesRegistry } from "./registry.ts";

export interface PollOptions {
  readonly config: Config;
  /** Ids of the assets to read. */
  readonly assets: readonly string[];
  readonly log: Log;
  readonly clock: Clock;
  /** Longest time for one polled source, ms. */
  readonly timeoutMs: number;
}

export interface PolledReading {
  readonly series: SeriesDescription;
  readonly time: number;
  /** Null where the quality is Bad. */
  readonly value: number | null;
  readonly quality: Quality;
}

/** What one round of one source gave. */
export interface PolledOnce {
  readonly asset: string;
  readonly protocol: Protocol;
  readonly target: string;
  /** The newest reading of each series, in the order the source named them. */
  readonly readings: readonly PolledReading[];
  readonly inventory: Readonly<Record<string, string>>;
  /** Why the source failed; empty when it did not. */
  readonly failure: string;
}

const atOnce = 64;
/** A listening source is heard for one interval, but at least this long. */
const leastListenMs = 5000;

/** Reads every source of these assets once, now, and hands on each as it is done. No spool, no collector. */
export async function pollOnce(options: PollOptions, each: (polled: PolledOnce) => void): Promise<void> {
  const { config, assets, log, clock } = options;
  const shelf = new AdapterShelf({ clock, log });
  const gate = new Gate(atOnce);
  const one = async (plan: PlannedSource): Promise<void> => {
    const leave = await gate.enter(new AbortController().signal);
    each(await readOnce(plan, options));
    leave?.();
  };
  const asked = { ...config, brokers: asGuest(config.brokers) };
  await Promise.all(assets.flatMap((asset) => planSources(asked, asset, shelf)).map(one));
  await shelf.close();
}

/** Under the agent's own client_id a broker would end the agent's session for ours (MQTT 3.1.1 §3.1.4). */
function asGuest(brokers: Config["brokers"]): Config["brokers"] {
  return Object.fromEntries(Object.entries(brokers).map(([id, { client_id: _, ...broker }]) => [id, broker]));
}

async function readOnce(plan: PlannedSource, { clock, log, timeoutMs }: PollOptions): Promise<PolledOnce> {
  const { asset, protocol, everyMs } = plan;
  const sink = new NewestSink(asset, { clock, log });
  let source: Source | undefined;
  let failure = "";
  try {
    source = await plan.create({ asset, everyMs, sink, clock, log });
    if (source.mode === "poll") {
      const { target } = source;
      const late = (): Error => new SourceError("timeout", `${target}: not read in ${timeoutMs} ms`);
      const polled = source;
      await withDeadline({ clock, ms: timeoutMs, signal: new AbortController().signal, late }, (signal) => polled.poll(signal));
    } else await hear(source, { plan, sink, clock });
  } catch (error) {
    failure = messageOf(error);
  }
  await source?.close();
  return { asset, protocol, target: source?.target ?? "", readings: sink.readings(), inventory: sink.facts, failure };
}

interface Hearing {
  readonly plan: PlannedSource;
  readonly sink: NewestSink;
  readonly clock: Clock;
}

/** Listens for one interval, or until every series that the config names was heard. Rejects when nothing was. */
async function hear(source: ListeningSource, { plan, sink, clock }: Hearing): Promise<void> {
  const ms = Math.max(plan.everyMs, leastListenMs);
  const enough = new AbortController();
  sink.onSeries = (count) => {
    if (plan.seriesExpected !== undefined && count >= plan.seriesExpected) enough.abort();
  };
  const late = (): Error => new Error("heard long enough");
  await withDeadline({ clock, ms, signal: enough.signal, late }, (signal) => source.listen(signal, () => {}));
  if (sink.readings().length === 0) throw new SourceError("timeout", `${source.target}: nothing heard in ${ms / 1000} s`);
}

/** Keeps the newest reading of each series. */
class NewestSink implements ReadingSink {
  readonly #registry = new SeriesRegistry();
  readonly #newest = new Map<number, Omit<PolledReading, "series">>();
  readonly #malformed: MalformedCount;
  facts: Readonly<Record<string, string>> = {};
  /** Told with every reading how many series there are so far. */
  onSeries: (count: number) => void = () => {};

  constructor(asset: string, place: { readonly clock: Clock; readonly log: Log }) {
    this.#malformed = new MalformedCount({ ...place, asset });
  }

  register(description: SeriesDescription): number {
    return this.#registry.register(description);
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    const bad = isBad(quality) || !Number.isFinite(value);
    this.#newest.set(series, { time, value: bad ? null : value, quality });
    this.onSeries(this.#newest.size);
  }

  inventory(facts: Readonly<Record<string, string>>): void {
    this.facts = { ...this.facts, ...facts };
  }

  /** The readings say which of them it is. */
  incomplete(): void {}

  /** One round is over before anybody looks around. */
  topology(): void {}

  malformed(what: string): void {
    this.#malformed.add(what);
  }

  readings(): readonly PolledReading[] {
    const found = [...this.#newest].sort(([a], [b]) => a - b);
    return found.flatMap(([number, reading]) => {
      const series = this.#registry.describe(number);
      return series === undefined ? [] : [{ series, ...reading }];
    });
  }
}
