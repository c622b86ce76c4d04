import type { AssetConfig } from "../config/assets.ts";
import type { Config } from "../config/schema.ts";
import { didYouMean } from "../config/suggest.ts";
import { Exit, exits } from "./exit.ts";

/** A device of a config, or one that is named on the command line. */
export interface DeviceOptions {
  readonly config?: string;
  readonly asset?: string;
  readonly host?: string;
}

/** What the device is called that is in no config. */
export const nameless = "device";

/**
 * The config that has the device. `text` makes one of what the command line says of a host; `or` is how a host is named. Throws
 * ConfigFaults, or Exit where the command line names no device.
 */
export async function configOf(
  { config, asset, host }: DeviceOptions,
  { text, or }: { text: (host: string) => string; or: string },
): Promise<Config> {
  const { loadConfig, parseConfig } = await import("../config/load.ts");
  if (host !== undefined) return parseConfig({ directory: process.cwd(), files: [{ file: "command line", text: text(host) }] }).config;
  if (config !== undefined && asset !== undefined) return loadConfig(config);
  throw new Exit(exits.usage, `say which device: --config PATH --asset ID, or ${or}`);
}

type Protocol = "snmp" | "modbus" | "mqtt";

const ways: Readonly<Record<Protocol, string>> = { snmp: "read by SNMP", modbus: "read by Modbus", mqtt: "heard by MQTT" };

/** How the config has an asset read. Throws Exit, with what may be meant, where it does not have it read so. */
export function specOf<P extends Protocol>(
  { assets }: Pick<Config, "assets">,
  { asset, protocol }: { asset: string; protocol: P },
): NonNullable<AssetConfig[P]> {
  const spec = Object.hasOwn(assets, asset) ? assets[asset]?.[protocol] : undefined;
  if (spec !== undefined) return spec;
  const choices = Object.keys(assets).filter((id) => assets[id]?.[protocol] !== undefined);
  throw new Exit(exits.usage, `${asset}: the config has no such asset that is ${ways[protocol]}${didYouMean(asset, choices)}`);
}
