import { inflateRaw } from "node:zlib";
import { decodeBatch, type Gap, type NumberedSeries } from "../../core/batch.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { SpoolFiles } from "./files.ts";
import type { KnownGaps } from "./gaps.ts";
import { Extent, stretchAt } from "./scan.ts";
import type { Segment, Segments } from "./segments.ts";

/** What comes next in the order of seq: a record to send as it is, or the news that some are gone. */
export type SpoolEntry =
  | { readonly kind: "record"; readonly seq: number; readonly count: number; readonly payload: Buffer; readonly segment: number }
  | { readonly kind: "gap"; readonly gap: Gap };

export interface ReaderPlace {
  readonly files: SpoolFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly segments: Segments;
  readonly gaps: KnownGaps;
}

interface Cursor {
  readonly segment: Segment;
  readonly extent: Extent;
  offset: number;
  /** Every record before `offset` has a seq below this. */
  seq: number;
}

/** Reads segments in order, one record in memory at a time. One caller at once. */
export class SpoolReader {
  readonly #place: ReaderPlace;
  #cursor: Cursor | undefined;

  constructor(place: ReaderPlace) {
    this.#place = place;
  }

  /** The entry that `seq` belongs to; `last` is the newest seq there is, and `seq` is not above it. */
  async entryAt(seq: number, last: number): Promise<SpoolEntry> {
    const known = this.#place.gaps.at(seq);
    if (known !== undefined) return { kind: "gap", gap: known };
    const end = Math.min(last, (this.#place.gaps.nextAfter(seq) ?? Number.POSITIVE_INFINITY) - 1);
    const segment = this.#place.segments.holding(seq);
    if (segment === undefined) return this.#hole({ seq, end: Math.min(end, (this.#place.segments.firstSeq ?? end + 1) - 1), count: 0 });
    const bound = Math.min(end, (this.#place.segments.firstAfter(segment) ?? end + 1) - 1);
    return this.#find(await this.#seek(segment, seq), { seq, bound });
  }

  /** Descriptions that the segment of `seq` gives before that record: what its numbers mean there. */
  async descriptionsBefore(seq: number): Promise<readonly NumberedSeries[]> {
    const segment = this.#place.segments.holding(seq);
    const series = new Map<number, NumberedSeries>();
    if (segment === undefined) return [];
    const extent = await this.#open(segment);
    try {
      for (let offset = 0; ; ) {
        const found = await stretchAt(extent, offset);
        if (found === undefined || (found.header !== undefined && found.header.seq >= seq)) break;
        if (found.kind === "record") for (const one of await seriesOf(found.payload)) series.set(one.number, one);
        offset = found.next;
      }
    } finally {
      await extent.close();
    }
    return [...series.values()];
  }

  /** Readings in a segment from `seq` on, of records that are in no known gap. */
  async countFrom(segment: Segment, seq: number): Promise<number> {
    const extent = await this.#open(segment);
    let count = 0;
    try {
      for (let offset = 0; ; ) {
        const found = await stretchAt(extent, offset);
        if (found === undefined) return count;
        if (found.header !== undefined && found.header.seq >= seq && this.#place.gaps.at(found.header.seq) === undefined)
          count += found.header.count;
        offset = found.next;
      }
    } finally {
      await extent.close();
    }
  }

  async close(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = undefined;
    if (cursor !== undefined) await cursor.extent.close();
  }

  async #open(segment: Segment): Promise<Extent> {
    return new Extent(await this.#place.files.open(segment.path, "read"), segment.end);
  }

  async #seek(segment: Segment, seq: number): Promise<Cursor> {
    const cursor = this.#cursor;
    if (cursor !== undefined && cursor.segment === segment && cursor.seq <= seq) return cursor;
    await this.close();
    const fresh = { segment, extent: await this.#open(segment), offset: 0, seq: segment.first };
    this.#cursor = fresh;
    return fresh;
  }

  async #find(cursor: Cursor, wanted: { readonly seq: number; readonly bound: number }): Promise<SpoolEntry> {
    const { seq, bound } = wanted;
    cursor.seq = seq;
    cursor.extent.end = cursor.segment.end;
    let lost = 0;
    // The cursor only passes what lies before `seq`: a hole that is asked for again is counted again.
    for (let offset = cursor.offset; ; ) {
      const found = await stretchAt(cursor.extent, offset);
      if (found === undefined) return this.#hole({ seq, end: bound, count: lost });
      const at = found.header?.seq;
      if (found.kind === "damaged") {
        this.#noteDamage(cursor.segment, { offset, bytes: found.next - offset });
        if (at !== undefined && at >= seq && at <= bound) lost += found.header?.count ?? 0;
      } else if (found.header.seq > seq && found.header.seq <= bound) {
        return this.#hole({ seq, end: found.header.seq - 1, count: lost });
      } else if (found.header.seq <= seq) cursor.offset = found.next;
      if (found.kind === "record" && at === seq) {
        cursor.seq = seq + 1;
        return { kind: "record", seq, count: found.header.count, payload: found.payload, segment: cursor.segment.first };
      }
      offset = found.next;
    }
  }

  #noteDamage(segment: Segment, place: { readonly offset: number; readonly bytes: number }): void {
    if (!segment.damaged) this.#place.log.error({ segment: segment.path, ...place }, "spool segment holds bytes that are no record");
    segment.damaged = true;
  }

  #hole(hole: { readonly seq: number; readonly end: number; readonly count: number }): SpoolEntry {
    const reason = hole.count > 0 ? "damaged on disk" : "not in the spool";
    const lastSeq = Math.max(hole.seq, hole.end);
    return { kind: "gap", gap: { firstSeq: hole.seq, lastSeq, count: hole.count, reason, time: this.#place.clock.now() } };
  }
}

async function seriesOf(payload: Buffer): Promise<readonly NumberedSeries[]> {
  const bytes = await new Promise<Buffer>((resolve, reject) =>
    inflateRaw(payload, (error, inflated) => (error === null ? resolve(inflated) : reject(error))),
  );
  // Written by this program and checked by its CRC: the shape is ours.
  const { series } = decodeBatch(bytes).preamble as { series?: readonly NumberedSeries[] };
  return series ?? [];
}
