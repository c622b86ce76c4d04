import { Latest } from "../../../collector/latest.ts";
import { Duty, type DutySettings } from "../../../collector/notify/duty.ts";
import { emptyProposal, Registry } from "../../../collector/registry.ts";
import type { CollectorView, WhatIfState } from "../../../collector/view.ts";
import type { AlarmLoadView } from "../../../core/alarm-view.ts";
import type { CollectorEvent } from "../../../core/api.ts";
import type { AssetEvent } from "../../../core/asset-event.ts";
import type { AssetView } from "../../../core/asset-view.ts";
import { ColumnBuilder } from "../../../core/columns.ts";
import { silentLog } from "../../../core/log.ts";
import { isBad, Q, type Quality, qualityName } from "../../../core/quality.ts";
import type { RangeView, ReadingView, ThresholdView } from "../../../core/reading-view.ts";
import type { EventQuery } from "../../../core/store.ts";
import { FakeClock } from "../../fake-clock.ts";
import type { SamplePlant } from "./sample-plant.ts";
import type { SampleSeries } from "./sample-series.ts";
import { sampleTopology } from "./sample-topology.ts";

const noNotify: DutySettings = { notify: { routes: [], channels: {} }, calendars: {}, assets: {}, brokers: {} };

/** A collector's view over a plant made by hand: real registry and latest values, snapshots that a test may change. */
export class SampleView implements CollectorView {
  readonly registry: Registry;
  readonly latest = new Latest();
  readonly plant: SamplePlant;
  /** Incidents on the plant's services as they stand when it is stepped. */
  readonly duty: Duty;
  readonly topology: CollectorView["topology"];
  ready: string | undefined;
  load: AlarmLoadView = { last_10_minutes: 0, flood: false, announced_total: 0, most_frequent: [] };
  readonly #listeners = new Set<(event: CollectorEvent) => void>();
  readonly #thresholds: (readonly ThresholdView[])[] = [];
  readonly #now: () => number;

  constructor(plant: SamplePlant, series: readonly SampleSeries[], now: () => number, duty = idleDuty()) {
    this.plant = plant;
    this.duty = duty;
    this.#now = now;
    this.registry = new Registry();
    this.add(series);
    this.topology = sampleTopology(plant.assets, now());
    this.duty.begin(noNotify, { services: () => plant.services, assetLevels: () => plant.assets, settled: () => true });
    this.duty.tick();
  }

  /** Adds series, and their newest values. */
  add(series: readonly SampleSeries[]): void {
    const proposal = emptyProposal();
    const from = { agent: "hall-1", epoch: "5f0c6d0e-0000-4000-8000-000000000000" };
    const start = this.registry.size;
    const described = series.map(({ value: _value, quality: _quality, ageMs: _age, thresholds: _thresholds, ...one }, i) => ({
      ...one,
      labels: one.labels ?? {},
      everyMs: one.everyMs ?? 2000,
      number: start + i,
    }));
    this.registry.propose(from, described, proposal);
    this.registry.accept({ series: proposal.series.values(), aliases: proposal.aliases });
    const columns = new ColumnBuilder();
    series.forEach((one, i) => {
      this.#thresholds[start + i] = one.thresholds ?? [];
      const quality = one.quality ?? Q.Good;
      columns.put(start + i, this.#now() - (one.ageMs ?? 500), isBad(quality) ? Number.NaN : one.value, quality);
    });
    this.latest.apply(columns.view(), this.#now());
  }

  /** A new value of a series, told to listeners. */
  put(index: number, value: number, quality: Quality = Q.Good): void {
    const columns = new ColumnBuilder();
    columns.put(index, this.#now(), isBad(quality) ? Number.NaN : value, quality);
    this.latest.apply(columns.view(), this.#now());
    const { asset, metric, labels, value: shown, time, quality: name, state } = this.#reading(index);
    this.emit({ type: "readings", readings: [{ asset, metric, labels, value: shown, time, quality: name, state }] });
  }

  emit(event: CollectorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  assets(): readonly AssetView[] {
    return this.plant.assets;
  }
  asset(id: string): AssetView | undefined {
    return this.plant.assets.find((asset) => asset.id === id);
  }
  services() {
    return this.plant.services.map(({ needs: _needs, alarms: _alarms, ...service }) => service);
  }
  service(id: string) {
    return this.plant.services.find((service) => service.id === id);
  }
  alarms(all = false, { offset, limit } = { offset: 0, limit: Number.POSITIVE_INFINITY }) {
    const found = all ? this.plant.alarms : this.plant.alarms.filter((alarm) => alarm.state !== "normal");
    return found.slice(offset, offset + limit);
  }
  alarmLoad(): AlarmLoadView {
    return this.load;
  }
  agents() {
    return this.plant.agents;
  }
  readings(asset?: string): readonly ReadingView[] {
    return this.registry.all().flatMap((one) => (asset === undefined || one.asset === asset ? [this.#reading(one.index)] : []));
  }
  thresholds(series: number) {
    return this.#thresholds[series] ?? [];
  }
  counts() {
    return {
      readings: new Map([
        ["stored", 120_345],
        ["duplicate", 12],
      ]),
      rollupDrift: 0,
      sinks: [{ name: "influx:plant", behind: 120, written: 120_225, rejected: 0 }],
    };
  }
  notReady() {
    return this.ready;
  }
  now() {
    return this.#now();
  }

  subscribe(listener: (event: CollectorEvent) => void, wanted?: ReadonlySet<string>): () => void {
    const own = (event: CollectorEvent): void => (wanted?.has(event.type) === false ? undefined : listener(event));
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Services that name a critical asset in their causes' text are critical: enough to see what was handed in. */
  impact(asset: string) {
    const found = this.plant.assets.find((one) => one.id === asset);
    if (found === undefined) return undefined;
    const critical = { level: "critical", low: "critical", high: "critical" } as const;
    return { asset, services: found.services.map((id) => ({ id, name: id, ...critical })), unreachable: [] };
  }

  whatIf(set: ReadonlyMap<string, WhatIfState>) {
    const down = [...set].flatMap(([asset, state]) => (state === "critical" ? [asset] : []));
    return {
      services: Object.fromEntries(
        this.plant.services.map((service) => {
          const causes = down.filter((asset) => this.plant.assets.find((one) => one.id === asset)?.services.includes(service.id));
          const level = causes.length > 0 ? ("critical" as const) : ("ok" as const);
          return [service.id, { level, low: level, high: level, causes, why: causes.join(", ") }];
        }),
      ),
    };
  }

  /** What assets told, the newest first. */
  told: readonly AssetEvent[] = [];

  async events({ asset, from, to, limit }: EventQuery): Promise<readonly AssetEvent[]> {
    return this.told.filter((event) => event.asset === asset && event.time >= from && event.time < to).slice(0, limit);
  }

  /** A smooth curve that ends at the newest value; min and max stand around the mean. */
  async range(query: { asset: string; metric: string; from: number; to: number; points?: number }): Promise<RangeView> {
    const series = this.registry.all().filter((one) => one.asset === query.asset && one.metric === query.metric);
    const count = query.points ?? 50;
    return {
      series: series.map(({ asset, metric, labels, unit, index, kind }) => {
        const last = this.latest.value(index);
        const points: (number | string | null)[][] = [];
        for (let i = 0; i < count; i++) {
          const time = Math.round(query.from + ((query.to - query.from) * (i + 1)) / count);
          const left = (count - 1 - i) / count;
          const mean =
            kind === "state" ? (i % 37 < 30 ? last : 1) : last * (1 - 0.25 * left + 0.04 * Math.sin(i / 9) * Math.min(1, left * 8));
          const gap = i > count * 0.4 && i < count * 0.44;
          if (query.points === undefined) points.push([time, gap ? null : mean, gap ? "BadTimeout" : "Good"]);
          else points.push(gap ? [time, null, null, null] : [time, mean * 0.985, mean, mean * 1.015]);
        }
        return { asset, metric, labels, unit, points };
      }),
    };
  }

  #reading(index: number): ReadingView {
    const one = this.registry.get(index);
    const value = this.latest.value(index);
    return {
      asset: one.asset,
      metric: one.metric,
      labels: one.labels,
      value: Number.isNaN(value) ? null : value,
      unit: one.unit,
      time: this.latest.time(index),
      quality: qualityName(this.latest.quality(index)),
      origin: one.origin,
      kind: one.kind,
      state: one.states?.[value] ?? null,
      ...(one.states === undefined ? {} : { states: one.states }),
      every_ms: one.everyMs,
      thresholds: this.thresholds(index),
    };
  }
}

/** Tells nobody. */
function idleDuty(): Duty {
  return new Duty({ facts: new Map(), deadLetters: "/nonexistent", clock: new FakeClock(), log: silentLog });
}
