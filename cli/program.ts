import { Command, Option } from "commander";
import { exits, outcomeOf } from "./exit.ts";
import type { Io } from "./io.ts";
import { logLevels } from "./log-level.ts";

/** Adds one command to the program. */
export type RegisterCommand = (program: Command, io: Io) => void;

/** Commands by the word that calls them. */
export type Commands = Readonly<Record<string, () => Promise<RegisterCommand>>>;

/** Runs one command line (without node and script) and says with which code the process should end. Never rejects. */
export async function run(args: readonly string[], io: Io, commands: Commands): Promise<number> {
  try {
    const program = createProgram(io);
    for (const load of wanted(args, commands)) (await load())(program, io);
    await program.parseAsync([...args], { from: "user" });
    return exits.good;
  } catch (error) {
    const { code, message } = outcomeOf(error);
    if (message !== "") io.stderr.write(`${message}\n`);
    return code;
  }
}

/** The command line without commands, writing to `io`; it throws instead of ending the process. */
function createProgram(io: Io): Command {
  return new Command("millwright")
    .description("One monitoring system for the plant and the data centre")
    .addOption(new Option("--log-level <level>", "what to log on stderr (default: MILLWRIGHT_LOG, or info)").choices(logLevels))
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .showHelpAfterError("(millwright --help says more)")
    .exitOverride();
}

/** The command that is called; all of them for the help, and for a word that is none of them. */
function wanted(args: readonly string[], commands: Commands): readonly (() => Promise<RegisterCommand>)[] {
  const word = args.find((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--log-level") ?? versionWord(args);
  const load = Object.hasOwn(commands, word) ? commands[word] : undefined;
  return load === undefined ? Object.values(commands) : [load];
}

function versionWord(args: readonly string[]): string {
  return args.includes("--version") || args.includes("-V") ? "version" : "";
}
