import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import type { Protocol } from "../core/source.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { type Format, formatOption, printRows } from "./output.ts";
import type { TestOptions } from "./profile-test.ts";
import { withTarget } from "./snmp-target.ts";

interface ProfileRow {
  readonly profile: string;
  readonly protocol: Protocol;
  readonly source: string;
}

const protocols = ["snmp", "modbus"] as const;

/** `millwright profiles list|show|test`: what is shipped, and what a device matches. */
export function registerProfiles(program: Command, io: Io): void {
  const profiles = program.command("profiles").description("the kinds of devices that are known: what is shipped, what a device matches");
  profiles
    .command("list")
    .description("every profile that is shipped, with the document its facts come from")
    .addOption(new Option("--protocol <protocol>", "only of this one").choices(protocols))
    .addOption(formatOption())
    .action(({ protocol, format }: { protocol?: (typeof protocols)[number]; format: Format }) => list(io, protocol, format));
  profiles
    .command("show")
    .description("a profile's YAML")
    .argument("<name>")
    .action((name: string) => show(io, name));
  withTarget(profiles.command("test"))
    .description("which profiles a device matches and why, and what becomes of each of its variables: a reading, or the reason why not")
    .option("--all", "name the profiles that do not match, too")
    .addOption(formatOption())
    .action(async (options: TestOptions) => {
      const { testProfiles } = await import("./profile-test.ts");
      await testProfiles(io, options);
    });
}

async function list(io: Io, protocol: Protocol | undefined, format: Format): Promise<void> {
  const { profileFile, profileNames } = await import("../config/profiles.ts");
  const wanted = protocol === undefined ? protocols : [protocol];
  const rows = wanted.flatMap((one) =>
    profileNames(one).map((profile): ProfileRow => {
      const text = readFileSync(profileFile(one, `${profile}.yaml`), "utf8");
      return { profile, protocol: one, source: sourceOf(text) };
    }),
  );
  printRows<ProfileRow>(io, {
    format,
    rows,
    columns: [
      { title: "PROFILE", value: (row) => row.profile },
      { title: "PROTOCOL", value: (row) => row.protocol },
      { title: "SOURCE", value: (row) => row.source },
    ],
  });
}

/** `source:` alone: a list of all need not understand all. */
function sourceOf(text: string): string {
  const [, source = ""] = /^source: *(.*(?:\n {2,}.*)*)$/m.exec(text) ?? [];
  return source
    .replace(/^[>|]-?\s*/, "")
    .replace(/\s+/g, " ")
    .replace(/^["'](.*)["']$/, "$1")
    .trim();
}

async function show(io: Io, name: string): Promise<void> {
  const [{ profileFile, profileNames }, { didYouMean }] = await Promise.all([
    import("../config/profiles.ts"),
    import("../config/suggest.ts"),
  ]);
  const protocol = protocols.find((one) => profileNames(one).includes(name));
  if (protocol === undefined) {
    const known = protocols.flatMap((one) => profileNames(one));
    throw new Exit(exits.usage, `${JSON.stringify(name)} is not a profile that is shipped${didYouMean(name, known)}`);
  }
  io.stdout.write(readFileSync(profileFile(protocol, `${name}.yaml`), "utf8"));
}
