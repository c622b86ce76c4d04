import { type SpoolFiles, writeAll } from "./files.ts";

const name = "ballast";

/** Bytes that are there to be given back when the disk is full, so that what was polled can still be written. */
export class Ballast {
  readonly #files: SpoolFiles;
  readonly #folder: string;
  readonly #bytes: number;
  #there: boolean;

  constructor(files: SpoolFiles, folder: string, bytes: number) {
    this.#files = files;
    this.#folder = folder;
    this.#bytes = bytes;
    this.#there = false;
  }

  /** Writes real bytes, not a hole, where there is room for them three times over. Never rejects. */
  async fill(): Promise<void> {
    if (this.#there || this.#bytes === 0) return;
    const path = `${this.#folder}/${name}`;
    try {
      if ((await this.#files.list(this.#folder)).includes(name) && (await this.#files.size(path)) === this.#bytes) {
        this.#there = true;
        return;
      }
      if ((await this.#files.freeBytes(this.#folder)) < 3 * this.#bytes) return;
      await this.#files.remove(path).catch(() => {});
      const file = await this.#files.open(path, "create");
      try {
        for (let at = 0; at < this.#bytes; at += 1 << 20) await writeAll(file, noise(Math.min(1 << 20, this.#bytes - at)), at);
      } finally {
        await file.close();
      }
      this.#there = true;
    } catch {
      await this.#files.remove(path).catch(() => {});
    }
  }

  /** Gives the bytes back; false where there were none. */
  async free(): Promise<boolean> {
    if (!this.#there) return false;
    this.#there = false;
    await this.#files.remove(`${this.#folder}/${name}`).catch(() => {});
    return true;
  }
}

/** Bytes that a compressing file system cannot make small. */
function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 0x9e3779b9;
  for (let at = 0; at + 4 <= length; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  return bytes;
}
