import { Latest } from "../../../collector/latest.ts";
import { Duty, type DutySettings } from "../../../collector/notify/duty.ts";
import { emptyProposal, Registry } from "../../../collector/registry.ts";
import { TopologyBook } from "../../../collector/topology/book.ts";
import { ToldTopologies } from "../../../collector/topology/told.ts";
import type { CollectorView, WhatIfState } from "../../../collector/view.ts";
import type { AlarmLoadView, AlarmView } from "../../../core/alarm-view.ts";
import type { CollectorEvent } from "../../../core/api.ts";
import type { AssetEvent } from "../../../core/asset-event.ts";
import type { AgentView, AssetView } from "../../../core/asset-view.ts";
import { ColumnBuilder } from "../../../core/columns.ts";
import { silentLog } from "../../../core/log.ts";
import { isBad, Q, type Quality, qualityName } from "../../../core/quality.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import type { RangeView, ReadingView, ThresholdView } from "../../../core/reading-view.ts";
import type { NeedView, ServiceDetail } from "../../../core/service-view.ts";
import type { Protocol } from "../../../core/source.ts";
import type { EventQuery } from "../../../core/store.ts";
import { FakeClock } from "../../fake-clock.ts";
import { at, mac, neighbour, plc, port, told } from "../topology/facts.ts";

/** One series of the sample, with its newest value. */
export interface SampleSeries extends Omit<SeriesDescription, "everyMs" | "labels"> {
  readonly labels?: SeriesDescription["labels"];
  readonly everyMs?: number;
  readonly value: number;
  readonly quality?: Quality;
  /** How old it is, ms. */
  readonly ageMs?: number;
  readonly thresholds?: readonly ThresholdView[];
}

export interface SamplePlant {
  assets: AssetView[];
  services: ServiceDetail[];
  alarms: AlarmView[];
  agents: AgentView[];
}

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

  /** A smooth curve that ends at the newest value; min and max stand around the mean. */
  /** What assets told, the newest first. */
  told: readonly AssetEvent[] = [];

  async events({ asset, from, to, limit }: EventQuery): Promise<readonly AssetEvent[]> {
    return this.told.filter((event) => event.asset === asset && event.time >= from && event.time < to).slice(0, limit);
  }

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

const hall = "acme/brno/hall-1";

function asset(
  now: number,
  id: string,
  name: string,
  at: string,
  labels: Record<string, string>,
  protocol: Protocol,
  services: string[],
): AssetView {
  const targets = { snmp: "127.0.0.1:1161", modbus: "127.0.0.1:1502 unit 31", mqtt: "mqtt://127.0.0.1:1883 plant/air/+" };
  return {
    id,
    name,
    at,
    labels,
    up: true,
    level: "ok",
    since: now - 5 * 3_600_000,
    why: "",
    agent: "hall-1",
    sources: [{ protocol, target: targets[protocol], state: "up", reason: "", last_ok: now - 900 }],
    services,
    inventory: protocol === "snmp" ? { sysDescr: "Linux switch 6.1", serial: "FCW2241L0AB" } : {},
  };
}

function service(now: number, id: string, name: string, owner: string, needs: NeedView[]): ServiceDetail {
  return {
    id,
    name,
    owner,
    level: "ok",
    low: "ok",
    high: "ok",
    since: now - 26 * 3_600_000,
    why: "All it needs is ok",
    causes: [],
    impact: [],
    recovery: { sets: [], text: "" },
    needs,
    alarms: [],
  };
}

function need(kind: NeedView["kind"], id: string, text: string, children: NeedView[] = []): NeedView {
  return { kind, id, text, level: "ok", low: "ok", high: "ok", since: null, why: "", children };
}

const bearingLimits: ThresholdView[] = [
  { alarm: "bearing-hot", level: "warning", condition: "above", value: 70, clear: 66 },
  { alarm: "bearing-hot", level: "critical", condition: "above", value: 85, clear: 80 },
];

/** Filler 31 overheats and stops line 3; the MES server does not answer. */
export function samplePlant(now: number): { plant: SamplePlant; series: SampleSeries[] } {
  const line3 = `${hall}/line-3`;
  const fillers = ["31", "32", "33"].map((n) =>
    asset(now, `filler-${n}`, `Filler ${n}`, `${line3}/filler-${n}`, { type: "filler", line: "3" }, "modbus", [
      "bottling-line-3",
      "shipping",
    ]),
  );
  const assets = [
    asset(now, "core-sw-1", "Core switch, hall 1", hall, { type: "switch" }, "snmp", ["bottling-line-3", "mes", "shipping"]),
    asset(now, "core-sw-2", "Core switch, data centre", "acme/brno/dc", { type: "switch" }, "snmp", ["mes"]),
    asset(now, "ups-1", "UPS, data centre", "acme/brno/dc", { type: "ups" }, "snmp", ["power"]),
    asset(now, "mes-server", "MES server", "acme/brno/dc", { type: "server" }, "snmp", ["mes", "bottling-line-3", "shipping"]),
    ...fillers,
    asset(now, "meter-1", "Energy meter, incomer", hall, { type: "meter" }, "modbus", ["power"]),
    asset(now, "compressor", "Compressor", hall, { type: "compressor" }, "mqtt", ["compressed-air", "bottling-line-3"]),
    asset(now, "labeller", "Labeller", line3, { type: "labeller", line: "3" }, "mqtt", ["labelling"]),
  ].map((one) => {
    if (one.id === "filler-31") return { ...one, level: "critical" as const, since: now - 252_000, why: "Filler 31: bearing at 86.2 Cel" };
    if (one.id === "filler-32") return { ...one, level: "warning" as const, since: now - 40_000, why: "Filler 32: bearing at 71.3 Cel" };
    if (one.id === "mes-server")
      return {
        ...one,
        up: false,
        level: "unknown" as const,
        since: now - 25_000,
        why: "no data for 25 s: 127.0.0.1:1163: timed out after 2 s",
        sources: one.sources.map((source) => ({
          ...source,
          state: "down" as const,
          reason: "127.0.0.1:1163: timed out after 2 s",
          last_ok: now - 25_000,
        })),
      };
    return one;
  });
  const alarms: AlarmView[] = [
    { ...alarm(now, "filler-31", "critical", 86.2, 252_000), isa: "unacknowledged", first_out: true, announced: true },
    {
      ...alarm(now, "filler-32", "warning", 71.3, 40_000),
      runbook: null,
      isa: "acknowledged",
      acked: { by: "eva", at: now - 20_000, comment: "grease is on its way" },
      advice: "a dead band of 1.5 (clear: 68.5) would have saved 41 of 44",
    },
    { ...alarm(now, "filler-33", "warning", 70.4, 12_000), state: "pending", isa: "normal" },
  ];
  const fillerNeeds = fillers.map((filler) => need("asset", filler.id, filler.name));
  const [first, second, third] = fillerNeeds;
  const members: NeedView = {
    ...need("members", "3 of {type=filler,line=3}", "3 of {type=filler,line=3}: 3 needed, 2 up", [
      {
        ...(first as NeedView),
        level: "critical",
        low: "critical",
        high: "critical",
        since: now - 252_000,
        why: "Filler 31: bearing at 86.2 Cel",
      },
      {
        ...(second as NeedView),
        level: "warning",
        low: "warning",
        high: "warning",
        since: now - 40_000,
        why: "Filler 32: bearing at 71.3 Cel",
      },
      third as NeedView,
    ]),
    level: "critical",
    low: "critical",
    high: "critical",
    since: now - 252_000,
    why: "3 of {type=filler,line=3}: 3 needed, 2 up",
  };
  const mesNeed: NeedView = {
    ...need("service", "mes", "MES", [
      { ...need("asset", "mes-server", "MES server"), level: "unknown", high: "critical", since: now - 25_000, why: "no data for 25 s" },
      need("asset", "core-sw-2", "Core switch, data centre"),
    ]),
    level: "unknown",
    high: "critical",
    since: now - 25_000,
    why: "unknown, between ok and critical: MES server has no data",
  };
  const air = need("service", "compressed-air", "Compressed air", [
    need("metric", "compressor pressure_pascals >= 6e5", "compressor pressure_pascals >= 600000: 712000"),
  ]);
  const services: ServiceDetail[] = [
    {
      ...service(now, "bottling-line-3", "Bottling line 3", "production", [
        members,
        mesNeed,
        need("asset", "core-sw-1", "Core switch, hall 1"),
        air,
      ]),
      level: "critical",
      low: "critical",
      high: "critical",
      recovery: { sets: [["filler-31"]], text: "ok again when Filler 31 recovers" },
      since: now - 252_000,
      why: "Needs 3 of 3 fillers and has 2: Filler 31 is critical (bearing at 86.2 Cel)",
      causes: ["filler-31"],
      impact: ["shipping"],
      alarms: alarms.slice(0, 2),
    },
    {
      ...service(now, "mes", "MES", "it", mesNeed.children.slice()),
      level: "unknown",
      high: "critical",
      since: now - 25_000,
      why: "Unknown, between ok and critical: MES server has sent nothing for 25 s",
      causes: ["mes-server"],
      impact: ["bottling-line-3", "shipping"],
    },
    service(now, "power", "Power supply", "facilities", [
      need("asset", "ups-1", "UPS, data centre"),
      need("asset", "meter-1", "Energy meter, incomer"),
    ]),
    service(now, "compressed-air", "Compressed air", "facilities", air.children.slice()),
    {
      ...service(now, "labelling", "Labelling", "production", [need("asset", "labeller", "Labeller")]),
      level: "warning",
      low: "warning",
      high: "warning",
      since: now - 40_000,
      why: "Labeller is at warning: 12 % of labels rejected",
      causes: ["labeller"],
    },
    {
      ...service(now, "shipping", "Shipping of bottled goods", "logistics", [
        {
          ...need("service", "bottling-line-3", "Bottling line 3", []),
          level: "major",
          low: "major",
          high: "major",
          since: now - 252_000,
          why: "",
        },
      ]),
      level: "major",
      low: "major",
      high: "major",
      since: now - 252_000,
      why: "Relies on Bottling line 3, which is critical since Filler 31 is",
      causes: ["filler-31"],
    },
  ];
  const agents: AgentView[] = [
    agent(now, "hall-1", 900, 14, 18_432, []),
    {
      ...agent(now, "dc-1", 190_000, -2400, 48_234_112, [
        { time: now - 3_600_000, count: 1200, reason: "spool full, oldest segment dropped" },
      ]),
      silent: true,
    },
  ];
  return { plant: { assets, services, alarms, agents }, series: sampleSeries() };
}

function agent(now: number, name: string, agoMs: number, skew: number, spool: number, gaps: AgentView["gaps"]): AgentView {
  return {
    name,
    last_seen: now - agoMs,
    skew_ms: skew,
    version: "0.1.0",
    epoch: "5f0c6d0e-0000-4000-8000-000000000000",
    seq: 4182,
    spool_bytes: spool,
    assets: 8,
    silent: false,
    gaps,
  };
}

function alarm(now: number, asset: string, level: AlarmView["level"], value: number, agoMs: number): AlarmView {
  return {
    id: `bearing-hot/${asset}/bearing`,
    alarm: "bearing-hot",
    asset,
    metric: "temperature_celsius",
    labels: { sensor: "bearing" },
    level,
    state: "active",
    since: now - agoMs,
    value,
    unit: "Cel",
    text: `Filler ${asset.slice(-2)}: bearing at ${value} Cel`,
    runbook: "https://wiki.example/bearing",
    services: ["bottling-line-3"],
  };
}

function sampleSeries(): SampleSeries[] {
  const up = { 1: "up", 2: "down", 3: "testing" };
  const filler = (n: string, bearing: number): SampleSeries[] => {
    const asset = `filler-${n}`;
    return [
      {
        asset,
        metric: "temperature_celsius",
        labels: { sensor: "bearing" },
        unit: "Cel",
        kind: "gauge",
        origin: "holding:3059",
        value: bearing,
        thresholds: bearingLimits,
      },
      {
        asset,
        metric: "temperature_celsius",
        labels: { sensor: "motor" },
        unit: "Cel",
        kind: "gauge",
        origin: "holding:3061",
        value: 54.8,
      },
      { asset, metric: "active_power_watts", unit: "W", kind: "gauge", origin: "holding:3063", value: 18_420 },
      { asset, metric: "bottles_filled_total", unit: "1", kind: "counter", origin: "holding:3070", value: 1_823_442 },
      {
        asset,
        metric: "machine_state",
        unit: "",
        kind: "state",
        origin: "holding:3000",
        value: 2,
        states: { 0: "stopped", 1: "idle", 2: "running" },
      },
      { asset, metric: "load_ratio", unit: "1", kind: "gauge", origin: "input:12", value: 0.834 },
      { asset, metric: "energy_joules_total", unit: "J", kind: "counter", origin: "holding:3080", value: 1.284e10 },
    ];
  };
  return [
    ...filler("31", 86.2),
    ...filler("32", 71.3),
    ...filler("33", 64.1),
    {
      asset: "core-sw-1",
      metric: "if_oper_status",
      labels: { if_name: "Gi1/0/1" },
      unit: "",
      kind: "state",
      origin: "1.3.6.1.2.1.2.2.1.8.1",
      value: 1,
      states: up,
      everyMs: 30_000,
    },
    {
      asset: "core-sw-1",
      metric: "if_in_octets_total",
      labels: { if_name: "Gi1/0/1" },
      unit: "By",
      kind: "counter",
      origin: "1.3.6.1.2.1.31.1.1.1.6.1",
      value: 9.2e12,
      everyMs: 30_000,
    },
    {
      asset: "core-sw-1",
      metric: "uptime_seconds",
      unit: "s",
      kind: "gauge",
      origin: "1.3.6.1.2.1.1.3.0",
      value: 8_302_113,
      everyMs: 30_000,
    },
    {
      asset: "compressor",
      metric: "pressure_pascals",
      labels: { sensor: "main" },
      unit: "Pa",
      kind: "gauge",
      origin: "plant/air/main",
      value: 712_000,
      everyMs: 10_000,
      thresholds: [{ alarm: "air-low", level: "critical", condition: "below", value: 600_000, clear: 620_000 }],
    },
    {
      asset: "mes-server",
      metric: "cpu_load_ratio",
      unit: "1",
      kind: "gauge",
      origin: "1.3.6.1.2.1.25.3.3.1.2.1",
      value: Number.NaN,
      quality: Q.BadTimeout,
      ageMs: 25_000,
      everyMs: 30_000,
    },
    { asset: "meter-1", metric: "voltage_volts", labels: { phase: "l1" }, unit: "V", kind: "gauge", origin: "input:0", value: 231.4 },
  ];
}

/** The switch of the sample sees the filler's port, and a camera that nobody has configured. */
function sampleTopology(assets: readonly AssetView[], now: number): TopologyBook {
  const camera = neighbour("Gi1/0/9", { chassis: "ac:de:48:00:00:01", system: "camera-7", platform: "Camera OS 4", roles: ["station"] });
  const edge = { protocol: "cdp" as const, system: "line-3-edge", remotePort: "eth0", roles: ["station"] };
  const facts = told({
    time: now - 3_600_000,
    system: "core-sw-1",
    neighbours: [camera, neighbour("Gi1/0/12", edge)],
    ports: [port("Gi1/0/3", mac(31)), port("Gi1/0/9", "ac:de:48:00:00:01"), { port: "Gi1/0/24", count: 212, macs: [] }],
    stations: [{ mac: mac(31), address: "10.0.4.31" }],
  });
  const config = Object.fromEntries(assets.map(({ id }) => [id, id === "filler-31" ? plc("10.0.4.31") : at(`${id}.plant.example`)]));
  const topologies = new ToldTopologies();
  topologies.take({ topologies: [{ asset: "core-sw-1", topology: facts }] });
  return new TopologyBook(topologies, () => config);
}

/** Tells nobody. */
function idleDuty(): Duty {
  return new Duty({ facts: new Map(), deadLetters: "/nonexistent", clock: new FakeClock(), log: silentLog });
}
