import { crc32 } from "node:zlib";

/** "MWR1" in the file. */
const recordMagic = 0x3152574d;
export const recordMagicBytes: Buffer = Buffer.from("MWR1", "latin1");
export const recordHeaderBytes = 28;
/** Largest payload that is believed of a header: the collector takes no more either. */
export const maxPayloadBytes = 8 * 1024 * 1024;

/** What a record's header says: docs/delivery.md §2. */
export interface RecordHeader {
  readonly length: number;
  readonly seq: number;
  /** Readings in the batch. */
  readonly count: number;
  readonly payloadCrc: number;
}

/** Header and payload, as they stand in a segment. */
export function encodeRecord(record: { readonly seq: number; readonly count: number; readonly payload: Buffer }): Buffer {
  const { payload } = record;
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  bytes.writeUInt32LE(recordMagic, 0);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeBigUInt64LE(BigInt(record.seq), 8);
  bytes.writeUInt32LE(record.count, 16);
  bytes.writeUInt32LE(crc32(payload), 20);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  payload.copy(bytes, recordHeaderBytes);
  return bytes;
}

/** The header at `at`, or undefined where the bytes are no header. */
export function parseHeader(bytes: Buffer, at = 0): RecordHeader | undefined {
  if (bytes.length - at < recordHeaderBytes || bytes.readUInt32LE(at) !== recordMagic) return undefined;
  if (bytes.readUInt32LE(at + 24) !== crc32(bytes.subarray(at, at + 24))) return undefined;
  const length = bytes.readUInt32LE(at + 4);
  const seq = bytes.readBigUInt64LE(at + 8);
  if (length > maxPayloadBytes || seq > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { length, seq: Number(seq), count: bytes.readUInt32LE(at + 16), payloadCrc: bytes.readUInt32LE(at + 20) };
}

/** True when these are the bytes that the header was written for. */
export function payloadMatches(header: RecordHeader, payload: Buffer): boolean {
  return payload.length === header.length && crc32(payload) === header.payloadCrc;
}
