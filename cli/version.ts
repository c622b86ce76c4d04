import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Io } from "./io.ts";

/** `millwright version` and `millwright --version`. */
export function registerVersion(program: Command, io: Io): void {
  program.version(productVersion(), "-V, --version", "print the version");
  program
    .command("version")
    .description("print the version")
    .action(() => void io.stdout.write(`${productVersion()}\n`));
}

/** The version in package.json, which stands beside cli/ and beside dist/. */
export function productVersion(): string {
  const beside = new URL("../package.json", import.meta.url);
  const file = existsSync(beside) ? beside : new URL("../../package.json", import.meta.url);
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  return typeof found === "object" && found !== null && "version" in found ? String(found.version) : "unknown";
}
