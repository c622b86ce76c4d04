import { readFileSync } from "node:fs";
import { codeOf } from "../../core/errors.ts";
import { type SpoolFiles, writeAll } from "./files.ts";

/** Who holds a spool: a process id alone is not enough, in a container it is 1 after every start. */
interface Holder {
  readonly pid: number;
  /** Start of the process in clock ticks since boot, and the boot's id; empty where the system does not say. */
  readonly started: string;
}

/** Another agent holds this spool. */
export class SpoolLockedError extends Error {
  override readonly name = "SpoolLockedError";
}

/** Takes the lock of a spool, also from a process that is gone. Resolves with what gives it back. */
export async function takeLock(files: SpoolFiles, folder: string): Promise<() => Promise<void>> {
  const path = `${folder}/LOCK`;
  const mine: Holder = { pid: process.pid, started: startOf("self") };
  for (let tries = 0; ; tries++) {
    try {
      const file = await files.open(path, "create");
      try {
        await writeAll(file, Buffer.from(JSON.stringify(mine)), 0);
      } finally {
        await file.close();
      }
      return () => files.remove(path).catch(() => {});
    } catch (error) {
      if (codeOf(error) !== "EEXIST" || tries > 3) throw error;
    }
    const holder = parseHolder(await files.readText(path));
    if (holder !== undefined && isRunning(holder)) {
      throw new SpoolLockedError(`spool ${folder} is in use by process ${holder.pid}: two agents cannot share one spool`);
    }
    await files.remove(path).catch(() => {});
  }
}

function parseHolder(text: string | undefined): Holder | undefined {
  try {
    const found: unknown = JSON.parse(text ?? "");
    if (typeof found !== "object" || found === null || !("pid" in found) || !("started" in found)) return undefined;
    const { pid, started } = found;
    return Number.isInteger(pid) && typeof started === "string" ? { pid: Number(pid), started } : undefined;
  } catch {
    // Killed between creating and writing the lock: nobody holds it.
    return undefined;
  }
}

function isRunning(holder: Holder): boolean {
  if (holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  return holder.started === startOf(String(holder.pid));
}

/** Field 22 of /proc/PID/stat (proc(5)), after the command's name, which may hold anything. */
function startOf(process: string): string {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, "latin1");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}:${ticks}`;
  } catch {
    return "";
  }
}
