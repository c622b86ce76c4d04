import type { SpoolFile } from "./files.ts";
import { parseHeader, payloadMatches, type RecordHeader, recordHeaderBytes, recordMagicBytes } from "./record.ts";

/** A stretch of a segment: a whole record, or bytes that are none. `next` is the offset after it. */
export type Stretch =
  | { readonly kind: "record"; readonly header: RecordHeader; readonly payload: Buffer; readonly next: number }
  | {
      readonly kind: "damaged";
      /** Known where only the payload is damaged or cut. */
      readonly header: RecordHeader | undefined;
      readonly next: number;
    };

const chunkBytes = 64 * 1024;

/** Part of an open segment that may be read. */
export interface Extent {
  readonly file: SpoolFile;
  readonly end: number;
}

/** The stretch that begins at `offset`, or undefined at the end. After damage it goes on at the next whole record. */
export async function stretchAt(extent: Extent, offset: number): Promise<Stretch | undefined> {
  if (offset >= extent.end) return undefined;
  const head = await bytesAt(extent, offset, chunkBytes);
  const header = parseHeader(head);
  if (header === undefined) return { kind: "damaged", header, next: await findRecord(extent, offset + 1) };
  const size = recordHeaderBytes + header.length;
  const whole = size <= head.length ? head : await bytesAt(extent, offset, size);
  const payload = whole.subarray(recordHeaderBytes, size);
  if (payloadMatches(header, payload)) return { kind: "record", header, payload, next: offset + size };
  const cut = offset + size > extent.end;
  return { kind: "damaged", header, next: cut ? await findRecord(extent, offset + 1) : offset + size };
}

/** Offset of the first record header at or after `from` whose payload matches too; the extent's end where there is none. */
async function findRecord(extent: Extent, from: number): Promise<number> {
  for (let at = from; at < extent.end; ) {
    const chunk = await bytesAt(extent, at, chunkBytes);
    const found = chunk.indexOf(recordMagicBytes);
    if (found >= 0) {
      if (await isRecord(extent, at + found)) return at + found;
      at += found + 1;
    } else {
      // The magic may lie across two chunks.
      at += Math.max(1, chunk.length - (recordMagicBytes.length - 1));
    }
  }
  return extent.end;
}

async function isRecord(extent: Extent, offset: number): Promise<boolean> {
  const header = parseHeader(await bytesAt(extent, offset, recordHeaderBytes));
  if (header === undefined) return false;
  return payloadMatches(header, await bytesAt(extent, offset + recordHeaderBytes, header.length));
}

async function bytesAt(extent: Extent, offset: number, length: number): Promise<Buffer> {
  const into = Buffer.allocUnsafe(Math.max(0, Math.min(length, extent.end - offset)));
  const have = await extent.file.read(into, offset);
  return into.subarray(0, have);
}
