import type { Log } from "../../core/log.ts";
import type { SpoolFiles } from "./files.ts";
import { keepDamaged } from "./quarantine.ts";

/** A segment file. Only what lies before `end` is durable and may be read. */
export interface Segment {
  /** Its first seq, which is its name. */
  readonly first: number;
  readonly path: string;
  end: number;
  /** Bytes were found in it that are no record: it goes to quarantine/ instead of being deleted. */
  damaged: boolean;
}

const suffix = ".seg";

export function segmentName(first: number): string {
  return `${String(first).padStart(20, "0")}${suffix}`;
}

/** The segments of a spool, oldest first. Nothing is kept per record, so a backlog of any size costs the same memory. */
export class Segments {
  readonly #files: SpoolFiles;
  readonly #folder: string;
  readonly #log: Log;
  readonly #list: Segment[] = [];

  private constructor(files: SpoolFiles, folder: string, log: Log) {
    this.#files = files;
    this.#folder = folder;
    this.#log = log;
  }

  static async open(files: SpoolFiles, folder: string, log: Log): Promise<Segments> {
    const segments = new Segments(files, folder, log);
    for (const name of [...(await files.list(folder))].sort()) {
      const first = /^(\d{20})\.seg$/.exec(name)?.[1];
      if (first === undefined) continue;
      const path = `${folder}/${name}`;
      segments.#list.push({ first: Number(first), path, end: await files.size(path), damaged: false });
    }
    return segments;
  }

  get oldest(): Segment | undefined {
    return this.#list[0];
  }

  get firstSeq(): number | undefined {
    return this.#list[0]?.first;
  }

  get newest(): Segment | undefined {
    return this.#list.at(-1);
  }

  get count(): number {
    return this.#list.length;
  }

  get bytes(): number {
    return this.#list.reduce((sum, segment) => sum + segment.end, 0);
  }

  /** The segment that `seq` would stand in: the last that does not begin after it. */
  holding(seq: number): Segment | undefined {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#list[middle]?.first ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#list[low - 1];
  }

  /** A new newest segment; its file exists and is empty. */
  add(first: number): Segment {
    const segment = { first, path: `${this.#folder}/${segmentName(first)}`, end: 0, damaged: false };
    this.#list.push(segment);
    return segment;
  }

  /** First seq that cannot be in this segment, where that is known. */
  firstAfter(segment: Segment): number | undefined {
    return this.#list[this.#list.indexOf(segment) + 1]?.first;
  }

  has(segment: Segment): boolean {
    return this.#list.includes(segment);
  }

  /** Deletes a segment, or keeps it in quarantine/ where it is damaged. It is gone for readers even when the disk refuses. */
  async remove(segment: Segment): Promise<void> {
    const at = this.#list.indexOf(segment);
    if (at >= 0) this.#list.splice(at, 1);
    try {
      if (segment.damaged) await keepDamaged(this.#files, this.#folder, segment.path);
      else await this.#files.remove(segment.path);
    } catch (error) {
      this.#log.warn({ err: error, segment: segment.path }, "spool segment could not be removed");
    }
  }

  /** Removes every segment whose seqs are all acknowledged; the one that is written stays. */
  async removeAcked(acked: number, writing: Segment | undefined): Promise<void> {
    for (let first = this.#list[0]; first !== undefined; first = this.#list[0]) {
      if (first === writing) return;
      const second = this.#list[1];
      if (second === undefined || second.first > acked + 1) return;
      await this.remove(first);
    }
  }
}
