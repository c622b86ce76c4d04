import { type FileHandle, mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from "node:fs/promises";

/** An open file. Offsets and lengths are bytes. Every method rejects with Node's system errors. */
export interface SpoolFile {
  /** Writes at `position`; resolves with how many bytes were taken, which may be fewer than given when the disk is full. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Fills `into` from `position`; resolves with how many bytes there were. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** fdatasync. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** "create" refuses an existing file; "update" creates a missing one and keeps the content. */
export type OpenMode = "read" | "create" | "update";

/** The part of a file system that a spool needs; tests put faults into it. */
export interface SpoolFiles {
  open(path: string, mode: OpenMode): Promise<SpoolFile>;
  makeFolder(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  size(path: string): Promise<number>;
  /** Undefined where there is no such file. */
  readText(path: string): Promise<string | undefined>;
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** fsync of a folder: makes creations, renames and removals in it durable. */
  syncFolder(path: string): Promise<void>;
  /** Bytes that this process may still write to the file system of `path`. */
  freeBytes(path: string): Promise<number>;
}

const flags: Readonly<Record<OpenMode, string>> = { read: "r", create: "wx+", update: "a+" };

/** The machine's files. */
export const nodeFiles: SpoolFiles = {
  async open(path, mode) {
    // "a+" would append wherever we asked to write: it only makes sure that the file exists.
    if (mode === "update") {
      await (await open(path, flags.update, 0o600)).close();
      return spoolFile(await open(path, "r+"));
    }
    return spoolFile(await open(path, flags[mode], 0o600));
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: (path) => readdir(path),
  async size(path) {
    return (await stat(path)).size;
  },
  async readText(path) {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  },
  remove: (path) => unlink(path),
  rename: (from, to) => rename(from, to),
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async freeBytes(path) {
    const found = await statfs(path);
    return found.bavail * found.bsize;
  },
};

function spoolFile(handle: FileHandle): SpoolFile {
  return {
    async write(bytes, position) {
      return (await handle.write(bytes, 0, bytes.length, position)).bytesWritten;
    },
    async read(into, position) {
      let have = 0;
      while (have < into.length) {
        const { bytesRead } = await handle.read(into, have, into.length - have, position + have);
        if (bytesRead === 0) break;
        have += bytesRead;
      }
      return have;
    },
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  };
}

/** Replaces a small file as a whole: written beside it, synced, renamed, folder synced. After a power cut it is the old or the new one. */
export async function replaceFile(
  files: SpoolFiles,
  folder: string,
  file: { readonly name: string; readonly text: string },
): Promise<void> {
  const temporary = `${folder}/${file.name}.tmp`;
  await files.remove(temporary).catch(() => {});
  const handle = await files.open(temporary, "create");
  try {
    await writeAll(handle, Buffer.from(file.text, "utf8"), 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await files.rename(temporary, `${folder}/${file.name}`);
  await files.syncFolder(folder);
}

/** The disk took fewer bytes than it was given, without an error: it is full (seen on tmpfs). */
class ShortWriteError extends Error {
  override readonly name = "ShortWriteError";
  readonly code = "ENOSPC";
}

/** Writes every byte or rejects; a short write is tried on once, since a signal may cut one, then it is a full disk. */
export async function writeAll(file: SpoolFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const took = await file.write(bytes.subarray(done), position + done);
    if (took === 0) throw new ShortWriteError(`the disk took ${done} of ${bytes.length} bytes`);
    done += took;
  }
}
