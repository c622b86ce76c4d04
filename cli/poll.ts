import { type Command, Option } from "commander";
import type { PolledOnce, PolledReading } from "../agent/poll.ts";
import { didYouMean } from "../config/suggest.ts";
import { systemClock } from "../core/clock.ts";
import { qualityName } from "../core/quality.ts";
import { durationArgument } from "./duration.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { logLevelOf } from "./log-level.ts";
import { type Format, formatOption, printable, printRows, styleOf } from "./output.ts";

interface PollCommandOptions {
  readonly config: string;
  readonly asset: string;
  readonly format: Format;
  readonly timeout: number;
}

/** `millwright poll`: one round of every source now, straight to stdout. */
export function registerPoll(program: Command, io: Io): void {
  program
    .command("poll")
    .description("read every source once and print the readings; needs no collector")
    .requiredOption("--config <path>", "YAML file, or folder of *.yaml")
    .option("--asset <glob>", "only assets whose id matches", "*")
    .addOption(new Option("--timeout <duration>", "longest time for one source").argParser(durationArgument).default(20_000, "20s"))
    .addOption(formatOption())
    .action((options: PollCommandOptions) => runPoll(io, options, program.opts<{ logLevel?: string }>().logLevel));
}

/** What `--format ndjson` prints, one line each: DESIGN §9. */
export interface PollLine {
  readonly asset: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly unit: string;
  readonly time: number;
  readonly quality: string;
  readonly origin: string;
}

async function runPoll(io: Io, options: PollCommandOptions, level: string | undefined): Promise<void> {
  const [{ loadConfig }, { pollOnce }] = await Promise.all([import("../config/load.ts"), import("../agent/poll.ts")]);
  const config = loadConfig(options.config);
  const all = Object.keys(config.assets);
  const assets = all.filter((id) => matches(options.asset, id));
  if (assets.length === 0)
    throw new Exit(exits.usage, `poll: no asset matches ${JSON.stringify(options.asset)}${didYouMean(options.asset, all)}`);
  const log = createLog(io, logLevelOf(level ?? "warn", io.env));
  const lines: PollLine[] = [];
  let failed = 0;
  const each = (polled: PolledOnce): void => {
    const found = polled.readings.map(lineOf);
    if (options.format === "ndjson") for (const line of found) io.stdout.write(`${JSON.stringify(line)}\n`);
    else lines.push(...found);
    if (polled.failure === "") return;
    failed++;
    io.stderr.write(`${styleOf(io.stderr, io.env).red("failed:")} ${polled.asset} ${polled.protocol}: ${printable(polled.failure)}\n`);
  };
  await pollOnce({ config, assets, log, clock: systemClock(), timeoutMs: options.timeout }, each);
  if (options.format !== "ndjson") printRows(io, { format: options.format, rows: lines, columns });
  if (failed > 0) throw new Exit(exits.problems);
}

/** `*` is any text, `?` one character; the rest stands for itself. */
function matches(glob: string, id: string): boolean {
  const pattern = glob.replace(/[.*+?^${}()|[\]\\]/g, (char) => (char === "*" ? ".*" : char === "?" ? "." : `\\${char}`));
  return new RegExp(`^${pattern}$`, "s").test(id);
}

function lineOf({ series, time, value, quality }: PolledReading): PollLine {
  const { asset, metric, labels, unit, origin } = series;
  return { asset, metric, labels, value, unit, time, quality: qualityName(quality), origin };
}

const columns = [
  { title: "ASSET", value: (line: PollLine) => line.asset },
  { title: "METRIC", value: (line: PollLine) => line.metric },
  {
    title: "LABELS",
    value: (line: PollLine) =>
      Object.entries(line.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(","),
  },
  { title: "VALUE", value: (line: PollLine) => (line.value === null ? "-" : String(line.value)) },
  { title: "UNIT", value: (line: PollLine) => line.unit },
  { title: "QUALITY", value: (line: PollLine) => line.quality },
  { title: "ORIGIN", value: (line: PollLine) => line.origin },
];
