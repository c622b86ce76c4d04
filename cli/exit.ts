import { CommanderError } from "commander";
import { ConfigFaults } from "../config/fault.ts";
import { messageOf } from "../core/errors.ts";

/** What the process says when it ends. 78 is EX_CONFIG of sysexits.h. */
export const exits = { good: 0, problems: 1, usage: 2, config: 78 } as const;

/** A command ends with this code; its message, where there is one, is printed to stderr. */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly code: number;

  constructor(code: number, message = "", options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Code and message of whatever a command threw. */
export function outcomeOf(error: unknown): { readonly code: number; readonly message: string } {
  // commander has printed its message; help that was asked for is no mistake.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? exits.good : exits.usage, message: "" };
  if (error instanceof Exit) return { code: error.code, message: error.message };
  if (error instanceof ConfigFaults) return { code: exits.config, message: error.message };
  return { code: exits.problems, message: `millwright: ${messageOf(error)}` };
}
