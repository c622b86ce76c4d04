import { type Command, Option } from "commander";
import type { Message } from "../adapters/sources/mqtt/receiver.ts";
import { SeriesRegistry } from "../agent/registry.ts";
import type { BrokerConfig } from "../config/assets.ts";
import type { Config } from "../config/schema.ts";
import { didYouMean } from "../config/suggest.ts";
import { systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { qualityName } from "../core/quality.ts";
import type { SeriesDescription } from "../core/reading.ts";
import type { ReadingSink } from "../core/source.ts";
import { specOf } from "./asset.ts";
import { durationArgument } from "./duration.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { logLevelOf } from "./log-level.ts";
import { type Format, formatOption, printable } from "./output.ts";
import type { PollLine } from "./poll.ts";
import { wholeNumber } from "./whole-number.ts";

interface WatchOptions {
  readonly config?: string;
  readonly broker?: string;
  readonly asset?: string;
  readonly url?: string;
  readonly user?: string;
  readonly password?: string;
  readonly for: number;
  readonly count: number;
  readonly format: Format;
}

/** A message as the tool prints it; `hex` where it is no text. */
interface MessageLine {
  readonly time: number;
  readonly topic: string;
  readonly retained: boolean;
  readonly bytes: number;
  readonly text?: string;
  readonly hex?: string;
}

/** Longest payload that a line for people shows. */
const longestShown = 400;

/** `millwright mqtt watch`: what a broker has, or what becomes of it, as it comes. It subscribes and nothing else. */
export function registerMqtt(program: Command, io: Io): void {
  const mqtt = program.command("mqtt").description("hear what an MQTT broker has: nothing is published");
  mqtt
    .command("watch")
    .description("print messages as they come, or with --asset the readings that they become")
    .argument("[filter...]", "topics, as MQTT filters: plant/# or plant/+/air (default: #)")
    .option("--config <path>", "YAML file, or folder of *.yaml, that has the broker")
    .option("--broker <id>", "one of the config's brokers")
    .option("--asset <id>", "an asset of the config: its topics, as readings")
    .option("--url <url>", "a broker that is in no config: mqtt://10.0.4.9:1883")
    .option("--user <name>", "of --url")
    .option("--password <reference>", "of --url: env:NAME or file:PATH")
    .addOption(new Option("--for <duration>", "listen this long").argParser(durationArgument).default(60_000, "60s"))
    .option("--count <n>", "end after this many lines", wholeNumber(1, 9_999_999), 1000)
    .addOption(formatOption())
    .action((filters: string[], options: WatchOptions) =>
      watchBroker(io, filters, { ...program.opts<{ logLevel?: string }>(), ...options }),
    );
}

async function watchBroker(io: Io, filters: readonly string[], options: WatchOptions & { readonly logLevel?: string }): Promise<void> {
  const config = await configOf(options);
  const log = createLog(io, logLevelOf(options.logLevel ?? "warn", io.env));
  const printer = new Printer(io, options);
  // A timer of more than 31 bits would end at once.
  const signal = AbortSignal.any([AbortSignal.timeout(Math.min(options.for, 2 ** 31 - 1)), printer.full]);
  const hearing: Hearing = { io, config, printer, signal, log };
  if (options.asset !== undefined) await hearAsset(options.asset, hearing);
  else await hearTopics({ broker: options.broker ?? "device", filters: filters.length === 0 ? ["#"] : filters }, hearing);
  printer.end();
  if (printer.count === 0) throw new Exit(exits.problems, `nothing heard in ${options.for / 1000} s`);
}

interface Hearing {
  readonly io: Io;
  readonly config: Config;
  readonly printer: Printer;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

async function hearAsset(asset: string, { io, config, printer, signal, log }: Hearing): Promise<void> {
  const mqtt = specOf(config, { asset, protocol: "mqtt" });
  const spec = { mqtt, broker: brokerOf(config, mqtt.broker), brokerId: mqtt.broker };
  const clock = systemClock();
  const { createMqttAdapter } = await import("../adapters/sources/mqtt/source.ts");
  const adapter = createMqttAdapter({ log, clock });
  try {
    const source = adapter.source(spec, { asset, everyMs: spec.mqtt.every, sink: new PrintingSink(io, printer), clock, log });
    if (source.mode === "listen") await source.listen(signal, () => {});
  } finally {
    await adapter.close();
  }
}

async function hearTopics(
  wanted: { broker: string; filters: readonly string[] },
  { config, printer, signal, log }: Hearing,
): Promise<void> {
  const broker = brokerOf(config, wanted.broker);
  const clock = systemClock();
  const { watch } = await import("../adapters/sources/mqtt/watch.ts");
  const heard = (message: Message): void => printer.print(lineOf(message, clock.now()));
  await watch({ broker, filters: wanted.filters, clock, log }, { signal, heard });
}

async function configOf(options: WatchOptions): Promise<Config> {
  const { loadConfig, parseConfig } = await import("../config/load.ts");
  const { config, url, user, password } = options;
  if (url === undefined) {
    if (config !== undefined && (options.broker ?? options.asset) !== undefined) return loadConfig(config);
    throw new Exit(exits.usage, "say which broker: --config PATH with --broker ID or --asset ID, or --url URL");
  }
  const text = JSON.stringify({ brokers: { device: { url, user, password } } });
  return parseConfig({ directory: process.cwd(), files: [{ file: "command line", text }] }).config;
}

/** Under the agent's own client_id a broker would end the agent's session for ours (MQTT 3.1.1 §3.1.4). */
function brokerOf(config: Config, id: string): BrokerConfig {
  const broker = Object.hasOwn(config.brokers, id) ? config.brokers[id] : undefined;
  if (broker === undefined)
    throw new Exit(exits.usage, `${id}: the config has no such broker${didYouMean(id, Object.keys(config.brokers))}`);
  const { client_id: _, ...guest } = broker;
  return guest;
}

/** Prints lines as they come, and says when there were enough. */
class Printer {
  readonly #io: Io;
  readonly #most: number;
  readonly #format: Format;
  readonly #full = new AbortController();
  readonly #kept: (MessageLine | PollLine)[] = [];
  count = 0;

  constructor(io: Io, { count, format }: Pick<WatchOptions, "count" | "format">) {
    this.#io = io;
    this.#most = count;
    this.#format = format;
  }

  /** Aborts with the last line that is wanted. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  print(line: MessageLine | PollLine): void {
    if (this.count >= this.#most) return;
    this.count++;
    if (this.#format === "json") this.#kept.push(line);
    else this.#io.stdout.write(`${this.#format === "ndjson" ? JSON.stringify(line) : shown(line)}\n`);
    if (this.count === this.#most) this.#full.abort();
  }

  end(): void {
    if (this.#format === "json") this.#io.stdout.write(`${JSON.stringify(this.#kept, null, 2)}\n`);
  }
}

function lineOf({ topic, payload, retained }: Message, time: number): MessageLine {
  const bytes = Buffer.from(payload);
  const text = bytes.toString("utf8");
  // What comes back as other bytes was no UTF-8.
  const said = Buffer.from(text, "utf8").equals(bytes) ? { text } : { hex: bytes.toString("hex") };
  return { time, topic, retained, bytes: bytes.length, ...said };
}

/** A line for people: columns cannot be known before all have come. */
function shown(line: MessageLine | PollLine): string {
  const at = new Date(line.time).toISOString().slice(11, 23);
  if ("metric" in line) {
    const labels = Object.entries(line.labels).map(([name, value]) => `${name}=${value}`);
    const series = `${line.metric}${labels.length === 0 ? "" : `{${labels.join(",")}}`}`;
    return printable(`${at}  ${series}  ${line.value ?? "-"} ${line.unit}  ${line.quality}  ${line.origin}`);
  }
  const payload = line.text ?? `0x${line.hex ?? ""}`;
  const cut = payload.length > longestShown ? `${payload.slice(0, longestShown)}… (${line.bytes} bytes)` : payload;
  return printable(`${at}  ${line.topic}${line.retained ? " (retained)" : ""}  ${cut}`);
}

/** Prints what a source makes of its messages. */
class PrintingSink implements ReadingSink {
  readonly #io: Io;
  readonly #printer: Printer;
  readonly #registry = new SeriesRegistry();

  constructor(io: Io, printer: Printer) {
    this.#io = io;
    this.#printer = printer;
  }

  register(description: SeriesDescription): number {
    return this.#registry.register(description);
  }

  put(series: number, time: number, value: number, quality: Parameters<ReadingSink["put"]>[3]): void {
    const description = this.#registry.describe(series);
    if (description === undefined) return;
    const { asset, metric, labels, unit, origin } = description;
    this.#printer.print({
      asset,
      metric,
      labels,
      value: Number.isNaN(value) ? null : value,
      unit,
      time,
      quality: qualityName(quality),
      origin,
    });
  }

  inventory(): void {}

  topology(): void {}

  /** What is missing shows in the quality of its readings. */
  incomplete(): void {}

  malformed(what: string): void {
    this.#io.stderr.write(`${printable(what)}\n`);
  }
}
