import type { AssetConfig } from "../config/assets.ts";
import type { Config } from "../config/schema.ts";
import { didYouMean } from "../config/suggest.ts";
import { Exit, exits } from "./exit.ts";

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
