import { parseHeader, payloadMatches, type RecordHeader, recordHeaderBytes, recordMagicBytes } from "../../core/record.ts";
import type { SpoolFile } from "./files.ts";

/** A stretch of a segment: a whole record, or bytes that are none. `next` is the offset after it. */
export type Stretch =
  | { readonly kind: "record"; readonly header: RecordHeader; readonly payload: Buffer; readonly next: number }
  | {
      readonly kind: "damaged";
      /** Known where only the payload is damaged or cut. */
      readonly header: RecordHeader | undefined;
      readonly next: number;
    };

const headBytes = 32 * 1024;
const chunkBytes = 256 * 1024;

/** An open segment as far as it may be read, a chunk at a time: what lies before `end` never changes. */
export class Extent {
  readonly #file: SpoolFile;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Offset that nothing is read beyond; grows while the segment is written. */
  end: number;

  constructor(file: SpoolFile, end: number) {
    this.#file = file;
    this.end = end;
  }

  /** Bytes from `offset`, fewer than `length` only at the end. A view that later calls leave alone. */
  async bytes(offset: number, length: number): Promise<Buffer> {
    const until = Math.min(offset + length, this.end);
    if (offset < this.#at || until > this.#at + this.#chunk.length) {
      const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(Math.max(length, chunkBytes), this.end - offset)));
      const have = await this.#file.read(chunk, offset);
      this.#chunk = chunk.subarray(0, have);
      this.#at = offset;
    }
    return this.#chunk.subarray(offset - this.#at, until - this.#at);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The stretch that begins at `offset`, or undefined at the end. After damage it goes on at the next whole record. */
export async function stretchAt(extent: Extent, offset: number): Promise<Stretch | undefined> {
  if (offset >= extent.end) return undefined;
  const head = await extent.bytes(offset, headBytes);
  const header = parseHeader(head);
  if (header === undefined) return { kind: "damaged", header, next: await findRecord(extent, offset + 1) };
  const size = recordHeaderBytes + header.length;
  const whole = size <= head.length ? head : await extent.bytes(offset, size);
  const payload = whole.subarray(recordHeaderBytes, size);
  if (payloadMatches(header, payload)) return { kind: "record", header, payload, next: offset + size };
  const cut = offset + size > extent.end;
  return { kind: "damaged", header, next: cut ? await findRecord(extent, offset + 1) : offset + size };
}

/** Offset of the first record header at or after `from` whose payload matches too; the extent's end where there is none. */
async function findRecord(extent: Extent, from: number): Promise<number> {
  for (let at = from; at < extent.end; ) {
    const chunk = await extent.bytes(at, headBytes);
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
  const header = parseHeader(await extent.bytes(offset, recordHeaderBytes));
  if (header === undefined) return false;
  return payloadMatches(header, await extent.bytes(offset + recordHeaderBytes, header.length));
}
