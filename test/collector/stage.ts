import { createPlant } from "../../collector/judge.ts";
import { Latest } from "../../collector/latest.ts";
import { Registry } from "../../collector/registry.ts";
import { config as configSchema } from "../../config/schema.ts";
import type { CollectorEvent } from "../../core/api.ts";
import type { AssetView } from "../../core/asset-view.ts";
import { ColumnBuilder } from "../../core/columns.ts";
import { Q, type Quality } from "../../core/quality.ts";
import type { SeriesDescription } from "../../core/reading.ts";
import type { ServiceView } from "../../core/service-view.ts";
import type { SourceStatus } from "../../core/source.ts";
import type { IndexedSeries } from "../../core/store.ts";

export type PlantConfig = ReturnType<typeof configOf>;

/** A config as YAML would give it, checked by the schema. */
export function configOf(input: object) {
  return { ...configSchema.parse(input), directory: "." };
}

/** A Modbus source that is read every two seconds. */
export const modbus = { tcp: "127.0.0.1:1502", profile: "demo", every: "2s" };
export const snmp = { host: "127.0.0.1", community: "env:C", every: "30s" };

/** A plant with its registry, latest values and a clock that a test turns. */
export class Stage {
  readonly config: PlantConfig;
  readonly registry: Registry;
  readonly latest: Latest;
  readonly facts: Map<string, string>;
  plant: ReturnType<typeof createPlant>;
  now: number;
  /** Hears every event. */
  listener: (event: CollectorEvent) => void = () => {};

  constructor(config: object, options: { now?: number; before?: Stage } = {}) {
    this.config = configOf(config);
    this.now = options.now ?? Date.UTC(2026, 10, 30, 12, 0, 0);
    const { before } = options;
    this.registry = before === undefined ? new Registry() : before.registry;
    this.latest = before === undefined ? new Latest() : before.latest;
    this.facts = before === undefined ? new Map() : before.facts;
    const { config: typed, registry, latest, facts, now } = this;
    this.plant = createPlant({ config: typed, registry, latest, facts, startedAt: now });
  }

  /** The same plant after a stop of `downMs`: with its facts and latest values, and nothing else. */
  restart(config: object, downMs: number): Stage {
    return new Stage(config, { now: this.now + downMs, before: this });
  }

  /** A value now. `how` tells the metric, labels, kind. */
  put(asset: string, value: number, how: Partial<SeriesDescription> & { quality?: Quality; time?: number } = {}): void {
    const { quality = Q.Good, time = this.now, ...description } = how;
    const columns = new ColumnBuilder(1);
    columns.put(this.series(asset, description), time, value, quality);
    this.latest.apply(columns.view(), this.now);
    this.plant.apply(columns.view(), this.now);
  }

  series(asset: string, how: Partial<SeriesDescription> = {}): number {
    const description: SeriesDescription = {
      asset,
      metric: "temperature_celsius",
      labels: {},
      unit: "Cel",
      kind: "gauge",
      origin: "",
      everyMs: 2000,
      ...how,
    };
    const known = this.registry.find(asset, description.metric, description.labels);
    if (known !== undefined) return known;
    const one: IndexedSeries = { ...description, index: this.registry.size, agent: "hall-1" };
    this.registry.accept({ series: [one], aliases: [] });
    this.plant.describe(one);
    return one.index;
  }

  status(asset: string, state: SourceStatus["state"], reason = "", protocol: SourceStatus["protocol"] = "modbus"): void {
    this.plant.sources([{ asset, protocol, target: "127.0.0.1:1502", state, reason, lastOk: null }], this.now);
  }

  /** Lets time pass in steps of a second; every asset named gives a fresh value each second. */
  pass(seconds: number, alive: readonly string[] = []): readonly CollectorEvent[] {
    const events: CollectorEvent[] = [];
    for (let i = 0; i < seconds; i++) {
      this.now += 1000;
      for (const asset of alive) this.put(asset, 1, { metric: "source_up", labels: { protocol: "modbus" }, unit: "1" });
      this.plant.tick(this.now);
      events.push(...this.changes());
    }
    return events;
  }

  changes(): readonly CollectorEvent[] {
    const events = this.plant.changes(this.now);
    for (const [key, text] of this.plant.dirtyFacts()) this.facts.set(key, text);
    for (const event of events) this.listener(event);
    return events;
  }

  service(id: string): ServiceView {
    this.changes();
    const found = this.plant.services().find((service) => service.id === id);
    if (found === undefined) throw new Error(`no service ${id}`);
    return found;
  }

  asset(id: string): AssetView {
    this.changes();
    const found = this.plant.assets(this.now).find((asset) => asset.id === id);
    if (found === undefined) throw new Error(`no asset ${id}`);
    return found;
  }
}

/** DESIGN's bottling hall: three fillers behind a switch, a compressor, and a server that runs the MES. */
export const bottlingHall = {
  assets: {
    "core-sw-1": { name: "Core switch, hall 1", labels: { type: "switch" }, snmp },
    "mes-server": { name: "MES server", labels: { type: "server" }, snmp },
    compressor: { name: "Compressor", labels: { type: "compressor" }, modbus },
    ...Object.fromEntries(
      ["31", "32", "33"].map((n) => [
        `filler-${n}`,
        { name: `Filler ${n}`, labels: { type: "filler", line: 3 }, via: ["core-sw-1"], attributes: { nominal_bph: 12000 }, modbus },
      ]),
    ),
  },
  alarms: {
    "bearing-hot": {
      on: { type: "filler" },
      metric: "temperature_celsius",
      where: { sensor: "bearing" },
      warning: { above: 70, clear: 66, for: "30s", hold: "10s" },
      critical: { above: 85, clear: 80, for: "10s" },
      text: "{asset.name}: bearing at {value}",
    },
    "uplink-down": {
      on: { type: "switch" },
      metric: "if_oper_status",
      where: { if_name: "Gi1/0/1" },
      critical: { is: "down", for: "5s" },
    },
  },
  calendars: { "two-shift": { zone: "Europe/Prague", open: ["Mon-Fri 06:00-22:00"] } },
  services: {
    "bottling-line-3": {
      name: "Bottling line 3",
      owner: "production",
      needs: [
        "2 of {type=filler,line=3}",
        "service mes",
        "asset core-sw-1",
        "compressor pressure_pascals >= 6e5 for 30s clear 6.2e5",
        { sum: "{type=filler,line=3}", weight: "nominal_bph", at_least: 24000, degraded_below: 30000, worst: "major", min_members: 3 },
      ],
      calendar: "two-shift",
    },
    mes: { name: "MES", needs: ["asset mes-server"] },
  },
};
export const hallAssets = Object.keys(bottlingHall.assets);

/** The bottling hall with everything in order. */
export function hallAtWork(): Stage {
  const stage = new Stage(bottlingHall);
  bearings(stage, [50, 50, 50]);
  air(stage, 7e5);
  stage.pass(2, hallAssets);
  return stage;
}

export function bearings(stage: Stage, values: readonly number[]): void {
  for (const [i, value] of values.entries()) stage.put(`filler-3${i + 1}`, value, { labels: { sensor: "bearing" } });
}

export function air(stage: Stage, pascals: number): void {
  stage.put("compressor", pascals, { metric: "pressure_pascals", unit: "Pa" });
}
