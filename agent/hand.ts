import type { SpoolEntry } from "./spool/reader.ts";
import type { Spool } from "./spool/spool.ts";

export type SpoolRecord = SpoolEntry & { readonly kind: "record" };

/** What one request of catch-up carries at most, beside the first record. */
const most = { records: 64, bytes: 1 << 20, readings: 50_000 };

/**
 * Entries that were taken out of the spool and are not acknowledged. They are sent from here again when they have to be, for
 * their segment may be gone by then.
 */
export class Hand {
  readonly #spool: Pick<Spool, "next" | "stats">;
  #entries: readonly SpoolEntry[] = [];

  constructor(spool: Pick<Spool, "next" | "stats">) {
    this.#spool = spool;
  }

  /** The entry that `seq` belongs to, as soon as there is one; undefined when the signal aborts first. */
  async at(seq: number, signal: AbortSignal): Promise<SpoolEntry | undefined> {
    const held = this.#entries.find((entry) => firstOf(entry) <= seq && seq <= lastOf(entry));
    if (held !== undefined && (held.kind === "record" || held.gap.firstSeq === seq)) return held;
    const entry = await this.#spool.next(seq, signal);
    if (entry !== undefined) this.#entries = [...this.#entries, entry];
    return entry;
  }

  /**
   * The records that follow `first` without a jump and are there already, `first` among them. Numbers mean the same throughout:
   * they stand in one segment, or begin the next.
   */
  async run(first: SpoolRecord, signal: AbortSignal): Promise<readonly SpoolRecord[]> {
    const run = [first];
    let bytes = first.payload.length;
    let readings = first.count;
    for (let last = first; run.length < most.records && last.seq < this.#spool.stats().lastSeq; ) {
      const entry = await this.at(last.seq + 1, signal);
      if (entry?.kind !== "record" || (entry.segment !== last.segment && entry.segment !== entry.seq)) break;
      bytes += entry.payload.length;
      readings += entry.count;
      if (bytes > most.bytes || readings > most.readings) break;
      run.push(entry);
      last = entry;
    }
    return run;
  }

  /** Everything up to `seq` is dealt with. */
  drop(seq: number): void {
    this.#entries = this.#entries.filter((entry) => lastOf(entry) > seq);
  }

  /** The spool has something else in the place of this entry now. */
  forget(entry: SpoolEntry): void {
    this.#entries = this.#entries.filter((held) => held !== entry);
  }
}

function firstOf(entry: SpoolEntry): number {
  return entry.kind === "record" ? entry.seq : entry.gap.firstSeq;
}

/** The seq that an entry is sent under. */
export function lastOf(entry: SpoolEntry): number {
  return entry.kind === "record" ? entry.seq : entry.gap.lastSeq;
}
