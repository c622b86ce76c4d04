import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { systemClock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { pinPattern } from "../core/pin.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";

interface EnrolOptions {
  readonly config: string;
  readonly collector?: string;
  readonly token?: string;
  readonly name?: string;
  readonly rotate?: boolean;
  readonly pin?: string;
}

/** `millwright enrol`: makes this agent's key and hands its public half to the collector. */
export function registerEnrol(program: Command, io: Io): void {
  program
    .command("enrol")
    .description("make this agent's key and hand its public half to the collector; the key itself stays here")
    .requiredOption("--config <path>", "the agent's YAML file, or folder of *.yaml")
    .option("--collector <url>", "the collector (default: the config's)")
    .option("--token <token>", "one-time join token of `millwright token create --role agent`; - reads it from standard input")
    .option("--name <name>", "the agent's name (default: the config's)")
    .option("--pin <pin>", "key of a collector that speaks https, sha256/BASE64, as `token create` prints it (default: the config's)", pin)
    .option("--rotate", "change the key, by the word of the present one")
    .action((options: EnrolOptions) => runEnrol(io, options));
}

function pin(text: string): string {
  if (pinPattern.test(text)) return text;
  throw new InvalidArgumentError("expected sha256/ and 44 characters of base64");
}

async function runEnrol(io: Io, options: EnrolOptions): Promise<void> {
  if ((options.token === undefined) === (options.rotate !== true))
    throw new Exit(exits.usage, "enrol needs --token, or --rotate, and not both");
  const [{ loadConfig }, { settingsOf }, { CollectorClient, trustOf }, { Identity }, { enrol }] = await Promise.all([
    import("../config/load.ts"),
    import("../agent/settings.ts"),
    import("../agent/client.ts"),
    import("../agent/identity.ts"),
    import("../agent/enrol.ts"),
  ]);
  const config = loadConfig(options.config);
  const name = options.name ?? config.agent?.name;
  if (name === undefined) throw new Exit(exits.usage, "enrol: the config has no `agent:` section, so say --name");
  const settings = settingsOf({ config, name });
  const identity = new Identity(settings.key);
  const present = identity.key();
  if (options.rotate !== true && present !== undefined)
    throw new Exit(exits.problems, `agent ${name} has a key in ${settings.key}: --rotate changes it; without that file it enrols anew`);
  if (options.rotate === true && present === undefined)
    throw new Exit(exits.problems, `agent ${name} has no key to rotate: ${settings.key}`);
  const clock = systemClock();
  const collector = options.collector ?? settings.collector;
  if (options.pin !== undefined && !collector.startsWith("https:"))
    throw new Exit(exits.usage, `enrol: --pin is of a key, and ${collector} shows none: it takes an https:// collector`);
  const trust = trustOf(options.pin === undefined ? settings : { ...settings, pin: options.pin });
  const client = new CollectorClient({ collector, clock, key: () => identity.key(), ...trust });
  const token = options.token === "-" ? readFileSync(0, "utf8").trim() : options.token;
  try {
    await enrol({ agent: name, client, identity, clock, ...(token === undefined ? {} : { token }) }, AbortSignal.timeout(30_000));
  } catch (error) {
    throw new Exit(exits.problems, `${collector}: ${messageOf(error)}`, { cause: error });
  } finally {
    client.close();
  }
  if (options.pin !== undefined && settings.pin === undefined)
    io.stderr.write(`the agent needs the pin too: write \`pin: ${options.pin}\` into its config, below \`agent:\`\n`);
  io.stdout.write(`agent ${name} is enrolled at ${collector}; its key is ${settings.key}, public half ${identity.publicKey() ?? ""}\n`);
}
