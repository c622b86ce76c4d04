import type { ByteOrder, RegisterType } from "../../../config/modbus.ts";

/** Integers of 64 bits stay exact as bigint; everything else fits a number. */
export type RawValue = number | bigint;

/** How a type reads its bytes once they stand most significant first. The only place where widths and signs are known. */
const readers: Readonly<Record<RegisterType, (bytes: DataView) => RawValue>> = {
  int8h: (bytes) => bytes.getInt8(0),
  int8l: (bytes) => bytes.getInt8(1),
  uint8h: (bytes) => bytes.getUint8(0),
  uint8l: (bytes) => bytes.getUint8(1),
  int16: (bytes) => bytes.getInt16(0),
  uint16: (bytes) => bytes.getUint16(0),
  float16: (bytes) => binary16(bytes.getUint16(0)),
  int32: (bytes) => bytes.getInt32(0),
  uint32: (bytes) => bytes.getUint32(0),
  float32: (bytes) => bytes.getFloat32(0),
  int64: (bytes) => bytes.getBigInt64(0),
  uint64: (bytes) => bytes.getBigUint64(0),
  float64: (bytes) => bytes.getFloat64(0),
};

/**
 * What an order means at any width: bytes swapped within each register, registers swapped within the value. So 64-bit values
 * are ABCDEFGH, HGFEDCBA, BADCFEHG and GHEFCDAB, as Telegraf and the FieldServer functions have them.
 */
const swaps: Readonly<Record<ByteOrder, { readonly bytes: boolean; readonly registers: boolean }>> = {
  ABCD: { bytes: false, registers: false },
  BADC: { bytes: true, registers: false },
  CDAB: { bytes: false, registers: true },
  DCBA: { bytes: true, registers: true },
};

const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** The bytes of one value, as on the wire, put most significant first into `into`. */
export function arrange(wire: Uint8Array, order: ByteOrder, into: Uint8Array): void {
  const swap = swaps[order];
  const last = wire.length - 2;
  for (let at = 0; at < wire.length; at += 2) {
    const from = swap.registers ? last - at : at;
    into[at] = wire[from + (swap.bytes ? 1 : 0)] ?? 0;
    into[at + 1] = wire[from + (swap.bytes ? 0 : 1)] ?? 0;
  }
}

/** Reads one value from exactly the registers it fills. */
export function decode(wire: Uint8Array, type: RegisterType, order: ByteOrder): RawValue {
  arrange(wire, order, scratch);
  return readers[type](scratchView);
}

/** One bit of an integer, 0 the least significant. */
export function bitOf(raw: RawValue, bit: number): number {
  return Number((BigInt(raw) >> BigInt(bit)) & 1n);
}

/** Bits of IEEE 754 binary16 to a number: sign 1, exponent 5, fraction 10. */
function binary16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
