import { describe, expect, it } from "vitest";
import { SourceError } from "../../../core/errors.ts";
import { isBad, Q, type Quality } from "../../../core/quality.ts";
import { type SeriesDescription, seriesKey } from "../../../core/reading.ts";
import type { ReadingSink, Source } from "../../../core/source.ts";
import type { Topology } from "../../../core/topology.ts";
import { unitNames, unitOf } from "../../../core/unit.ts";
import { until } from "../../peers/process.ts";

export interface Put {
  readonly series: SeriesDescription;
  readonly time: number;
  readonly value: number;
  readonly quality: Quality;
}

/** A sink that keeps everything, and refuses what the contract forbids. */
export class RecordingSink implements ReadingSink {
  readonly descriptions: SeriesDescription[] = [];
  readonly puts: Put[] = [];
  readonly facts: Record<string, string> = {};
  readonly malformations: string[] = [];
  readonly lacks: string[] = [];
  readonly topologies: Topology[] = [];
  readonly #numbers = new Map<string, number>();

  register(description: SeriesDescription): number {
    const key = seriesKey(description.asset, description.metric, description.labels);
    const number = this.#numbers.get(key) ?? this.descriptions.length;
    this.#numbers.set(key, number);
    this.descriptions[number] = description;
    return number;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    const description = this.descriptions[series];
    if (description === undefined) throw new Error(`series ${series} was never registered`);
    this.puts.push({ series: description, time, value, quality });
  }

  inventory(facts: Readonly<Record<string, string>>): void {
    Object.assign(this.facts, facts);
  }

  topology(topology: Topology): void {
    this.topologies.push(topology);
  }

  incomplete(what: string): void {
    this.lacks.push(what);
  }

  malformed(what: string): void {
    this.malformations.push(what);
  }

  /** Newest reading of a metric, by all or some of its labels. */
  latest(metric: string, labels: Readonly<Record<string, string>> = {}): Put | undefined {
    return this.puts.findLast(
      (put) => put.series.metric === metric && Object.entries(labels).every(([name, value]) => put.series.labels[name] === value),
    );
  }
}

export interface ContractCase {
  /** A source on a device that answers; `sink` gets what it reads. A fresh one each call. */
  living(sink: RecordingSink): Promise<{ source: Source; stop(): Promise<void> }>;
  /** A source on an address where nobody answers. */
  dead(sink: RecordingSink): Promise<{ source: Source; stop(): Promise<void> }>;
  /** The asset both are created for. */
  readonly asset: string;
}

/** What every source must do, whichever protocol it speaks. */
export function sourceContract(name: string, subject: ContractCase): void {
  describe(`${name} keeps the source contract`, () => {
    it("describes and delivers readings in base units", async () => {
      const sink = new RecordingSink();
      const { source, stop } = await subject.living(sink);
      try {
        await readOnce(source, sink);
        expect(sink.puts.length).toBeGreaterThan(0);
        expect(sink.puts.some((put) => !isBad(put.quality))).toBe(true);
        for (const put of sink.puts) checkPut(put, subject.asset);
      } finally {
        await source.close();
        await stop();
      }
    });

    it("registers the same series on every round", async () => {
      const sink = new RecordingSink();
      const { source, stop } = await subject.living(sink);
      try {
        await readOnce(source, sink);
        const before = sink.descriptions.length;
        await readOnce(source, sink);
        expect(sink.descriptions.length).toBe(before);
      } finally {
        await source.close();
        await stop();
      }
    });

    it("rejects with a SourceError that names the target when nobody answers", async () => {
      const sink = new RecordingSink();
      const { source, stop } = await subject.dead(sink);
      try {
        const error: unknown = await attempt(source, AbortSignal.timeout(8000)).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(SourceError);
        const port = /:(\d+)/.exec(source.target)?.[1];
        expect(port).toBeDefined();
        expect((error as SourceError).message).toContain(port);
        expect(isBad((error as SourceError).quality)).toBe(true);
      } finally {
        await source.close();
        await stop();
      }
    });

    it("ends soon after its signal aborts", async () => {
      const sink = new RecordingSink();
      const { source, stop } = await subject.dead(sink);
      try {
        const abort = new AbortController();
        const attempted = attempt(source, abort.signal).catch(() => {});
        abort.abort();
        const ended = await Promise.race([attempted.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 2000))]);
        expect(ended).toBe(true);
      } finally {
        await source.close();
        await stop();
      }
    });

    it("closes twice without harm", async () => {
      const sink = new RecordingSink();
      const { source, stop } = await subject.living(sink);
      await readOnce(source, sink);
      await source.close();
      await source.close();
      await stop();
    });
  });
}

const baseUnits = new Set(["", ...unitNames.map((name) => unitOf(name)?.ucum)]);

function attempt(source: Source, signal: AbortSignal): Promise<void> {
  return source.mode === "poll" ? source.poll(signal) : source.listen(signal, () => {});
}

async function readOnce(source: Source, sink: RecordingSink): Promise<void> {
  if (source.mode === "poll") return source.poll(AbortSignal.timeout(10_000));
  const before = sink.puts.length;
  const abort = new AbortController();
  const listening = source.listen(abort.signal, () => {});
  await Promise.race([until("a reading arrives", 10_000, () => sink.puts.length > before), listening]);
  abort.abort();
  await listening;
}

function checkPut(put: Put, asset: string): void {
  const { series } = put;
  expect(series.asset).toBe(asset);
  expect(series.metric).toMatch(/^[a-z][a-z0-9_]*$/);
  expect(series.origin).not.toBe("");
  expect(series.everyMs).toBeGreaterThan(0);
  expect(baseUnits.has(series.unit), `${series.unit} is a base unit`).toBe(true);
  expect(Number.isNaN(put.value), `${series.metric} is NaN exactly when Bad`).toBe(isBad(put.quality));
  expect(Math.abs(put.time - Date.now())).toBeLessThan(3_600_000);
  expect(put.quality).not.toBe(Q.BadWaitingForInitialData);
}
