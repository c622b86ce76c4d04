import { SeriesRegistry } from "../../agent/registry.ts";
import { Runner, type RunnerOptions, type SourcePlan } from "../../agent/runner.ts";
import type { RunnerOut } from "../../agent/sink.ts";
import { SourceError } from "../../core/errors.ts";
import { type Log, silentLog } from "../../core/log.ts";
import { Q, type Quality, qualityName } from "../../core/quality.ts";
import type { ReadingSink, Source, SourceContext, SourceStatus } from "../../core/source.ts";
import type { Topology } from "../../core/topology.ts";
import { FakeClock } from "../fake-clock.ts";

/** A reading that left the runner. */
export interface Out {
  readonly asset: string;
  readonly metric: string;
  readonly time: number;
  readonly value: number;
  readonly quality: string;
}

export class RecordedOut implements RunnerOut {
  readonly readings: Out[] = [];
  readonly statuses: SourceStatus[] = [];
  readonly facts: (readonly [string, Readonly<Record<string, string>>])[] = [];
  readonly topologies: (readonly [string, Topology])[] = [];
  readonly #registry: SeriesRegistry;

  constructor(registry: SeriesRegistry) {
    this.#registry = registry;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    const { asset = "", metric = "" } = this.#registry.describe(series) ?? {};
    this.readings.push({ asset, metric, time, value, quality: qualityName(quality) });
  }

  status(status: SourceStatus): void {
    this.statuses.push(status);
  }

  inventory(asset: string, facts: Readonly<Record<string, string>>): void {
    this.facts.push([asset, facts]);
  }

  topology(asset: string, topology: Topology): void {
    this.topologies.push([asset, topology]);
  }

  /** Value or quality of a metric's readings in order. */
  of(metric: string, asset?: string): (number | string)[] {
    return this.readings
      .filter((one) => one.metric === metric && (asset === undefined || one.asset === asset))
      .map((one) => (Number.isNaN(one.value) ? one.quality : one.value));
  }
}

export interface Bench {
  readonly clock: FakeClock;
  readonly out: RecordedOut;
  readonly runner: Runner;
  readonly logged: string[];
}

export function bench(options: Partial<Pick<RunnerOptions, "limits">> = {}): Bench {
  const clock = new FakeClock();
  const registry = new SeriesRegistry();
  const out = new RecordedOut(registry);
  const logged: string[] = [];
  const note = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { ...silentLog, warn: note, error: note };
  const runner = new Runner({ clock, log, registry, out, random: () => 0, ...options });
  return { clock, out, runner, logged };
}

export type Poll = (context: SourceContext, signal: AbortSignal) => void | Promise<void>;

/** A polled source that does this in every round. */
export function polled(asset: string, everyMs: number, poll: Poll): SourcePlan {
  const create = (context: SourceContext): Source => ({
    mode: "poll",
    target: `${asset}:502`,
    poll: async (signal) => poll(context, signal),
    close: async () => {},
  });
  return { asset, protocol: "modbus", everyMs, create };
}

/** Puts one Good value of a series. */
export function say(
  sink: ReadingSink,
  reading: { readonly asset: string; readonly metric?: string; readonly time: number; readonly value: number },
): void {
  const { asset, metric = "power_watts", time, value } = reading;
  const series = sink.register({ asset, metric, labels: {}, unit: "W", kind: "gauge", origin: "holding:0", everyMs: 1000 });
  sink.put(series, time, value, Q.Good);
}

/** Never answers, until its signal ends it. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new SourceError("timeout", "10.0.0.9:502: no answer")), { once: true });
  });
}

/** A device that a test lets die and return. */
export function deviceThatIs(device: { alive: boolean }): { alive: boolean } {
  return device;
}
