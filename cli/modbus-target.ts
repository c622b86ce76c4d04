import type { Command } from "commander";
import type { ModbusConfig } from "../config/assets.ts";
import { specOf } from "./asset.ts";
import { Exit, exits } from "./exit.ts";
import { portNumber } from "./whole-number.ts";

/** Which Modbus device a one-shot tool asks: one of a config, or one that is named on the command line. */
export interface ModbusTargetOptions {
  readonly config?: string;
  readonly asset?: string;
  readonly host?: string;
  readonly port: number;
  readonly unit: number;
  readonly timeout: string;
}

/** Adds the options that say which device is asked. */
export function withModbusTarget(command: Command, timeout: string): Command {
  return command
    .option("--config <path>", "YAML file, or folder of *.yaml, that has the device")
    .option("--asset <id>", "the device, by its id in the config")
    .option("--host <host>", "a device that is in no config: name or address")
    .option("--port <port>", "its TCP port", portNumber, 502)
    .option("--timeout <duration>", "how long one answer may take", timeout);
}

/** How the device is asked. Throws ConfigFaults, or Exit where the command line does not say which device. */
export async function modbusOf(options: ModbusTargetOptions): Promise<ModbusConfig> {
  const { loadConfig, parseConfig } = await import("../config/load.ts");
  const asset = options.asset ?? "device";
  const config =
    options.host === undefined
      ? loadConfig(configOf(options))
      : parseConfig({
          directory: process.cwd(),
          files: [{ file: "command line", text: textOf({ ...options, host: options.host }, asset) }],
        }).config;
  return specOf(config, { asset, protocol: "modbus" });
}

function configOf({ config, asset }: ModbusTargetOptions): string {
  if (config !== undefined && asset !== undefined) return config;
  throw new Exit(exits.usage, "say which device: --config PATH --asset ID, or --host HOST with --port and --unit");
}

/** The config's text for one device: JSON is YAML. What is read is said elsewhere, so that the profile is any one that needs none. */
function textOf({ host, port, unit, timeout }: ModbusTargetOptions & { readonly host: string }, asset: string): string {
  const address = host.includes(":") ? `[${host}]` : host;
  const modbus = { tcp: `${address}:${port}`, unit, timeout, profile: "sunspec" };
  return JSON.stringify({ assets: { [asset]: { modbus } } }, null, 2);
}
