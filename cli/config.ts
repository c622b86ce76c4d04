import type { Command } from "commander";
import { ConfigFaults, type Fault, faultText } from "../config/fault.ts";
import type { LoadedConfig } from "../config/load.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { type Format, formatOption, styleOf } from "./output.ts";

/** `millwright config check|show|schema`. */
export function registerConfig(program: Command, io: Io): void {
  const config = program.command("config").description("check and show configs; touches no network");
  addCheck(config.command("check").description("find everything that is wrong with a config"), io);
  config
    .command("show")
    .description("print the effective config, secrets hidden")
    .argument("<path>", "YAML file, or folder of *.yaml")
    .action(async (path: string) => {
      const { readConfig } = await import("../config/load.ts");
      const { showConfig } = await import("../config/show.ts");
      io.stdout.write(showConfig(readConfig(path).config));
    });
  config
    .command("schema")
    .description("print the JSON Schema of configs, for editors")
    .option("--rules-test", "of files for `rules test` instead")
    .action(async ({ rulesTest }: { rulesTest?: true }) => {
      const { jsonSchema, jsonSchemaText, rulesTestJsonSchema } = await import("../config/json-schema.ts");
      io.stdout.write(jsonSchemaText(rulesTest ? rulesTestJsonSchema() : jsonSchema()));
    });
}

/** `millwright config-check`: the same in one word. */
export function registerConfigCheck(program: Command, io: Io): void {
  addCheck(program.command("config-check", { hidden: true }), io);
}

function addCheck(command: Command, io: Io): void {
  command
    .argument("<path>", "YAML file, or folder of *.yaml")
    .addOption(formatOption())
    .action((path: string, { format }: { format: Format }) => checkConfig(io, path, format));
}

async function checkConfig(io: Io, path: string, format: Format): Promise<void> {
  const { readConfig } = await import("../config/load.ts");
  try {
    const loaded = readConfig(path);
    const warnings = await printWarnings(io, loaded);
    const { assets, alarms, services } = loaded.config;
    const counts = { assets: sizeOf(assets), alarms: sizeOf(alarms), services: sizeOf(services) };
    if (format !== "table") io.stdout.write(`${json(format, { ok: true, ...counts, warnings })}\n`);
    else
      io.stdout.write(
        `ok: ${counted(counts.assets, "asset")}, ${counted(counts.alarms, "alarm")}, ${counted(counts.services, "service")}\n`,
      );
  } catch (error) {
    if (!(error instanceof ConfigFaults) || format === "table") throw error;
    io.stdout.write(`${json(format, { ok: false, faults: error.faults.map(faultView) })}\n`);
    throw new Exit(exits.config, error.message);
  }
}

const sizeOf = (entries: object): number => Object.keys(entries).length;
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
const json = (format: Format, value: unknown): string => JSON.stringify(value, null, format === "json" ? 2 : undefined);
const faultView = ({ file, at, path, message }: Fault) => ({ file, ...(at ?? nowhere), path, message });
const nowhere = { line: null, col: null };

/** Says on stderr what is odd about a config that can be used, one line each; returns the lines. Daemons call it at start, too. */
export async function printWarnings(io: Io, { config, warnings }: LoadedConfig): Promise<readonly string[]> {
  const { unusedSections } = await import("../config/unused.ts");
  const { weaknesses, weaknessLines } = await import("../config/weaknesses.ts");
  const lines = [...warnings.map(faultText), ...unusedSections(config), ...weaknessLines(weaknesses(config))];
  const { yellow } = styleOf(io.stderr, io.env);
  for (const line of lines) io.stderr.write(`${yellow("warning:")} ${line}\n`);
  return lines;
}
