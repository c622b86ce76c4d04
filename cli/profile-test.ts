import type { PolledOnce } from "../agent/poll.ts";
import type { SnmpConfig } from "../config/assets.ts";
import { systemClock } from "../core/clock.ts";
import { qualityName } from "../core/quality.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { type Format, printable, printRows } from "./output.ts";
import { deviceOf, type TargetOptions } from "./snmp-target.ts";

export interface TestOptions extends TargetOptions {
  readonly format: Format;
  readonly all?: true;
}

/** What became of a variable. */
interface Fate {
  readonly oid: string;
  readonly value: string;
  /** What it was read as: `temperature_celsius{sensor=CPU} 41 Cel Good`; empty where it was not. */
  readonly reading: string;
  readonly profile: string;
  /** Why it is no reading; empty where it is one. */
  readonly reason: string;
}

/** Polls a device once, asks it what it is, walks all of it, and puts the three beside one another. */
export async function testProfiles(io: Io, options: TestOptions): Promise<void> {
  const { config, asset, spec } = await deviceOf(options);
  const clock = systemClock();
  const [{ pollOnce }, { openShell }] = await Promise.all([import("../agent/poll.ts"), import("../adapters/sources/snmp/shell.ts")]);
  const polled: PolledOnce[] = [];
  await pollOnce({ config, assets: [asset], log: createLog(io, "warn"), clock, timeoutMs: 120_000 }, (one) => void polled.push(one));
  const shell = await openShell(spec, { clock, malformed: (what) => void io.stderr.write(`${printable(what)}\n`) });
  try {
    const { explainMatches, askIdentity } = await import("../adapters/sources/snmp/match.ts");
    const { snmpHeads } = await import("../config/profile-heads.ts");
    const identity = await askIdentity(shell.requests);
    const matches = await explainMatches(shell.requests, identity, snmpHeads());
    const used = profilesOf(
      spec,
      matches.filter((match) => match.matches).map(({ profile }) => profile),
    );
    const fates: Fate[] = [];
    const fateOf = await fatesOf(polled, used);
    for (const root of ["1.0.8802", "1.3.6.1"]) for await (const varbind of shell.walk(root, 500_000)) fates.push(fateOf(varbind));
    const shown = matches.filter((match) => match.matches || options.all === true);
    print(io, options.format, { identity, profiles: shown, variables: fates });
    const failure = polled.map((one) => one.failure).find((text) => text !== "");
    if (failure !== undefined) throw new Exit(exits.problems, printable(failure));
  } finally {
    await shell.close();
  }
}

function profilesOf({ profile }: SnmpConfig, matching: readonly string[]): readonly string[] {
  return [profile].flat().flatMap((name) => (name === "auto" ? matching : [name]));
}

async function fatesOf(polled: readonly PolledOnce[], used: readonly string[]) {
  const [{ coverageOf }, { valueText }, { loadProfile }, { snmpProfile }] = await Promise.all([
    import("../adapters/sources/snmp/coverage.ts"),
    import("../adapters/sources/snmp/snmprec.ts"),
    import("../config/profiles.ts"),
    import("../config/snmp.ts"),
  ]);
  const coverage = coverageOf(used.map((name) => loadProfile("snmp", name, snmpProfile)));
  const readings = new Map<string, string[]>();
  for (const { series, value, quality } of polled.flatMap((one) => one.readings)) {
    const labels = Object.entries(series.labels).map(([name, text]) => `${name}=${text}`);
    const name = labels.length === 0 ? series.metric : `${series.metric}{${labels.join(",")}}`;
    const line = [name, String(value ?? "-"), series.unit, qualityName(quality)].filter((part) => part !== "").join(" ");
    readings.set(series.origin, [...(readings.get(series.origin) ?? []), line]);
  }
  const reasons = {
    "left out": "read, but its row or value does not count (keep, skip, where, absent, or another profile has the series)",
    "label or condition": "read for a label, a condition or a scale",
    inventory: "inventory of the asset",
    "not read": "no profile that matches reads it",
  };
  return (varbind: { oid: string; type: number; value: string | number | Buffer | null }): Fate => {
    const { use, profile } = coverage(varbind.oid);
    const reading = readings.get(varbind.oid)?.join("; ") ?? "";
    return { oid: varbind.oid, value: valueText(varbind), reading, profile, reason: reading === "" ? reasons[use] : "" };
  };
}

interface TestResult {
  readonly identity: {
    readonly sysObjectId: string | undefined;
    readonly sysDescr: string | undefined;
    readonly sysName: string | undefined;
  };
  readonly profiles: readonly { readonly profile: string; readonly matches: boolean; readonly why: string }[];
  readonly variables: readonly Fate[];
}

function print(io: Io, format: Format, result: TestResult): void {
  if (format === "json") io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else if (format === "ndjson") printRows(io, { format, rows: result.variables, columns: [] });
  else printTables(io, result);
}

function printTables(io: Io, result: TestResult): void {
  const format = "table";
  const { identity, profiles, variables } = result;
  const read = variables.filter(({ reading }) => reading !== "").length;
  io.stdout.write(
    `sysObjectID ${identity.sysObjectId ?? "-"}  ${printable(identity.sysName ?? "")}\n${printable(identity.sysDescr ?? "")}\n\n`,
  );
  printRows(io, {
    format,
    rows: profiles,
    columns: [
      { title: "PROFILE", value: ({ profile }) => profile },
      { title: "MATCHES", value: ({ matches }) => (matches ? "yes" : "no") },
      { title: "WHY", value: ({ why }) => why },
    ],
  });
  io.stdout.write("\n");
  printRows(io, {
    format,
    rows: variables,
    columns: [
      { title: "OID", value: ({ oid }) => oid },
      { title: "VALUE", value: ({ value }) => (value.length > 40 ? `${value.slice(0, 39)}…` : value) },
      { title: "PROFILE", value: ({ profile }) => profile },
      { title: "READING, OR WHY NOT", value: ({ reading, reason }) => (reading === "" ? `- ${reason}` : reading) },
    ],
  });
  io.stderr.write(`${variables.length} variables, ${read} of them are readings\n`);
}
