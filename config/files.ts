import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { codeOf, messageOf } from "../core/errors.ts";
import { ConfigFaults, type Fault } from "./fault.ts";

/** A file of a config, as it was read. */
export interface ConfigFile {
  /** As a message shows it. */
  readonly file: string;
  readonly text: string;
}

export interface ConfigFiles {
  /** Folder that relative paths are relative to, absolute. */
  readonly directory: string;
  readonly files: readonly ConfigFile[];
}

const largestBytes = 4 * 1024 * 1024;

/** Reads a YAML file, or the *.yaml and *.yml of a folder in the order of their names. Throws ConfigFaults. */
export function readConfigFiles(path: string): ConfigFiles {
  const isFolder = attempt(path, () => statSync(path).isDirectory());
  if (!isFolder) return { directory: resolve(dirname(path)), files: [readFile(path)] };
  const names = attempt(path, () => readdirSync(path).filter(isConfigName).sort());
  const paths = names.map((name) => join(path, name)).filter((file) => attempt(file, () => statSync(file).isFile()));
  if (paths.length === 0) throw new ConfigFaults([{ file: path, path: "", message: "a folder without *.yaml or *.yml files" }]);
  return { directory: resolve(path), files: readAll(paths) };
}

/** Hidden files are left out: editors keep their swap files there, Kubernetes its `..data`. */
const isConfigName = (name: string): boolean => /^[^.].*\.ya?ml$/.test(name);

function readAll(paths: readonly string[]): ConfigFile[] {
  const faults: Fault[] = [];
  const files: ConfigFile[] = [];
  for (const path of paths) {
    try {
      files.push(readFile(path));
    } catch (error) {
      if (!(error instanceof ConfigFaults)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ConfigFaults(faults);
  return files;
}

function readFile(file: string): ConfigFile {
  const bytes = attempt(file, () => readUpTo(file, largestBytes + 1));
  if (bytes.length > largestBytes) throw new ConfigFaults([{ file, path: "", message: "is larger than 4 MiB, the most that is read" }]);
  try {
    return { file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    throw new ConfigFaults([{ file, path: "", message: "is not UTF-8 text" }]);
  }
}

/** Never more than `limit` bytes, whatever the path leads to (a device, a pipe, a log that grows). */
function readUpTo(file: string, limit: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; total < limit; ) {
      const chunk = Buffer.alloc(Math.min(65_536, limit - total));
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "may not be read (permission denied)",
};

function attempt<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigFaults([{ file, path: "", message: reasons[codeOf(error) ?? ""] ?? `cannot be read: ${messageOf(error)}` }]);
  }
}
