import type { ModbusConfig } from "../../../config/assets.ts";
import { limitsOf as deviceLimits } from "../../../config/device-limits.ts";
import { ConfigFaults, type Fault } from "../../../config/fault.ts";
import {
  type ModbusFact,
  type ModbusMetric,
  type ModbusProfile,
  modbusProfile,
  mostBits,
  mostRegisters,
  registersOf,
  typeOf,
} from "../../../config/modbus.ts";
import { loadProfile } from "../../../config/profiles.ts";
import { sunspecProfile } from "../../../config/sunspec.ts";
import { type SeriesDescription, seriesKey, seriesName } from "../../../core/reading.ts";
import type { PlanLimits, Span, Wanted } from "./plan.ts";
import { spanKey } from "./refusals.ts";
import { absentFaults, unitOfMetric, type ValueReader, valueReader } from "./value.ts";

/** One metric, ready to be read. */
export interface DeviceMetric {
  readonly description: SeriesDescription;
  readonly valueOf: ValueReader;
}

/** Registers or a bit that are wanted, and the metrics that are made of them. */
export interface DeviceSpan extends Span {
  readonly metrics: readonly DeviceMetric[];
}

/** Registers that hold a text, and the facts that are made of it. */
export interface FactSpan extends Span {
  readonly facts: readonly ModbusFact[];
}

/** What is read from one unit. */
export interface DeviceMap extends Wanted<DeviceSpan> {
  readonly inventory: readonly FactSpan[];
  readonly gapMs: number;
}

/**
 * The profile of an asset and its own metrics as one map; a metric of the asset takes the place of the profile's with the same
 * name and labels; of sunspec, whose registers the unit itself names, only the asset's own. Throws ConfigFaults for an unknown profile, two metrics that are one series, and a value that cannot be.
 */
export function compileDevice(asset: string, config: ModbusConfig): DeviceMap {
  const profile = config.profile === undefined || config.profile === sunspecProfile ? undefined : profileOf(config.profile);
  const own = described(asset, config, { metrics: config.metrics, path: `assets.${asset}.modbus.metrics` });
  const shipped = described(asset, config, { metrics: profile?.metrics ?? [], path: `profile ${config.profile}: metrics` });
  const metrics = [...new Map([...shipped, ...own]).values()];
  return {
    spans: bySpan(metrics, ({ metric }) => spanOf(metric)).map(([span, found]) => ({ ...span, metrics: found.map(toDeviceMetric) })),
    inventory: factSpans(asset, config, profile),
    limits: limitsOf(profile),
    gapMs: Math.max(config.gap, profile?.gap ?? 0),
  };
}

function toDeviceMetric({ metric, description }: Described): DeviceMetric {
  return { description, valueOf: valueReader(metric) };
}

function spanOf(metric: ModbusMetric): Span {
  const type = typeOf(metric);
  return { table: metric.function, address: metric.register, count: type === "bit" ? 1 : registersOf[type] };
}

/** What is made of the same registers together. */
function bySpan<T>(wanted: readonly T[], span: (one: T) => Span): [Span, T[]][] {
  const found = new Map<string, [Span, T[]]>();
  for (const one of wanted) {
    const at = span(one);
    const entry = found.get(spanKey(at)) ?? [at, []];
    entry[1].push(one);
    found.set(spanKey(at), entry);
  }
  return [...found.values()];
}

/** The texts of the profile and the asset's own; one of the asset takes the place of the profile's with the same name. */
function factSpans(asset: string, config: ModbusConfig, profile: ModbusProfile | undefined): FactSpan[] {
  const shipped = factsByName(asset, profile?.inventory ?? [], `profile ${config.profile}: inventory`);
  const own = factsByName(asset, config.inventory, `assets.${asset}.modbus.inventory`);
  const facts = [...new Map([...shipped, ...own]).values()];
  const spanOfFact = (fact: ModbusFact): Span => ({ table: fact.function, address: fact.register, count: fact.length });
  return bySpan(facts, spanOfFact).map(([span, found]) => ({ ...span, facts: found }));
}

function factsByName(asset: string, facts: readonly ModbusFact[], path: string): Map<string, ModbusFact> {
  const found = new Map<string, ModbusFact>();
  const faults: Fault[] = [];
  for (const [index, fact] of facts.entries()) {
    if (found.has(fact.name)) faults.push({ file: asset, path: `${path}[${index}]`, message: `${fact.name} stands twice` });
    found.set(fact.name, fact);
  }
  if (faults.length > 0) throw new ConfigFaults(faults);
  return found;
}

/** Shipped profiles that were read once: a thousand meters of a kind need it parsed once. */
const known = new Map<string, ModbusProfile>();

function profileOf(name: string): ModbusProfile {
  const profile = known.get(name) ?? loadProfile("modbus", name, modbusProfile);
  known.set(name, profile);
  return profile;
}

function limitsOf(profile: ModbusProfile | undefined): PlanLimits {
  return {
    maxRegisters: profile?.max_registers ?? mostRegisters,
    maxBits: profile?.max_bits ?? mostBits,
    maxGap: profile?.max_gap ?? 16,
  };
}

interface Described {
  readonly metric: ModbusMetric;
  readonly description: SeriesDescription;
}

/** The metrics of one list by their series; all that is wrong with the list is thrown at once. */
function described(asset: string, config: ModbusConfig, list: { metrics: readonly ModbusMetric[]; path: string }): Map<string, Described> {
  const found = new Map<string, Described>();
  const faults: Fault[] = [];
  for (const [index, metric] of list.metrics.entries()) {
    const path = `${list.path}[${index}]`;
    const key = seriesKey(asset, metric.metric, metric.labels);
    const description = describe(asset, config.every, metric);
    if (found.has(key)) faults.push({ file: asset, path, message: `${seriesName(description)} stands twice` });
    for (const message of absentFaults(metric)) faults.push({ file: asset, path: `${path}.absent`, message });
    found.set(key, { metric, description });
  }
  if (faults.length > 0) throw new ConfigFaults(faults);
  return found;
}

function describe(asset: string, everyMs: number, metric: ModbusMetric): SeriesDescription {
  const { labels, kind, states, meanings, limits, bit } = metric;
  return {
    asset,
    metric: metric.metric,
    labels,
    unit: kind === "state" ? "" : unitOfMetric(metric).ucum,
    kind,
    origin: `${metric.function}:${metric.register}${bit === undefined ? "" : `.${bit}`}`,
    everyMs,
    ...(states === undefined ? {} : { states }),
    ...(meanings === undefined ? {} : { meanings }),
    ...(limits === undefined ? {} : { limits: deviceLimits(limits) }),
  };
}
