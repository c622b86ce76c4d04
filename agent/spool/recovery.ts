import type { Gap } from "../../core/batch.ts";
import type { Log } from "../../core/log.ts";
import type { SpoolFile, SpoolFiles } from "./files.ts";
import { keepBytes } from "./quarantine.ts";
import { Extent, stretchAt } from "./scan.ts";
import type { Segment } from "./segments.ts";

/** What the newest segment of a spool held when it was opened. */
export interface Recovered {
  /** Last seq that was found; 0 where there was none. */
  readonly last: number;
  /** A record that was being written when the power went. */
  readonly torn: Gap | undefined;
}

/**
 * Looks through the newest segment, the only one that can have been written to at the end, and cuts off a torn tail. Damage
 * further up is left where it is: the reader meets it in its turn.
 */
export async function recoverNewest(place: RecoveryPlace, segment: Segment): Promise<Recovered> {
  const file = await place.files.open(segment.path, "update");
  try {
    const extent = new Extent(file, segment.end);
    let last = 0;
    let good = 0;
    let tornSeq = 0;
    let tornCount = 0;
    for (let offset = 0; ; ) {
      const found = await stretchAt(extent, offset);
      if (found === undefined) break;
      const whole = found.kind === "record" || (found.header !== undefined && isWhole(found.header.length, offset, segment.end));
      if (whole && found.header !== undefined) {
        last = Math.max(last, found.header.seq);
        good = found.next;
      } else {
        tornSeq = found.header?.seq ?? 0;
        tornCount = found.header?.count ?? 0;
      }
      if (found.kind === "damaged") segment.damaged ||= whole || found.next < segment.end;
      offset = found.next;
    }
    if (good === segment.end) return { last, torn: undefined };
    await cutTail(place, { segment, file, good });
    const seq = Math.max(tornSeq, last + 1, segment.first);
    return { last, torn: { firstSeq: seq, lastSeq: seq, count: tornCount, reason: "torn at the end of a segment", time: place.now } };
  } finally {
    await file.close();
  }
}

export interface RecoveryPlace {
  readonly files: SpoolFiles;
  readonly folder: string;
  readonly log: Log;
  readonly now: number;
}

function isWhole(payloadBytes: number, offset: number, end: number): boolean {
  return offset + 28 + payloadBytes <= end;
}

async function cutTail(
  place: RecoveryPlace,
  cut: { readonly segment: Segment; readonly file: SpoolFile; readonly good: number },
): Promise<void> {
  const { segment, file, good } = cut;
  const tail = Buffer.alloc(Math.min(segment.end - good, 1 << 20));
  await file.read(tail, good);
  place.log.warn({ segment: segment.path, bytes: segment.end - good }, "spool segment ended in a torn record, cut off");
  await keepBytes(place.files, place.folder, { name: `${String(segment.first).padStart(20, "0")}.tail`, bytes: tail }).catch(() => {});
  await file.truncate(good);
  await file.sync();
  segment.end = good;
}
