import { createHash } from "node:crypto";
import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { ConfigFaults } from "./fault.ts";
import { type ConfigFiles, readConfigFiles } from "./files.ts";
import { type LoadedConfig, parseConfig } from "./load.ts";

/** Editors write a file in several steps. */
const settleMs = 300;
/** A folder that went away (a volume that is mounted anew) is looked for again. */
const rearmMs = 5000;

export interface WatchOptions {
  /** File or folder, as for loadConfig. */
  readonly path: string;
  /** The files changed and are good. */
  readonly onChange: (loaded: LoadedConfig) => void;
  /** The files changed and are not: whoever runs keeps the config it has. */
  readonly onFault: (faults: ConfigFaults) => void;
  readonly log: Log;
  readonly clock: Clock;
}

export interface ConfigWatch {
  /** Reads again now, changed or not: what SIGHUP asks for. */
  reload(): void;
  close(): void;
}

/**
 * Watches a config from now on. What is watched is the folder: an editor that writes a new file and renames it over the old
 * one, and Kubernetes that swaps a link, are seen too. Files whose text is as before are no change.
 */
export function watchConfig({ path, onChange, onFault, log, clock }: WatchOptions): ConfigWatch {
  let print = attemptPrint(path);
  let watcher: FSWatcher | undefined;
  let cancelSettle = (): void => {};
  let cancelRearm = (): void => {};
  let closed = false;

  const read = (always: boolean): void => {
    try {
      const files = readConfigFiles(path);
      const now = printOf(files);
      if (now === print && !always) return;
      print = now;
      onChange(parseConfig(files));
    } catch (error) {
      if (!(error instanceof ConfigFaults)) throw error;
      // A file that cannot be read has no print: the next good one is a change, whatever it says.
      if (attemptPrint(path) === "") print = "";
      onFault(error);
    }
  };
  const soon = (): void => {
    cancelSettle();
    cancelSettle = clock.after(settleMs, () => read(false));
  };
  const lost = (error: unknown): void => {
    watcher?.close();
    if (closed) return;
    log.warn({ path, error: messageOf(error) }, "config cannot be watched, trying again");
    cancelRearm = clock.after(rearmMs, () => {
      arm();
      soon();
    });
  };
  const arm = (): void => {
    try {
      watcher = watch(folderOf(path), { persistent: false }, soon);
      watcher.on("error", lost);
    } catch (error) {
      lost(error);
    }
  };

  arm();
  return {
    reload: () => read(true),
    close() {
      closed = true;
      cancelSettle();
      cancelRearm();
      watcher?.close();
    },
  };
}

function folderOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);
}

function printOf({ files }: ConfigFiles): string {
  const hash = createHash("sha256");
  for (const { file, text } of files) hash.update(`${file}\0${text.length}\0${text}`);
  return hash.digest("hex");
}

function attemptPrint(path: string): string {
  try {
    return printOf(readConfigFiles(path));
  } catch {
    return "";
  }
}
