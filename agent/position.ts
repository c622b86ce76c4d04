import type { SpoolRecord } from "./hand.ts";

/** Where the shipper is: the seq it wants to send, and the record that this process had acknowledged last. */
export interface Position {
  seq: number;
  /** Seq and segment of the last acknowledged record; undefined after any jump. */
  last: { readonly seq: number; readonly segment: number } | undefined;
  /** Newest seq that was put on the wire under this epoch by this process. */
  tried: number;
}

/** True where the collector may not know what the numbers of this record mean: it does not follow what was acknowledged last. */
export function isJump({ last }: Position, entry: SpoolRecord): boolean {
  const follows = last !== undefined && last.segment === entry.segment && last.seq === entry.seq - 1;
  return !follows && entry.seq !== entry.segment;
}
