import type { Command } from "commander";
import type { ModbusConfig } from "../config/assets.ts";
import { configOf, type DeviceOptions, nameless, specOf } from "./asset.ts";
import { portNumber } from "./whole-number.ts";

/** Which Modbus device a one-shot tool asks: one of a config, or one that is named on the command line. */
export interface ModbusTargetOptions extends DeviceOptions {
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
  const asset = options.asset ?? nameless;
  const text = (host: string): string => textOf({ ...options, host }, asset);
  const config = await configOf(options, { text, or: "--host HOST with --port and --unit" });
  return specOf(config, { asset, protocol: "modbus" });
}

/** The config's text for one device: JSON is YAML. What is read is said elsewhere, so that the profile is any one that needs none. */
function textOf({ host, port, unit, timeout }: ModbusTargetOptions & { readonly host: string }, asset: string): string {
  const address = host.includes(":") ? `[${host}]` : host;
  const modbus = { tcp: `${address}:${port}`, unit, timeout, profile: "sunspec" };
  return JSON.stringify({ assets: { [asset]: { modbus } } }, null, 2);
}
