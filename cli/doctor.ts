import { type Command, Option } from "commander";
import type { Finding } from "../agent/checkup.ts";
import { systemClock } from "../core/clock.ts";
import { durationArgument } from "./duration.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { type Format, formatOption, printRows } from "./output.ts";

interface DoctorOptions {
  readonly config: string;
  readonly name?: string;
  readonly timeout: number;
  readonly format: Format;
}

/** `millwright doctor`: why does this agent not deliver? */
export function registerDoctor(program: Command, io: Io): void {
  program
    .command("doctor")
    .description("look once at all that stands between this agent's devices and its collector; changes nothing")
    .requiredOption("--config <path>", "the agent's YAML file, or folder of *.yaml")
    .option("--name <name>", "the agent's name (default: the config's)")
    .addOption(
      new Option("--timeout <duration>", "longest time for one device, or the collector")
        .argParser(durationArgument)
        .default(10_000, "10s"),
    )
    .addOption(formatOption())
    .action((options: DoctorOptions) => runDoctor(io, options));
}

async function runDoctor(io: Io, { config, name, timeout, format }: DoctorOptions): Promise<void> {
  const [{ loadConfig }, { checkUp }] = await Promise.all([import("../config/load.ts"), import("../agent/checkup.ts")]);
  const findings = await checkUp({
    config: loadConfig(config),
    clock: systemClock(),
    log: createLog(io, "silent"),
    timeoutMs: timeout,
    ...(name === undefined ? {} : { name }),
  });
  printRows<Finding>(io, { format, rows: findings, columns });
  const problems = findings.filter(({ outcome }) => outcome === "problem").length;
  if (problems > 0) throw new Exit(exits.problems, `${problems} of ${findings.length} findings are problems`);
}

const columns = [
  { title: "OUTCOME", value: ({ outcome }: Finding) => outcome },
  { title: "CHECK", value: ({ check }: Finding) => check },
  { title: "FINDING", value: ({ says }: Finding) => says },
];
