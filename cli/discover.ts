import { type Command, InvalidArgumentError } from "commander";
import type { FoundDevice } from "../adapters/sources/modbus/sweep.ts";
import type { Found } from "../adapters/sources/snmp/sweep.ts";
import type { SnmpConfig } from "../config/assets.ts";
import { systemClock } from "../core/clock.ts";
import { Exit, exits } from "./exit.ts";
import { hostsOf, mostHosts } from "./hosts.ts";
import type { Io } from "./io.ts";
import { unitsArgument } from "./modbus.ts";
import { type Format, formats, printRows } from "./output.ts";
import { textOf, withCredentials } from "./snmp-target.ts";
import { portNumber, wholeNumber } from "./whole-number.ts";

interface DiscoverOptions {
  readonly port: number;
  readonly snmpVersion: string;
  readonly community: readonly string[];
  readonly user?: string;
  readonly auth?: string;
  readonly privacy?: string;
  readonly timeout: string;
  readonly atOnce: number;
  readonly modbus: boolean;
  readonly modbusPort: number;
  readonly units: readonly number[];
  readonly format: Format | "yaml";
}

/** `millwright discover`: looks for SNMP, Modbus and SunSpec devices and prints config to review. It only asks, and writes nothing. */
export function registerDiscover(program: Command, io: Io): void {
  const command = program
    .command("discover")
    .description("find SNMP, Modbus and SunSpec devices in networks and print config for them, to be reviewed; nothing is written");
  withCredentials(command)
    .argument("<network...>", "10.0.4.0/24, an address, or a name")
    .option("--community <reference...>", "of version 2c: env:NAME or file:PATH; several are tried in order", [])
    .option("--at-once <n>", "how many are asked at the same time", wholeNumber(1, 1024), 64)
    .option("--modbus", "look for Modbus TCP and SunSpec as well, or, without a way to ask by SNMP, for them alone", false)
    .option("--modbus-port <port>", "TCP port of --modbus", portNumber, 502)
    .option("--units <numbers>", "unit numbers of --modbus: 1-247, or 1,3,31-40", unitsArgument, [1])
    .option("--format <format>", `how to print: yaml, ${formats.join(", ")}`, formatArgument, "yaml")
    .action((networks: string[], options: DiscoverOptions) => discover(io, networks, options));
}

function formatArgument(text: string): Format | "yaml" {
  const known = (["yaml", ...formats] as const).find((format) => format === text);
  if (known === undefined) throw new InvalidArgumentError(`expected yaml, ${formats.join(", ")}`);
  return known;
}

async function discover(io: Io, networks: readonly string[], options: DiscoverOptions): Promise<void> {
  const hosts = networks.map((text) => {
    const found = hostsOf(text);
    if (found === undefined) throw new Exit(exits.usage, `${JSON.stringify(text)} is no network such as 10.0.4.0/24, address or name`);
    return found;
  });
  const count = hosts.reduce((sum, network) => sum + network.count, 0);
  if (count > mostHosts) throw new Exit(exits.usage, `${count} addresses are too many to ask at once: at most ${mostHosts} (a /16)`);
  const texts = waysOf(options);
  const ways = await Promise.all(texts.map(specOf));
  const found = ways.length === 0 ? [] : await sweepSnmp({ hosts: everyOne(hosts), ways, atOnce: options.atOnce });
  const { modbusYaml, sweepModbus } = await import("./discover-modbus.ts");
  const port = options.modbusPort;
  const units = options.modbus ? await sweepModbus({ ...options, hosts: everyOne(hosts), port }) : [];
  const { discoveredYaml } = await import("./discovered.ts");
  if (options.format === "yaml") io.stdout.write(discoveredYaml(found, { texts, more: modbusYaml(units, port) }));
  else printRows(io, { format: options.format, rows: [...found, ...units], columns });
  const alsoModbus = options.modbus ? `, ${units.length} units speak Modbus` : "";
  io.stderr.write(`${count} addresses asked, ${found.length} devices speak SNMP${alsoModbus}\n`);
  if (found.length + units.length === 0) throw new Exit(exits.problems);
}

function* everyOne(networks: readonly { readonly all: () => Iterable<string> }[]): Generator<string> {
  for (const network of networks) yield* network.all();
}

async function sweepSnmp(options: { hosts: Iterable<string>; ways: readonly SnmpConfig[]; atOnce: number }): Promise<readonly Found[]> {
  const [{ sweep }, { snmpHeads }] = await Promise.all([import("../adapters/sources/snmp/sweep.ts"), import("../config/profile-heads.ts")]);
  const found: Found[] = [];
  await sweep({ ...options, heads: snmpHeads(), clock: systemClock() }, (one) => void found.push(one));
  return found;
}

/** One config text for each way to ask: the communities in their order, then the user. */
function waysOf({ community, modbus, ...rest }: DiscoverOptions): readonly string[] {
  const { user: _user, auth: _auth, privacy: _privacy, ...open } = rest;
  const communities = community.map((reference) => textOf({ ...open, host: "127.0.0.1", community: reference }, "device"));
  const ways = rest.user === undefined ? communities : [...communities, textOf({ ...rest, host: "127.0.0.1" }, "device")];
  if (ways.length === 0 && !modbus)
    throw new Exit(exits.usage, "say how devices are asked: --community env:NAME, --user with --auth and --privacy, or --modbus");
  return ways;
}

async function specOf(text: string): Promise<SnmpConfig> {
  const { parseConfig } = await import("../config/load.ts");
  const { config } = parseConfig({ directory: process.cwd(), files: [{ file: "command line", text }] });
  const spec = config.assets["device"]?.snmp;
  if (spec === undefined) throw new Exit(exits.usage, "say how devices are asked");
  return { ...spec, retries: Math.min(spec.retries, 1) };
}

const columns = [
  { title: "HOST", value: ({ host }: Found | FoundDevice) => host },
  { title: "NAME", value: (one: Found | FoundDevice) => ("unit" in one ? `unit ${one.unit}` : (one.sysName ?? "")) },
  { title: "SYSOBJECTID", value: (one: Found | FoundDevice) => ("unit" in one ? "" : (one.sysObjectId ?? "")) },
  { title: "PROFILES", value: (one: Found | FoundDevice) => ("unit" in one ? sunspecOf(one) : one.profiles.join(", ")) },
  { title: "IS", value: (one: Found | FoundDevice) => ("unit" in one ? one.models || "Modbus" : identityOf(one)) },
];

function sunspecOf({ sunspec }: FoundDevice): string {
  return sunspec === undefined ? "" : "sunspec";
}

function identityOf({ sysDescr, credentials }: Found): string {
  return sysDescr ?? (credentials === undefined ? "SNMPv3, knows none of our users" : "");
}
