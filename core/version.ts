import { existsSync, readFileSync } from "node:fs";

let known: string | undefined;

/** The version in package.json, which stands beside core/ and, one folder up, beside dist/core/. */
export function productVersion(): string {
  known ??= readVersion();
  return known;
}

function readVersion(): string {
  const beside = new URL("../package.json", import.meta.url);
  const file = existsSync(beside) ? beside : new URL("../../package.json", import.meta.url);
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  return typeof found === "object" && found !== null && "version" in found ? String(found.version) : "unknown";
}
