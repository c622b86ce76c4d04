import type { ModbusConfig } from "../../../config/assets.ts";
import { ConfigFaults, type Fault } from "../../../config/fault.ts";
import { type ModbusMetric, type ModbusProfile, modbusProfile, registersOf } from "../../../config/modbus.ts";
import { loadProfile } from "../../../config/profiles.ts";
import { Q, type Quality } from "../../../core/quality.ts";
import { type SeriesDescription, seriesKey, seriesName } from "../../../core/reading.ts";
import { type UnitConversion, unitOf } from "../../../core/unit.ts";
import { bitOf, decode, type RawValue } from "./decode.ts";
import type { PlanLimits, Span } from "./plan.ts";
import { spanKey } from "./refusals.ts";

export interface Value {
  /** In the base unit; NaN exactly when quality is Bad. */
  readonly value: number;
  readonly quality: Quality;
}

/** One metric, ready to be read. */
export interface DeviceMetric {
  readonly description: SeriesDescription;
  /** What the bytes of its span, as on the wire, mean. */
  readonly valueOf: (wire: Uint8Array) => Value;
}

/** Registers that are wanted, and the metrics that are made of them. */
export interface DeviceSpan extends Span {
  readonly metrics: readonly DeviceMetric[];
}

/** What is read from one unit. */
export interface DeviceMap {
  readonly spans: readonly DeviceSpan[];
  readonly limits: PlanLimits;
  readonly gapMs: number;
}

/**
 * The profile of an asset and its own metrics as one map; a metric of the asset takes the place of the profile's with the same
 * name and labels. Throws ConfigFaults for an unknown profile, two metrics that are one series, and a value that cannot be.
 */
export function compileDevice(asset: string, config: ModbusConfig): DeviceMap {
  const profile = config.profile === undefined ? undefined : profileOf(config.profile);
  const own = described(asset, config, { metrics: config.metrics, path: `assets.${asset}.modbus.metrics` });
  const shipped = described(asset, config, { metrics: profile?.metrics ?? [], path: `profile ${config.profile}: metrics` });
  const spans = new Map<string, Span & { metrics: DeviceMetric[] }>();
  for (const { metric, description } of new Map([...shipped, ...own]).values()) {
    const span = { table: metric.function, address: metric.register, count: registersOf[metric.type] };
    const key = spanKey(span);
    const wanted = spans.get(key) ?? { ...span, metrics: [] };
    wanted.metrics.push({ description, valueOf: valueReader(metric) });
    spans.set(key, wanted);
  }
  const limits = limitsOf(profile);
  return { spans: [...spans.values()], limits, gapMs: Math.max(config.gap, profile?.gap ?? 0) };
}

/** Shipped profiles that were read once: a thousand meters of a kind need it parsed once. */
const known = new Map<string, ModbusProfile>();

function profileOf(name: string): ModbusProfile {
  const profile = known.get(name) ?? loadProfile("modbus", name, modbusProfile);
  known.set(name, profile);
  return profile;
}

function limitsOf(profile: ModbusProfile | undefined): PlanLimits {
  return { maxRegisters: profile?.max_registers ?? 125, maxGap: profile?.max_gap ?? 16 };
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
    for (const absent of metric.absent) {
      if (!canBe(metric, absent)) faults.push({ file: asset, path: `${path}.absent`, message: absentFault(metric, absent) });
    }
    found.set(key, { metric, description });
  }
  if (faults.length > 0) throw new ConfigFaults(faults);
  return found;
}

function describe(asset: string, everyMs: number, metric: ModbusMetric): SeriesDescription {
  const { labels, kind, states, bit } = metric;
  return {
    asset,
    metric: metric.metric,
    labels,
    unit: kind === "state" ? "" : unitOfMetric(metric).ucum,
    kind,
    origin: `${metric.function}:${metric.register}${bit === undefined ? "" : `.${bit}`}`,
    everyMs,
    ...(states === undefined ? {} : { states }),
  };
}

/** Largest and smallest value of each integer type, for the check of what is said to be absent. */
function integerRange(type: ModbusMetric["type"]): readonly [number, number] | undefined {
  const match = /^(u?)int(8|16|32|64)/.exec(type);
  if (match === null) return undefined;
  const bits = Number(match[2]);
  return match[1] === "u" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function canBe(metric: ModbusMetric, absent: number | string): boolean {
  if (typeof absent === "string") return absent.length === 2 + 4 * registersOf[metric.type];
  const range = integerRange(metric.type);
  if (range === undefined) return true;
  return Number.isSafeInteger(absent) && absent >= range[0] && absent <= range[1];
}

function absentFault(metric: ModbusMetric, absent: number | string): string {
  const digits = 4 * registersOf[metric.type];
  if (typeof absent === "string") return `${absent} is not ${digits} hexadecimal digits, which ${metric.type} has`;
  return `${absent} can never be read exactly as ${metric.type}; a bit pattern is a text of ${digits} digits such as "0x${"F".repeat(digits)}"`;
}

const bad = (quality: Quality): Value => ({ value: Number.NaN, quality });
const notSupported = bad(Q.BadNotSupported);
const noData = bad(Q.BadNoData);
const outOfRange = bad(Q.BadOutOfRange);

/** How the bytes of one metric become its value: decoded, sentinels told apart, scaled, converted, checked against its range. */
function valueReader(metric: ModbusMetric): (wire: Uint8Array) => Value {
  const { type, order, bit } = metric;
  const absent = absentValues(metric);
  const toBase = conversion(metric);
  const [low, high] = metric.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return (wire) => {
    const raw = decode(wire, type, order);
    if (absent.has(raw)) return notSupported;
    const value = toBase(bit === undefined ? Number(raw) : bitOf(raw, bit));
    if (Number.isNaN(value)) return noData;
    if (!Number.isFinite(value) || value < low || value > high) return outOfRange;
    return { value, quality: Q.Good };
  };
}

/** The raw values that mean "not available". Any NaN is any other: a device's own pattern of it does not survive reading. */
function absentValues({ type, absent }: ModbusMetric): ReadonlySet<RawValue> {
  const exact = (value: number): RawValue => (type.endsWith("int64") ? BigInt(value) : type === "float32" ? Math.fround(value) : value);
  return new Set(
    absent.map((value) => (typeof value === "number" ? exact(value) : decode(Buffer.from(value.slice(2), "hex"), type, "ABCD"))),
  );
}

function unitOfMetric(metric: ModbusMetric): UnitConversion {
  const unit = unitOf(metric.unit);
  if (unit === undefined) throw new Error(`${metric.metric}: the schema let an unknown unit pass: ${metric.unit}`);
  return unit;
}

function conversion(metric: ModbusMetric): (raw: number) => number {
  const unit = unitOfMetric(metric);
  const factor = metric.scale * unit.factor;
  const offset = metric.offset * unit.factor + unit.offset;
  // Times 0.1 is not one tenth in binary: 2200 would become 220.00000000000003. Divided by 10 it is 220.
  const divisor = Math.round(1 / factor);
  const isTenth = Math.abs(factor) < 1 && Math.abs(factor * divisor - 1) < 1e-14;
  if (isTenth) return (raw) => raw / divisor + offset;
  return (raw) => raw * factor + offset;
}
