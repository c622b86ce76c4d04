import type { MqttConfig } from "../../../config/assets.ts";
import { SourceError } from "../../../core/errors.ts";
import { isBad, isGood, Q } from "../../../core/quality.ts";
import { type Labels, seriesKey } from "../../../core/reading.ts";
import type { SourceContext } from "../../../core/source.ts";
import { compileTopic, type DecodedMessage, decodePayload, excerpt, type MetricMapping, type TopicMapping } from "./decode.ts";
import { parseTopic, type TopicPattern } from "./topic.ts";

/** Most series that one asset's topics may make: a flood of topics is counted, not kept. */
const maxSeriesPerAsset = 10_000;

/** MQTT's quality of service, not a reading's. */
export type QoS = 0 | 1 | 2;

/** A message as it came from the broker. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** True for what the broker kept and sent at the subscription: of unknown age. */
  readonly retained: boolean;
}

interface Series {
  readonly number: number;
  origin: string;
  /** False until it had its first reading. */
  told: boolean;
}

/** What one concrete topic means under one pattern. */
interface Hearing {
  readonly mapping: TopicMapping;
  readonly pattern: TopicPattern;
  readonly labels: Labels;
  readonly series: (Series | undefined)[];
}

interface HeardTopic {
  readonly hearings: readonly Hearing[];
  /** Number of the connection in which it was last heard live. */
  live: number;
}

/** Turns one asset's messages into readings. Knows no network. */
export class Receiver {
  /** MQTT filters with the quality of service that is asked for. */
  readonly subscriptions: ReadonlyMap<string, QoS>;
  readonly #context: SourceContext;
  readonly #topics: readonly { readonly pattern: TopicPattern; readonly mapping: TopicMapping; readonly qos: QoS }[];
  readonly #series = new Map<string, Series>();
  readonly #heard = new Map<string, HeardTopic>();
  readonly #maxSeries: number;
  #connection = 0;

  /** Throws SourceError (config) for a topic or path that cannot be read. */
  constructor(config: MqttConfig, context: SourceContext, maxSeries = maxSeriesPerAsset) {
    if (config.sparkplug !== undefined) throw new SourceError("config", "sparkplug is not read by this version; use topics");
    this.#context = context;
    this.#maxSeries = maxSeries;
    this.#topics = config.topics.map((topic) => ({ pattern: parseTopic(topic.topic), mapping: compileTopic(topic), qos: topic.qos }));
    for (const topic of this.#topics) refuseClash(topic);
    const subscriptions = new Map<string, QoS>();
    for (const { pattern, qos } of this.#topics)
      if (qos >= (subscriptions.get(pattern.filter) ?? 0)) subscriptions.set(pattern.filter, qos);
    this.subscriptions = subscriptions;
  }

  /** A new connection begins. Series of topics without wildcards are known before their first message, so that silence shows. */
  begin(): void {
    this.#connection++;
    for (const { pattern } of this.#topics) {
      if (!pattern.concrete) continue;
      const heard = this.#hear(pattern.text);
      for (const hearing of heard?.hearings ?? []) for (const i of hearing.mapping.metrics.keys()) this.#register(hearing, i, pattern.text);
    }
  }

  /** One message. Whatever it holds, it never throws for it. */
  message({ topic, payload, retained }: Message): void {
    const heard = this.#hear(topic);
    if (heard === undefined) return;
    // A second subscriber to the same filter makes the broker send its retained message again: older than what came since.
    if (retained && heard.live === this.#connection) return;
    if (!retained) heard.live = this.#connection;
    const received = this.#context.clock.now();
    for (const hearing of heard.hearings) {
      const message = decodePayload(hearing.mapping, payload, received);
      for (const fault of message.faults) this.#malformed(topic, fault);
      this.#put(hearing, topic, message, retained);
    }
  }

  #put(hearing: Hearing, topic: string, message: DecodedMessage, retained: boolean): void {
    const meant = [...message.values.entries()].filter(([i]) => isMeant(hearing, i, message));
    for (const [i, decoded] of meant) {
      const series = this.#register(hearing, i, topic);
      if (series === undefined) continue;
      series.told = true;
      const { value, quality } = decoded ?? { value: Number.NaN, quality: Q.BadNotFound };
      const aged = retained && !message.dated && isGood(quality);
      this.#context.sink.put(series.number, message.time, isBad(quality) ? Number.NaN : value, aged ? Q.UncertainLastUsableValue : quality);
    }
  }

  #hear(topic: string): HeardTopic | undefined {
    const known = this.#heard.get(topic);
    if (known !== undefined) return known;
    const hearings: Hearing[] = [];
    for (const { pattern, mapping } of this.#topics) {
      const match = pattern.match(topic);
      if (match === undefined) continue;
      if ("fault" in match) this.#malformed(topic, match.fault);
      else hearings.push({ mapping, pattern, labels: match.labels, series: [] });
    }
    if (hearings.length === 0) return undefined;
    const heard = { hearings, live: 0 };
    if (this.#heard.size < this.#maxSeries) this.#heard.set(topic, heard);
    return heard;
  }

  #register(hearing: Hearing, i: number, topic: string): Series | undefined {
    const known = hearing.series[i];
    if (known !== undefined) return known;
    const metric = hearing.mapping.metrics[i];
    if (metric === undefined) return undefined;
    const labels = { ...hearing.labels, ...metric.labels };
    const key = seriesKey(this.#context.asset, metric.metric, labels);
    const series = this.#series.get(key) ?? this.#newSeries(key, metric, labels, topic);
    if (series === undefined) return undefined;
    if (series.origin !== topic) this.#shareOrigin(series, hearing.pattern, metric, labels);
    hearing.series[i] = series;
    return series;
  }

  #newSeries(key: string, metric: MetricMapping, labels: Labels, topic: string): Series | undefined {
    if (this.#series.size >= this.#maxSeries) {
      this.#malformed(topic, `the asset has ${this.#maxSeries} series already, this one is not taken`);
      return undefined;
    }
    const series = { number: this.#describe(metric, labels, topic), origin: topic, told: false };
    this.#series.set(key, series);
    return series;
  }

  /** A second topic feeds the same series (a wildcard without a label): its origin is the filter, so that it does not flap. */
  #shareOrigin(series: Series, pattern: TopicPattern, metric: MetricMapping, labels: Labels): void {
    if (series.origin === pattern.filter) return;
    series.origin = pattern.filter;
    this.#describe(metric, labels, pattern.filter);
  }

  #describe(metric: MetricMapping, labels: Labels, origin: string): number {
    const { asset, everyMs, sink } = this.#context;
    const states = metric.states === undefined ? {} : { states: metric.states };
    return sink.register({ asset, metric: metric.metric, labels, unit: metric.unit, kind: metric.kind, origin, everyMs, ...states });
  }

  #malformed(topic: string, what: string): void {
    this.#context.sink.malformed(`${excerpt(topic)}: ${what}`);
  }
}

/**
 * Whether a message says something of a metric. Topics of one pattern may hold different metrics, and messages some of them
 * only: a metric that is not there is passed over, but for a topic without wildcards, where it is told once, since its path
 * may be wrong. A message that cannot be read speaks of the series that its topic gave so far, or of all if it gave none.
 */
function isMeant(hearing: Hearing, i: number, message: DecodedMessage): boolean {
  const told = hearing.series[i]?.told === true;
  if (!message.whole) return message.values[i] !== undefined || (hearing.pattern.concrete && !told);
  return told || (message.faults.length > 0 && !hearing.series.some((series) => series?.told === true));
}

function refuseClash({ pattern, mapping }: { readonly pattern: TopicPattern; readonly mapping: TopicMapping }): void {
  for (const { metric, labels } of mapping.metrics) {
    const clash = pattern.labelNames.find((name) => Object.hasOwn(labels, name));
    if (clash !== undefined)
      throw new SourceError("config", `topic ${JSON.stringify(pattern.text)}: ${metric} has a label ${clash}, and so has the topic`);
  }
}
