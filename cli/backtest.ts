import type { Command } from "commander";
import { Option } from "commander";
import type { AlarmRecord, Backtest, ServiceRecord } from "../collector/rehearsal/backtest.ts";
import type { Config } from "../config/schema.ts";
import { didYouMean } from "../config/suggest.ts";
import { formatDuration } from "../config/values.ts";
import { systemClock } from "../core/clock.ts";
import { tokenOption, urlOption } from "./ask.ts";
import { durationReader } from "./duration.ts";
import { Exit, exits } from "./exit.ts";
import { collectorHistory, type OpenHistory, storeHistory } from "./history.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { type Column, table } from "./output.ts";

/** `millwright backtest`. */
export function registerBacktest(program: Command, io: Io): void {
  program
    .command("backtest")
    .description("play a config's alarms over stored readings: how often, how long, which services (docs/rules-testing.md)")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .addOption(new Option("--since <duration>", "how far back").argParser(durationReader("7d")).default(7 * 86_400_000, "7d"))
    .option("--alarm <id>", "this alarm only")
    .option("--compare <path>", "another config, side by side over the same readings")
    .addOption(urlOption("the collector; without it the one of the config, or its store where it does not run"))
    .addOption(tokenOption())
    .option("--store <dir>", "folder of the store of a collector that does not run")
    .addOption(new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"))
    .action((options: Options) => printBacktest(io, options));
}

interface Options {
  readonly config: string;
  readonly since: number;
  readonly alarm?: string;
  readonly compare?: string;
  readonly url?: string;
  readonly token?: string;
  readonly store?: string;
  readonly format: "table" | "json";
}

async function printBacktest(io: Io, options: Options): Promise<void> {
  const { loadConfig } = await import("../config/load.ts");
  const { backtest } = await import("../collector/rehearsal/backtest.ts");
  const config = loadConfig(options.config);
  const other = options.compare === undefined ? undefined : loadConfig(options.compare);
  const { alarm } = options;
  if (alarm !== undefined) checkAlarm(alarm, other === undefined ? [config] : [config, other]);
  const to = systemClock().now();
  const span = { from: to - options.since, to, ...(alarm === undefined ? {} : { alarm }) };
  const history = await openHistory(io, options, config);
  try {
    const first = await backtest({ config, history, ...span });
    const second = other === undefined ? undefined : await backtest({ config: other, history, ...span });
    const all = second === undefined ? first : { ...first, compared: second };
    io.stdout.write(options.format === "json" ? `${JSON.stringify(all, null, 2)}\n` : report(first, second));
  } finally {
    await history.close();
  }
}

function checkAlarm(alarm: string, configs: readonly Config[]): void {
  const known = configs.flatMap(({ alarms }) => Object.keys(alarms));
  if (!known.includes(alarm)) throw new Exit(exits.usage, `there is no alarm ${JSON.stringify(alarm)}${didYouMean(alarm, known)}`);
}

/** What was asked for, or else the config's collector, or else its store. */
async function openHistory(io: Io, { url, token, store }: Options, config: Config): Promise<OpenHistory> {
  const asked = token === undefined ? {} : { token };
  if (url !== undefined) return collectorHistory({ url, ...asked });
  const settings = config.collector;
  const duckdb = settings?.store.duckdb ?? { dir: "./var/store", retain: 0 };
  const log = createLog(io, "warn");
  if (store !== undefined) return await storeHistory({ duckdb: { ...duckdb, dir: store } }, log);
  const listening = `http://${settings?.listen ?? "127.0.0.1:8460"}`;
  const answers = await fetch(new URL("/healthz", listening), { signal: AbortSignal.timeout(2000) }).then(
    (answer) => answer.ok,
    () => false,
  );
  return answers ? collectorHistory({ url: listening, ...asked }) : await storeHistory({ duckdb }, log);
}

const lasting = (ms: number): string => formatDuration(Math.round(ms / 1000) * 1000);
const nothing = { count: 0, activeMs: 0, longestMs: 0, chattering: 0, assets: [], services: [] } as const;

function report(first: Backtest, second: Backtest | undefined): string {
  const head = `${first.readings} readings from ${new Date(first.from).toISOString()} to ${new Date(first.to).toISOString()}\n`;
  const alarms = second === undefined ? table(alarmColumns, first.alarms) : table(pairColumns, pairs(first, second));
  const services = second === undefined ? table(serviceColumns, first.services) : table(servicePairColumns, servicePairs(first, second));
  const advice = first.alarms.flatMap((one) => one.advice.map(({ text }) => `${one.alarm}: ${text}\n`));
  const felt = first.services.length + (second?.services.length ?? 0) === 0 ? "" : `\n${services}`;
  return `${head}\n${alarms}${felt}${advice.length === 0 ? "" : `\n${advice.join("")}`}`;
}

const alarmColumns: readonly Column<AlarmRecord>[] = [
  { title: "ALARM", value: (row) => row.alarm },
  { title: "COUNT", value: (row) => row.count },
  { title: "ACTIVE", value: (row) => lasting(row.activeMs) },
  { title: "LONGEST", value: (row) => lasting(row.longestMs) },
  { title: "CHATTERING", value: (row) => row.chattering },
  { title: "ASSETS", value: (row) => few(row.assets) },
  { title: "SERVICES", value: (row) => few(row.services) },
];

interface Pair {
  readonly alarm: string;
  readonly a: Omit<AlarmRecord, "alarm" | "advice" | "episodes">;
  readonly b: Omit<AlarmRecord, "alarm" | "advice" | "episodes">;
}

const pairColumns: readonly Column<Pair>[] = [
  { title: "ALARM", value: ({ alarm }) => alarm },
  { title: "COUNT", value: ({ a }) => a.count },
  { title: "THEN", value: ({ b }) => b.count },
  { title: "ACTIVE", value: ({ a }) => lasting(a.activeMs) },
  { title: "THEN", value: ({ b }) => lasting(b.activeMs) },
  { title: "LONGEST", value: ({ a }) => lasting(a.longestMs) },
  { title: "THEN", value: ({ b }) => lasting(b.longestMs) },
  { title: "CHATTERING", value: ({ a }) => a.chattering },
  { title: "THEN", value: ({ b }) => b.chattering },
];

function pairs(first: Backtest, second: Backtest): readonly Pair[] {
  const ids = new Set([...first.alarms, ...second.alarms].map(({ alarm }) => alarm));
  const of = ({ alarms }: Backtest, id: string) => alarms.find(({ alarm }) => alarm === id) ?? nothing;
  return [...ids].map((alarm) => ({ alarm, a: of(first, alarm), b: of(second, alarm) }));
}

const serviceColumns: readonly Column<Backtest["services"][number]>[] = [
  { title: "SERVICE", value: (row) => row.service },
  { title: "ALARMS", value: (row) => row.count },
  { title: "ACTIVE", value: (row) => lasting(row.activeMs) },
];

interface ServicePair {
  readonly service: string;
  readonly a: Omit<ServiceRecord, "service">;
  readonly b: Omit<ServiceRecord, "service">;
}

const servicePairColumns: readonly Column<ServicePair>[] = [
  { title: "SERVICE", value: ({ service }) => service },
  { title: "ALARMS", value: ({ a }) => a.count },
  { title: "THEN", value: ({ b }) => b.count },
  { title: "ACTIVE", value: ({ a }) => lasting(a.activeMs) },
  { title: "THEN", value: ({ b }) => lasting(b.activeMs) },
];

function servicePairs(first: Backtest, second: Backtest): readonly ServicePair[] {
  const ids = new Set([...first.services, ...second.services].map(({ service }) => service));
  const of = ({ services }: Backtest, id: string) => services.find(({ service }) => service === id) ?? nothing;
  return [...ids].map((service) => ({ service, a: of(first, service), b: of(second, service) }));
}

function few(ids: readonly string[]): string {
  return ids.length <= 3 ? ids.join(", ") : `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more`;
}
