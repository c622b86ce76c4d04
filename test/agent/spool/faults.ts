import { nodeFiles, type SpoolFile, type SpoolFiles } from "../../../agent/spool/files.ts";

/** A disk that a test makes fail. */
export class FaultyDisk {
  /** Bytes that segments may still take; a write past it is cut short, then refused. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** True: the cut write says how much it took, as tmpfs does; false: it throws ENOSPC at once. */
  short: boolean;
  /** This many of the next fdatasyncs of segments fail with EIO. */
  failingSyncs = 0;
  syncs = 0;

  constructor() {
    this.short = false;
  }

  readonly files: SpoolFiles = {
    ...nodeFiles,
    open: async (path, mode) => {
      const file = await nodeFiles.open(path, mode);
      return path.endsWith(".seg") ? this.#watched(file) : file;
    },
    remove: async (path) => {
      if (path.endsWith("/ballast")) this.roomBytes += await nodeFiles.size(path).catch(() => 0);
      await nodeFiles.remove(path);
    },
  };

  #watched(file: SpoolFile): SpoolFile {
    return {
      ...file,
      write: async (bytes, position) => {
        const took = Math.min(bytes.length, this.roomBytes);
        if (took < bytes.length && (!this.short || took === 0))
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        this.roomBytes -= took;
        return file.write(bytes.subarray(0, took), position);
      },
      sync: async () => {
        this.syncs++;
        if (this.failingSyncs > 0) {
          this.failingSyncs--;
          throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
        }
        await file.sync();
      },
    };
  }
}
