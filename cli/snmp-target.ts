import type { Command } from "commander";
import type { SnmpConfig } from "../config/assets.ts";
import type { Config } from "../config/schema.ts";
import { configOf, type DeviceOptions, nameless, specOf } from "./asset.ts";
import { Exit, exits } from "./exit.ts";
import { portNumber } from "./whole-number.ts";

/** Which device a one-shot tool asks: one of a config, or one that is named on the command line. */
export interface TargetOptions extends DeviceOptions {
  readonly port: number;
  readonly snmpVersion: string;
  readonly community?: string;
  readonly user?: string;
  readonly auth?: string;
  readonly privacy?: string;
  readonly context?: string;
  readonly timeout: string;
}

/** Adds the options that say which device is asked. Secrets are references here too: a command line is seen by everybody on the machine. */
export function withTarget(command: Command): Command {
  return withCredentials(
    command
      .option("--config <path>", "YAML file, or folder of *.yaml, that has the device")
      .option("--asset <id>", "the device, by its id in the config")
      .option("--host <host>", "a device that is in no config: name or address")
      .option("--community <reference>", "of versions 1 and 2c: env:NAME or file:PATH"),
  ).option("--context <name>", "context of version 3");
}

/** Adds the options that say how, and as which user, a device is asked. */
export function withCredentials(command: Command): Command {
  return command
    .option("--port <port>", "its UDP port", portNumber, 161)
    .option("--snmp-version <version>", "1, 2c or 3", "2c")
    .option("--user <name>", "of version 3")
    .option("--auth <protocol=reference>", "of version 3: sha256=env:NAME")
    .option("--privacy <protocol=reference>", "of version 3: aes=env:NAME")
    .option("--timeout <duration>", "how long one answer may take", "2s");
}

/** A config that has the device, and its id there. Throws ConfigFaults, or Exit where the command line does not say which device. */
export async function deviceOf(options: TargetOptions): Promise<{ config: Config; asset: string; spec: SnmpConfig }> {
  const asset = options.asset ?? nameless;
  const text = (host: string): string => textOf({ ...options, host }, asset);
  const config = await configOf(options, { text, or: "--host HOST with --community or --user" });
  return { config, asset, spec: specOf(config, { asset, protocol: "snmp" }) };
}

/** The config's text for one device: JSON is YAML. */
export function textOf(
  { host, ...rest }: Omit<TargetOptions, "config" | "asset" | "host"> & { readonly host: string },
  asset: string,
): string {
  const { port, snmpVersion, community, user, auth, privacy, context, timeout } = rest;
  const version = user !== undefined && snmpVersion === "2c" ? "3" : snmpVersion;
  const snmp = {
    host,
    port,
    version,
    community,
    user,
    auth: secretOf("--auth", auth),
    privacy: secretOf("--privacy", privacy),
    context,
    timeout,
    profile: "auto",
  };
  return JSON.stringify({ assets: { [asset]: { snmp } } }, null, 2);
}

function secretOf(option: string, text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const [, protocol, reference] = /^([a-z0-9]+)=(.+)$/s.exec(text) ?? [];
  if (protocol === undefined || reference === undefined)
    throw new Exit(exits.usage, `${option}: expected PROTOCOL=REFERENCE, such as sha256=env:SNMP_AUTH`);
  return { [protocol]: reference };
}
