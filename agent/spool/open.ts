import type { Log } from "../../core/log.ts";
import { AckSlots } from "./ack.ts";
import { openEpoch } from "./epoch.ts";
import { nodeFiles, type SpoolFiles } from "./files.ts";
import { KnownGaps } from "./gaps.ts";
import { takeLock } from "./lock.ts";
import { recoverNewest } from "./recovery.ts";
import { Segments } from "./segments.ts";
import { Spool, type SpoolOptions } from "./spool.ts";

/** Opens or creates a spool and recovers what a kill or a power cut left. Throws SpoolLockedError where another agent has it. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { dir, log, clock } = options;
  const files = options.files ?? nodeFiles;
  await files.makeFolder(dir);
  const unlock = await takeLock(files, dir);
  try {
    const epoch = await openEpoch(files, dir);
    const acks = await AckSlots.open(files, dir);
    const gaps = await KnownGaps.open(files, dir);
    const segments = await Segments.open(files, dir, log);
    const last = await recover({ files, folder: dir, log, now: clock.now() }, { segments, gaps, acked: acks.seq });
    return new Spool({ ...options, files }, { epoch, acks, gaps, segments, last, unlock });
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Newest seq that was ever used. */
async function recover(
  place: { readonly files: SpoolFiles; readonly folder: string; readonly log: Log; readonly now: number },
  found: { readonly segments: Segments; readonly gaps: KnownGaps; readonly acked: number },
): Promise<number> {
  const { segments, gaps, acked } = found;
  const newest = segments.newest;
  let last = Math.max(acked, gaps.last);
  if (newest !== undefined) {
    const recovered = await recoverNewest(place, newest);
    last = Math.max(last, recovered.last, newest.first - 1);
    if (recovered.torn !== undefined && recovered.torn.firstSeq > acked) {
      await gaps.add(recovered.torn).catch((error: unknown) => place.log.warn({ err: error }, "spool gap could not be written"));
      last = Math.max(last, recovered.torn.lastSeq);
    }
    await segments.removeAcked(acked, undefined);
    if (segments.count === 1 && (newest.end === 0 || acked >= last)) await segments.remove(newest);
  }
  return last;
}
