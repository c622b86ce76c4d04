import { type Command, InvalidArgumentError } from "commander";
import type { Found } from "../adapters/sources/snmp/sweep.ts";
import type { SnmpConfig } from "../config/assets.ts";
import { systemClock } from "../core/clock.ts";
import { Exit, exits } from "./exit.ts";
import { hostsOf, mostHosts } from "./hosts.ts";
import type { Io } from "./io.ts";
import { type Format, formats, printRows } from "./output.ts";
import { textOf, withCredentials } from "./snmp-target.ts";

interface DiscoverOptions {
  readonly port: string;
  readonly snmpVersion: string;
  readonly community: readonly string[];
  readonly user?: string;
  readonly auth?: string;
  readonly privacy?: string;
  readonly timeout: string;
  readonly atOnce: number;
  readonly format: Format | "yaml";
}

/** `millwright discover`: looks for SNMP devices and prints config to review. It only asks, and writes nothing. */
export function registerDiscover(program: Command, io: Io): void {
  const command = program
    .command("discover")
    .description("find SNMP devices in networks and print config for them, to be reviewed; nothing is written");
  withCredentials(command)
    .argument("<network...>", "10.0.4.0/24, an address, or a name")
    .option("--community <reference...>", "of version 2c: env:NAME or file:PATH; several are tried in order", [])
    .option("--at-once <n>", "how many are asked at the same time", wholeArgument, 64)
    .option("--format <format>", `how to print: yaml, ${formats.join(", ")}`, formatArgument, "yaml")
    .action((networks: string[], options: DiscoverOptions) => discover(io, networks, options));
}

function wholeArgument(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > 1024) throw new InvalidArgumentError("expected a number from 1 to 1024");
  return Number(text);
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
  const [{ sweep }, { snmpHeads }] = await Promise.all([import("../adapters/sources/snmp/sweep.ts"), import("../config/profile-heads.ts")]);
  const found: Found[] = [];
  const all = function* (): Generator<string> {
    for (const network of hosts) yield* network.all();
  };
  await sweep({ hosts: all(), ways, heads: snmpHeads(), clock: systemClock(), atOnce: options.atOnce }, (one) => void found.push(one));
  const { discoveredYaml } = await import("./discovered.ts");
  if (options.format === "yaml") io.stdout.write(discoveredYaml(found, texts));
  else printRows(io, { format: options.format, rows: found, columns });
  io.stderr.write(`${count} addresses asked, ${found.length} devices speak SNMP\n`);
  if (found.length === 0) throw new Exit(exits.problems);
}

/** One config text for each way to ask: the communities in their order, then the user. */
function waysOf({ community, ...rest }: DiscoverOptions): readonly string[] {
  const { user: _user, auth: _auth, privacy: _privacy, ...open } = rest;
  const communities = community.map((reference) => textOf({ ...open, host: "127.0.0.1", community: reference }, "device"));
  const ways = rest.user === undefined ? communities : [...communities, textOf({ ...rest, host: "127.0.0.1" }, "device")];
  if (ways.length === 0)
    throw new Exit(exits.usage, "say how devices are asked: --community env:NAME, or --user with --auth and --privacy");
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
  { title: "HOST", value: ({ host }: Found) => host },
  { title: "NAME", value: ({ sysName }: Found) => sysName ?? "" },
  { title: "SYSOBJECTID", value: ({ sysObjectId }: Found) => sysObjectId ?? "" },
  { title: "PROFILES", value: ({ profiles }: Found) => profiles.join(", ") },
  {
    title: "IS",
    value: ({ sysDescr, credentials }: Found) => sysDescr ?? (credentials === undefined ? "SNMPv3, knows none of our users" : ""),
  },
];
