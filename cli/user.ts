import { readSync } from "node:fs";
import type { Command } from "commander";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";

const shortest = 8;

/** `millwright user hash`: what a user's password file holds. */
export function registerUser(program: Command, io: Io): void {
  const user = program.command("user").description("people who sign in");
  user
    .command("hash")
    .description("read a password from standard input, print its scrypt hash for the file that `users.NAME.password` names")
    .action(() => hash(io, readLine(0)));
}

async function hash(io: Io, password: string): Promise<void> {
  const { hashPassword, longestPassword } = await import("../collector/door/password.ts");
  if (password.length < shortest || password.length > longestPassword)
    throw new Exit(exits.usage, `user hash: a password of ${password.length} characters, expected ${shortest} to ${longestPassword}`);
  io.stdout.write(`${await hashPassword(password)}\n`);
}

/** The first line of a file descriptor: a terminal gives one line at a time, a pipe may be closed later. */
function readLine(descriptor: number): string {
  const chunk = Buffer.alloc(4096);
  const length = readSync(descriptor, chunk);
  return chunk.toString("utf8", 0, length).split(/\r?\n/)[0] ?? "";
}
