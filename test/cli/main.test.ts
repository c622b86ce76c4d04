import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";

const start = (args: readonly string[]) =>
  spawn(process.execPath, ["--import", "tsx", "cli/main.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });

describe("the process", () => {
  test("data on stdout, messages on stderr, the code at the end", async () => {
    const child = start(["config", "check", "test/config/bad/tag.yaml"]);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    expect([out, err, code]).toEqual(["", "test/config/bad/tag.yaml:2:14: not YAML: unresolved tag\n", 78]);
  });

  test("a reader that stops early is no mistake", async () => {
    const child = start(["config", "schema"]);
    child.stdout.destroy();
    const [err, [code, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect([err, code, signal]).toEqual(["", 0, null]);
  });
});

/** Files and packages that loading a file loads: what its static imports name, and theirs. */
function loaded(file: URL, found = new Set<string>()): Set<string> {
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?"([^"]+)";/gm)) {
    const path = name.startsWith(".") ? new URL(name, file) : undefined;
    const key = path?.pathname ?? name;
    if (found.has(key)) continue;
    found.add(key);
    if (path !== undefined) loaded(path, found);
  }
  return found;
}

test("version and help of the program load neither schema, YAML nor log: they start fast", () => {
  expect(loaded(new URL("../../cli/main.ts", import.meta.url))).toContain("commander");
  for (const file of ["main.ts", "version.ts", "config.ts"]) {
    const names = [...loaded(new URL(`../../cli/${file}`, import.meta.url))];
    expect(names.filter((name) => /^(zod|yaml|pino)$/.test(name))).toEqual([]);
  }
});
