import { z } from "zod";
import type { Gap } from "../../core/batch.ts";
import { replaceFile, type SpoolFiles } from "./files.ts";

const wholeNumber = z.int().min(0);
const gapList = z.array(
  z.object({ firstSeq: wholeNumber, lastSeq: wholeNumber, count: wholeNumber, reason: z.string(), time: z.number() }),
);

/** More than this are folded together, so that a disk that fails all day stays a small file. */
const most = 1000;

/**
 * What is known about seqs that are no longer in the segments. A hole in the sequence is a loss with or without this file: it
 * only adds how many readings, why and when.
 */
export class KnownGaps {
  readonly #files: SpoolFiles;
  readonly #folder: string;
  #gaps: Gap[];

  private constructor(files: SpoolFiles, folder: string, gaps: readonly Gap[]) {
    this.#files = files;
    this.#folder = folder;
    this.#gaps = [...gaps];
  }

  static async open(files: SpoolFiles, folder: string): Promise<KnownGaps> {
    return new KnownGaps(files, folder, parseGaps(await files.readText(`${folder}/gaps`)));
  }

  /** Last seq of the last gap; 0 without one. */
  get last(): number {
    return this.#gaps.at(-1)?.lastSeq ?? 0;
  }

  /** The gap that holds `seq`, cut to begin there; its count is the whole gap's. */
  at(seq: number): Gap | undefined {
    const gap = this.#gaps.find((one) => one.firstSeq <= seq && seq <= one.lastSeq);
    return gap === undefined ? undefined : { ...gap, firstSeq: seq };
  }

  /** First seq after `seq` that is in a known gap. */
  nextAfter(seq: number): number | undefined {
    return this.#gaps.find((one) => one.firstSeq > seq)?.firstSeq;
  }

  /** Remembers a loss durably. */
  async add(gap: Gap): Promise<void> {
    const rest = this.#gaps.filter((one) => one.lastSeq < gap.firstSeq || one.firstSeq > gap.lastSeq);
    const swallowed = this.#gaps.filter((one) => one.firstSeq >= gap.firstSeq && one.lastSeq <= gap.lastSeq && !rest.includes(one));
    const count = swallowed.reduce((sum, one) => sum + one.count, gap.count);
    this.#gaps = fold([...rest, { ...gap, count }].sort((a, b) => a.firstSeq - b.firstSeq));
    await this.#save();
  }

  /** Forgets what has been told up to here. Not written at once: telling a loss twice does no harm. */
  trim(acked: number): void {
    this.#gaps = this.#gaps.filter((gap) => gap.lastSeq > acked);
  }

  #save(): Promise<void> {
    return replaceFile(this.#files, this.#folder, { name: "gaps", text: JSON.stringify(this.#gaps) });
  }
}

/** Neighbours that were lost for the same reason become one. */
function fold(gaps: readonly Gap[]): Gap[] {
  const folded: Gap[] = [];
  for (const gap of gaps) {
    const before = folded.at(-1);
    if (before !== undefined && before.lastSeq + 1 >= gap.firstSeq && (before.reason === gap.reason || gaps.length > most)) {
      folded[folded.length - 1] = { ...before, lastSeq: Math.max(before.lastSeq, gap.lastSeq), count: before.count + gap.count };
    } else folded.push(gap);
  }
  return folded;
}

function parseGaps(text: string | undefined): readonly Gap[] {
  if (text === undefined) return [];
  try {
    return gapList.parse(JSON.parse(text));
  } catch {
    // Damaged: the holes themselves are still found.
    return [];
  }
}
