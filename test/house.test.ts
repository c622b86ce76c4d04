import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const importing = (what: string): string => `import * as it from "${what}";\nexport const x = it;\n`;

/** Files that break a rule of the house, one each, and what the linter has to say. */
const trespasses: readonly (readonly [file: string, text: string, said: string])[] = [
  ["core/a.ts", importing("../config/load.ts"), "core/ may not import this folder"],
  ["core/b.ts", importing("express"), "no place in core/"],
  ["core/c.ts", importing("zod"), "no place in core/"],
  ["core/g.ts", importing("some/new-package"), "no place in core/"],
  ["config/a.ts", importing("../adapters/sources/list.ts"), "config/ may not import this folder"],
  ["adapters/sources/modbus/a.ts", importing("../snmp/source.ts"), "adapters never import one another"],
  ["adapters/sources/modbus/b.ts", importing("net-snmp"), "no place in adapters/sources/modbus/"],
  ["adapters/stores/duckdb/a.ts", importing("../../../collector/registry.ts"), "adapters/ may not import this folder"],
  ["agent/a.ts", importing("../collector/collector.ts"), "agent/ may not import this folder"],
  ["adapters/sources/mqtt/a.ts", importing("../../stores/duckdb/store.ts"), "adapters never import one another"],
  ["adapters/notifiers/email/a.ts", importing("../mqtt/notifier.ts"), "adapters never import one another"],
  ["adapters/notifiers/b.ts", importing("nodemailer"), "no place in adapters/notifiers/"],
  ["agent/c.ts", importing("@duckdb/node-api/lib/x.js"), "no place in agent/"],
  ["agent/b.ts", importing("../adapters/stores/duckdb/store.ts"), "agent/ may not import this folder"],
  ["collector/http/a.ts", importing("../../agent/agent.ts"), "collector/ may not import this folder"],
  ["collector/b.ts", importing("../adapters/sources/snmp/source.ts"), "collector/ may not import this folder"],
  ["collector/c.ts", importing("preact/hooks"), "no place in collector/"],
  ["cli/a.ts", importing("express"), "no place in cli/"],
  ["demo/a.ts", importing("../agent/agent.ts"), "demo/ may not import this folder"],
  ["web/a.ts", importing("../config/load.ts"), "web/ may not import this folder"],
  ["core/d.ts", "export enum Level {\n  ok,\n}\n", "noEnum"],
  ["core/e.ts", "export const x: any = 1;\n", "noExplicitAny"],
  ["core/f.ts", "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n", "noFloatingPromises"],
];
const allowed = [
  ["agent/ok.ts", importing("../adapters/sources/list.ts")],
  ["core/ok.ts", importing("node:fs/promises")],
  ["config/ok.ts", importing("zod")],
  ["web/ok.ts", importing("preact/hooks")],
  ["collector/http/ok.ts", importing("../../adapters/stores/list.ts")],
  ["adapters/notifiers/email/ok.ts", importing("nodemailer")],
  ["adapters/sources/snmp/ok.ts", importing("./decode.ts")],
] as const;

let folder: string;
let said: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millwright-house-"));
  copyFileSync(join(root, "biome.json"), join(folder, "biome.json"));
  for (const [file, text] of [...trespasses, ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const run = spawnSync(process.execPath, [biome, "lint", "--vcs-enabled=false", "--max-diagnostics=100", "--colors=off"], {
    cwd: folder,
    encoding: "utf8",
  });
  said = run.stdout + run.stderr;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the linter said of one file. */
function saidOf(file: string): string {
  return said
    .split(/^(?=\S+\.ts(?::\d+:\d+)? )/m)
    .filter((part) => part.startsWith(file))
    .join("");
}

it.each(trespasses)("the linter keeps the house: %s", (file, _, expected) => {
  expect(saidOf(file)).toContain(expected);
});

it.each(allowed)("the linter lets be what has its place: %s", (file) => {
  expect(saidOf(file)).not.toContain("noRestrictedImports");
});

it("every dependency is pinned exactly", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+(-r\.\d+)?$/);
  }
});
