import type { MqttMetric, MqttTopic } from "../../../config/assets.ts";
import { SourceError } from "../../../core/errors.ts";
import { Q, type Quality } from "../../../core/quality.ts";
import type { Labels, SeriesKind } from "../../../core/reading.ts";
import { unitOf } from "../../../core/unit.ts";
import { type JsonPath, lookUp, parsePath } from "./path.ts";
import { parseTime } from "./time.ts";

/** Longest payload that is looked into, bytes. */
export const maxPayloadBytes = 1 << 20;

/** One metric of a topic, ready to be read. */
export interface MetricMapping {
  readonly metric: string;
  readonly labels: Labels;
  /** UCUM code of the base unit. */
  readonly unit: string;
  readonly kind: SeriesKind;
  readonly states?: Readonly<Record<number, string>>;
  /** Undefined: the whole payload. */
  readonly path: JsonPath | undefined;
  /** base = raw * factor + offset. */
  readonly factor: number;
  readonly offset: number;
  readonly range: readonly [number, number] | undefined;
  readonly stateNumbers: ReadonlyMap<string, number>;
}

/** What a topic's messages mean. */
export interface TopicMapping {
  readonly format: "json" | "text";
  readonly metrics: readonly MetricMapping[];
  readonly time: JsonPath | undefined;
}

/** One metric of one message. Value is NaN exactly when quality is Bad; `why` says what was wrong. */
export interface DecodedValue {
  readonly value: number;
  readonly quality: Quality;
  readonly why?: string;
}

/** A message taken apart. */
export interface DecodedMessage {
  /** ms since epoch: the payload's own, else that of arrival. */
  readonly time: number;
  /** True when the payload said its time. */
  readonly dated: boolean;
  /** True when the message as a whole could not be read, or is empty: `values` then says the same of every metric. */
  readonly whole: boolean;
  /** By the index of the metric; undefined where the message does not speak of it. */
  readonly values: readonly (DecodedValue | undefined)[];
  /** What was wrong with the message, for the count of malformed ones. */
  readonly faults: readonly string[];
}

/** Reads a topic's config. Throws SourceError (config). */
export function compileTopic(topic: MqttTopic): TopicMapping {
  const metrics = Object.entries(topic.metrics).map(([metric, config]) => compileMetric(metric, config));
  const text = topic.format === "text";
  if (text && (topic.time !== undefined || metrics.some((m) => m.path !== undefined && m.path.length > 0)))
    throw new SourceError("config", `topic ${JSON.stringify(topic.topic)}: a payload of format text has no JSON paths`);
  return { format: topic.format, metrics, time: topic.time === undefined ? undefined : parsePath(topic.time) };
}

function compileMetric(metric: string, config: MqttMetric): MetricMapping {
  const unit = unitOf(config.unit);
  if (unit === undefined) throw new SourceError("config", `${metric}: ${JSON.stringify(config.unit)} is not a unit`);
  const states = Object.entries(config.states ?? {});
  const named = states.length > 0;
  return {
    metric,
    labels: config.labels,
    unit: named ? "" : unit.ucum,
    kind: named ? "state" : config.kind,
    ...(named ? { states: Object.fromEntries(states) } : {}),
    path: config.path === undefined ? undefined : parsePath(config.path),
    factor: config.scale * unit.factor,
    offset: config.offset * unit.factor + unit.offset,
    range: config.range,
    stateNumbers: new Map(states.map(([number, name]) => [name, Number(number)])),
  };
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Takes a payload apart; whatever the bytes are, it never throws. `received` is the time of arrival, ms since epoch. */
export function decodePayload(mapping: TopicMapping, payload: Uint8Array, received: number): DecodedMessage {
  // A retained message is deleted by an empty one: the device takes back what it said.
  if (payload.length === 0) return everyMetric(mapping, received, { value: Number.NaN, quality: Q.BadNoData });
  const parsed = parsePayload(mapping, payload);
  if ("fault" in parsed) return everyMetric(mapping, received, bad(Q.BadDecodingError, parsed.fault), parsed.fault);
  const time = mapping.time === undefined ? undefined : lookUp(parsed.body, mapping.time);
  const own = mapping.time === undefined ? received : parseTime(time, received);
  if (own === undefined) {
    const why = time === undefined ? "the message says no time" : `${excerpt(time)} is not a plausible time`;
    return everyMetric(mapping, received, bad(Q.BadInvalidTimestamp, why), why);
  }
  const values = mapping.metrics.map((metric) => decodeMetric(metric, parsed.body));
  const faults = values.flatMap((v, i) => (v?.why === undefined ? [] : [`${mapping.metrics[i]?.metric}: ${v.why}`]));
  if (values.length > 0 && values.every((v) => v === undefined)) faults.push("the message has none of the values that are looked for");
  return { time: own, dated: mapping.time !== undefined, whole: false, values, faults };
}

function everyMetric(mapping: TopicMapping, time: number, value: DecodedValue, fault?: string): DecodedMessage {
  return { time, dated: false, whole: true, values: mapping.metrics.map(() => value), faults: fault === undefined ? [] : [fault] };
}

function parsePayload(mapping: TopicMapping, payload: Uint8Array): { readonly body: unknown } | { readonly fault: string } {
  if (payload.length > maxPayloadBytes) return { fault: `a payload of ${payload.length} bytes, at most ${maxPayloadBytes} are read` };
  let text: string;
  try {
    text = strictUtf8.decode(payload);
  } catch {
    return { fault: `a payload of ${payload.length} bytes that is not UTF-8` };
  }
  if (mapping.format === "text") return { body: text.trim() };
  try {
    return { body: JSON.parse(text) };
  } catch {
    return { fault: `${excerpt(text)} is not JSON` };
  }
}

function decodeMetric(metric: MetricMapping, body: unknown): DecodedValue | undefined {
  const raw = metric.path === undefined ? body : lookUp(body, metric.path);
  if (raw === undefined) return undefined;
  if (raw === null) return { value: Number.NaN, quality: Q.BadNoData };
  const state = typeof raw === "string" ? metric.stateNumbers.get(raw) : undefined;
  if (state !== undefined) return { value: state, quality: Q.Good };
  const number = numberOf(raw);
  if (number === undefined) return bad(Q.BadDecodingError, notANumber(metric, raw));
  const value = number * metric.factor + metric.offset;
  if (!Number.isFinite(value)) return bad(Q.BadDecodingError, `${excerpt(raw)} is beyond what a double holds`);
  const { range } = metric;
  if (range !== undefined && (value < range[0] || value > range[1]))
    return bad(Q.BadOutOfRange, `${value} is not between ${range[0]} and ${range[1]}`);
  return { value, quality: Q.Good };
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Numbers, their decimal text, and booleans as 0 and 1; Infinity for 1e400, undefined for anything else. */
function numberOf(raw: unknown): number | undefined {
  if (typeof raw === "number") return raw;
  if (typeof raw === "boolean") return raw ? 1 : 0;
  if (typeof raw !== "string" || raw.length > 64) return undefined;
  const text = raw.trim();
  if (text === "true" || text === "false") return text === "true" ? 1 : 0;
  return decimal.test(text) ? Number(text) : undefined;
}

function notANumber(metric: MetricMapping, raw: unknown): string {
  const names = [...metric.stateNumbers.keys()];
  return `${excerpt(raw)} is not a number${names.length === 0 ? "" : ` and none of ${names.join(", ")}`}`;
}

function bad(quality: Quality, why: string): DecodedValue {
  return { value: Number.NaN, quality, why };
}

/** Foreign text, quoted and cut. */
export function excerpt(raw: unknown): string {
  if (typeof raw === "object" && raw !== null) return Array.isArray(raw) ? "an array" : "an object";
  return typeof raw === "string" ? JSON.stringify(raw.slice(0, 80)) : String(raw);
}
