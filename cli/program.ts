import { Command, Option } from "commander";
import { exits, outcomeOf } from "./exit.ts";
import type { Io } from "./io.ts";
import { logLevels } from "./log-level.ts";

/** Adds one command to the program. What the command needs that is heavy it imports when it runs, not before. */
export type RegisterCommand = (program: Command, io: Io) => void;

/** The command line with these commands, writing to `io`; it throws instead of ending the process. */
export function createProgram(io: Io, commands: readonly RegisterCommand[]): Command {
  const program = new Command("millwright")
    .description("One monitoring system for the plant and the data centre")
    .addOption(new Option("--log-level <level>", "what to log on stderr (default: MILLWRIGHT_LOG, or info)").choices(logLevels))
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .showHelpAfterError("(millwright --help says more)")
    .exitOverride();
  for (const register of commands) register(program, io);
  return program;
}

/** Runs one command line (without node and script) and says with which code the process should end. Never rejects. */
export async function run(args: readonly string[], io: Io, commands: readonly RegisterCommand[]): Promise<number> {
  try {
    await createProgram(io, commands).parseAsync([...args], { from: "user" });
    return exits.good;
  } catch (error) {
    const { code, message } = outcomeOf(error);
    if (message !== "") io.stderr.write(`${message}\n`);
    return code;
  }
}
