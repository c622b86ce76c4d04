import { execFileSync, fork, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchRow } from "./row.ts";

const here = fileURLToPath(import.meta.url);
const extension = here.endsWith(".ts") ? ".ts" : ".js";
const root = fileURLToPath(new URL(extension === ".ts" ? ".." : "../..", import.meta.url));
const fileOf = (path: string): string => fileURLToPath(new URL(`../${path}${extension}`, import.meta.url));
/** Recordings of real devices and what another monitoring system expects of them; not part of the product. */
const shared = join(root, "../shared");
const archive = join(shared, "data/snmp/recordings.tar.xz");
const scorer = join(shared, "tools/score_snmp.py");

/**
 * What share of the values that others read from the recorded devices `profile: auto` reads, and how many it gets wrong.
 * `--only REGEX` chooses among the devices, `--recordings DIR` names an unpacked archive, `--keep FILE` keeps the readings.
 */
export async function scoreBench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "millwright-score-"));
  try {
    const recordings = optionOf("--recordings") ?? unpack(folder);
    const only = new RegExp(optionOf("--only") ?? "");
    const names = readdirSync(join(recordings, "expected")).map((file) => file.replace(/\.json$/, ""));
    return await score(
      folder,
      recordings,
      names.filter((name) => only.test(name)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function optionOf(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

function unpack(folder: string): string {
  execFileSync("tar", ["-xJf", archive, "-C", folder, "--no-same-owner"]);
  return join(folder, "train");
}

async function score(folder: string, recordings: string, names: readonly string[]): Promise<BenchRow[]> {
  const expected = join(folder, "chosen");
  mkdirSync(expected);
  for (const name of names) symlinkSync(join(recordings, "expected", `${name}.json`), join(expected, `${name}.json`));
  const served = await serve(join(recordings, "recordings"), names);
  const started = performance.now();
  const readings = optionOf("--keep") ?? join(folder, "readings.ndjson");
  try {
    poll(folder, served.ports, readings);
  } finally {
    served.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  const printed = execFileSync("python3", [scorer, expected, readings], { encoding: "utf8", maxBuffer: 1 << 26 });
  process.stdout.write(printed);
  return rowsOf(printed, names.length, seconds);
}

async function serve(folder: string, names: readonly string[]): Promise<{ ports: Readonly<Record<string, number>>; stop(): void }> {
  const child = fork(fileOf("bench/recorded-devices"), [folder, ...names], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let text = "";
  const { stdout } = child;
  if (stdout === null) throw new Error("the recorded devices have no output");
  for await (const part of stdout) {
    text += String(part);
    if (text.endsWith("\n")) break;
  }
  return { ports: JSON.parse(text) as Record<string, number>, stop: () => void child.kill() };
}

/** One round of all devices by the program itself, into a file. */
function poll(folder: string, ports: Readonly<Record<string, number>>, readings: string): void {
  const assets = Object.entries(ports).map(([name, port]) => {
    const snmp = { host: "127.0.0.1", port, community: "env:SCORE_COMMUNITY", profile: "auto", timeout: "10s", every: "5m" };
    return [name, { snmp }] as const;
  });
  const config = join(folder, "score.yaml");
  writeFileSync(config, JSON.stringify({ assets: Object.fromEntries(assets) }));
  const args = [...process.execArgv, fileOf("cli/main"), "poll", "--config", config, "--format", "ndjson", "--timeout", "100s"];
  const env = { ...process.env, SCORE_COMMUNITY: "public" };
  // Some devices answer nothing that any profile reads: the program says so, and ends with 1.
  spawnSync(process.execPath, args, { cwd: root, env, stdio: ["ignore", openSync(readings, "w"), "inherit"] });
}

function rowsOf(printed: string, devices: number, seconds: number): BenchRow[] {
  const number = (pattern: RegExp): number => Number(printed.match(pattern)?.[1]);
  const expected = number(/expected (\d+), right/);
  return [
    { name: "sensors right", value: (100 * number(/right (\d+)/)) / expected, unit: "%", note: `of ${expected} on ${devices} devices` },
    { name: "sensors with a wrong value", value: (100 * number(/wrong value (\d+)/)) / expected, unit: "%" },
    { name: "ports found", value: number(/found \d+ \(([\d.]+) %\)/), unit: "%" },
    { name: "one round of all devices", value: seconds, unit: "s" },
  ];
}
