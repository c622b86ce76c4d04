import { isBitTable, type ModbusTable } from "../../../config/modbus.ts";
import type { Span } from "./plan.ts";

/** Read requests only: function codes by table (Modbus Application Protocol V1.1b3 §6.1 to §6.4). Nothing else leaves this product. */
export const functionCodes = { coil: 1, discrete: 2, holding: 3, input: 4 } as const satisfies Readonly<Record<ModbusTable, number>>;

/** Registers or bits of one unit, as asked for. */
export interface UnitRead extends Span {
  readonly unit: number;
}

/** The seven bytes before a PDU on TCP (Modbus Messaging on TCP/IP V1.0b §3.1.3). */
export interface MbapHeader {
  readonly transaction: number;
  readonly protocol: number;
  /** Bytes from the unit on: 3 for an exception, 3 and those of the values otherwise. */
  readonly length: number;
  readonly unit: number;
}

/** Bytes that cannot be a reply to what was asked. The message says what was found and expected. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const headerBytes = 7;

/**
 * Cuts a TCP stream into replies, however it was split on the way. `check` sees every header before its body arrives and
 * throws FrameError to end it: after garbage there is no way to find the next frame.
 */
export class Deframer {
  #rest: Buffer = Buffer.alloc(0);

  /** Whole frames, from the unit on, in the order they arrived: what stands before garbage is still given. */
  *push(chunk: Buffer, check: (header: MbapHeader) => void): Generator<{ header: MbapHeader; body: Buffer }> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const header = headerAt(bytes, at);
      check(header);
      const end = at + 6 + header.length;
      if (bytes.length < end) break;
      yield { header, body: bytes.subarray(at + 6, end) };
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }
}

function headerAt(bytes: Buffer, at: number): MbapHeader {
  return {
    transaction: bytes.readUInt16BE(at),
    protocol: bytes.readUInt16BE(at + 2),
    length: bytes.readUInt16BE(at + 4),
    unit: bytes.readUInt8(at + 6),
  };
}

/** Throws FrameError unless a header can belong to the reply to `read`; `read` is undefined where nobody waits for that transaction. */
export function checkHeader(header: MbapHeader, read: UnitRead | undefined): void {
  const { transaction, protocol, length, unit } = header;
  if (protocol !== 0) throw new FrameError(`protocol id ${protocol} in the reply's header, expected 0`);
  if (read === undefined) throw new FrameError(`a reply to transaction ${transaction}, which nobody asked for`);
  const whole = 3 + valueBytes(read);
  if (length !== 3 && length !== whole) throw new FrameError(`a reply of ${length} bytes, expected ${whole} (or 3 for an exception)`);
  if (unit !== read.unit) throw new FrameError(`a reply of unit ${unit}, expected unit ${read.unit}`);
}

/** Throws FrameError unless a body (unit, function, ...) is a reply to `read`: its values, or an exception. */
export function checkBody(body: Buffer, read: UnitRead): void {
  const asked = functionCodes[read.table];
  const code = body.readUInt8(1);
  const isException = code === (asked | 0x80);
  if (code !== asked && !isException) throw new FrameError(`a reply with function code ${code}, expected ${asked}`);
  if (isException !== (body.length === 3)) throw new FrameError(`a reply of ${body.length} bytes with function code ${code}`);
  if (isException) return;
  const bytes = body.readUInt8(2);
  if (bytes !== valueBytes(read)) throw new FrameError(`a reply with ${bytes} bytes of values, expected ${valueBytes(read)}`);
}

/** How many bytes a reply has for these values: two for a register, one for each eight bits begun. */
function valueBytes({ table, count }: Span): number {
  return isBitTable(table) ? Math.ceil(count / 8) : 2 * count;
}

/**
 * What the values of a read that was answered hold for one span inside it: two bytes per register as on the wire, one byte
 * (0 or 1) per bit. On the wire the first bit is the least significant of the first byte.
 */
export function valuesOf(span: Span, read: Span, bytes: Uint8Array): Uint8Array {
  const at = span.address - read.address;
  if (!isBitTable(span.table)) return bytes.subarray(2 * at, 2 * (at + span.count));
  return Uint8Array.from({ length: span.count }, (_, index) => ((bytes[(at + index) >> 3] ?? 0) >> ((at + index) & 7)) & 1);
}

/** A request (unit, function, ...) with its header before it. */
export function withHeader(transaction: number, body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(6 + body.length);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(0, 2);
  frame.writeUInt16BE(body.length, 4);
  body.copy(frame, 6);
  return frame;
}

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** A body with the CRC that serial Modbus ends it with (Modbus over Serial Line V1.02 §6.2.2). */
export function withCrc(body: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of body) crc = (crc >> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0);
  const frame = Buffer.allocUnsafe(body.length + 2);
  body.copy(frame);
  frame.writeUInt16LE(crc, body.length);
  return frame;
}
