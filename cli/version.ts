import type { Command } from "commander";
import { productVersion } from "../core/version.ts";
import type { Io } from "./io.ts";

/** `millwright version` and `millwright --version`. */
export function registerVersion(program: Command, io: Io): void {
  program.version(productVersion(), "-V, --version", "print the version");
  program
    .command("version")
    .description("print the version")
    .action(() => void io.stdout.write(`${productVersion()}\n`));
}
