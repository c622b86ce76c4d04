import type { Command } from "commander";
import { Option } from "commander";
import type { Difference } from "../collector/rehearsal/difference.ts";
import { ConfigFaults, type Fault, faultText } from "../config/fault.ts";
import type { RulesTestFile } from "../config/rules-test.ts";
import { Exit, exits } from "./exit.ts";
import type { Io } from "./io.ts";
import { printable, type Style, styleOf } from "./output.ts";

/** `millwright rules test`. */
export function registerRules(program: Command, io: Io): void {
  const rules = program.command("rules").description("try alarms and services before the plant does");
  rules
    .command("test")
    .description("run tests of alarms and services; needs no running collector (docs/rules-testing.md)")
    .argument("<file...>", "files of tests")
    .addOption(new Option("--config <path>", "the config under test, instead of the one that the files name"))
    .addOption(new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"))
    .action((files: readonly string[], options: Options) => testRules(io, files, options));
}

interface Options {
  readonly config?: string;
  readonly format: "table" | "json";
}

/** One test that was run. */
interface Result {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly ok: boolean;
  readonly differences: readonly Difference[];
}

async function testRules(io: Io, paths: readonly string[], { config, format }: Options): Promise<void> {
  const results: Result[] = [];
  const faults: Fault[] = [];
  for (const path of paths) {
    try {
      results.push(...(await runFile(path, config)));
    } catch (error) {
      if (!(error instanceof ConfigFaults)) throw error;
      faults.push(...error.faults);
    }
  }
  if (format === "json") io.stdout.write(`${JSON.stringify({ results, faults: faults.map(faultText) }, null, 2)}\n`);
  else io.stdout.write(report(results, styleOf(io.stdout, io.env)));
  if (faults.length > 0) throw new ConfigFaults(faults);
  if (results.some(({ ok }) => !ok)) throw new Exit(exits.problems);
}

async function runFile(path: string, config: string | undefined): Promise<readonly Result[]> {
  const { readRulesTest } = await import("../config/rules-test.ts");
  const { loadConfig } = await import("../config/load.ts");
  const { runTest } = await import("../collector/rehearsal/verdict.ts");
  const file = readRulesTest(path, config);
  const loaded = loadConfig(file.config);
  file.bind(loaded);
  return file.tests.map((test, i) => {
    const differences = runTest(loaded, test);
    return { file: path, line: file.lineOf(i), name: nameOf(test, i), ok: differences.length === 0, differences };
  });
}

function nameOf(test: RulesTestFile["tests"][number], i: number): string {
  if (test.name !== undefined) return test.name;
  return "given" in test
    ? Object.entries(test.given)
        .map(([asset, state]) => `${asset} ${state}`)
        .join(", ") || "all ok"
    : `test ${i + 1}`;
}

function report(results: readonly Result[], style: Style): string {
  const lines: string[] = [];
  for (const file of new Set(results.map((result) => result.file))) {
    lines.push(style.bold(file));
    for (const result of results) if (result.file === file) lines.push(...resultLines(result, style));
  }
  const failed = results.filter(({ ok }) => !ok).length;
  const count = `${results.length} test${results.length === 1 ? "" : "s"}`;
  if (results.length > 0) lines.push("", failed === 0 ? `${count} passed` : style.red(`${failed} of ${count} failed`));
  return lines.map((line) => `${line}\n`).join("");
}

function resultLines({ ok, name, line, differences }: Result, style: Style): readonly string[] {
  if (ok) return [`  ${style.dim("ok  ")} ${printable(name)}`];
  return [
    `  ${style.red("FAIL")} ${printable(name)} ${style.dim(`(line ${line})`)}`,
    ...differences.flatMap(({ what, expected, found }) => [
      `       ${printable(what)}`,
      `         expected ${printable(expected)}`,
      `         found    ${printable(found)}`,
    ]),
  ];
}
