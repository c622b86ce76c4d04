/** ASN.1 BER (ITU-T X.690) as far as SNMP goes: tags of one byte, definite lengths. */

/** Tags of what SNMP messages are made of (RFC 3416 §3, RFC 2578 §7.1, RFC 1155 §3.2.3). */
export const tag = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  address: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  ticks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const;

/** Bytes that cannot be read as what they should be. */
export class Malformed extends Error {}

/** Reads forward. Every step throws Malformed where the bytes do not fit, so nothing is read past the end. */
export class BerReader {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get tag(): number {
    return this.at < this.end ? (this.bytes[this.at] ?? 0) : 0;
  }

  /** Enters the element at hand, whatever its tag; where its content ends. */
  enter(): number {
    const { bytes } = this;
    let at = this.at + 2;
    if (at > this.end) throw new Malformed("an element that passes the end");
    let length = bytes[at - 1] ?? 0;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4 || at + size > this.end) throw new Malformed(`a length of ${size} bytes`);
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + (bytes[at++] ?? 0);
    }
    if (at + length > this.end) throw new Malformed(`an element of ${length} bytes passes the end`);
    this.at = at;
    return at + length;
  }

  /** Enters an element that must have this tag. */
  open(expected: number): number {
    if (this.at >= this.end || this.bytes[this.at] !== expected)
      throw new Malformed(`tag 0x${this.tag.toString(16)} where 0x${expected.toString(16)} was expected`);
    return this.enter();
  }

  /** An INTEGER of at most 4 bytes. */
  int(): number {
    const end = this.open(tag.integer);
    const value = signed(this.bytes, this.at, end);
    if (Number.isNaN(value)) throw new Malformed(`an INTEGER of ${end - this.at} bytes`);
    this.at = end;
    return value;
  }

  /** An OCTET STRING, as a view. */
  octets(): Uint8Array {
    const end = this.open(tag.octets);
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }
}

/** Two's complement of 1 to 4 bytes, or of more that say no more; NaN otherwise. */
export function signed(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start) return Number.NaN;
  const first = bytes[start] ?? 0;
  if (end - start > 4) return first === 0 && (bytes[start + 1] ?? 0) < 0x80 ? signed(bytes, start + 1, end) : Number.NaN;
  let value = (first << 24) >> 24;
  for (let at = start + 1; at < end; at++) value = (value << 8) | (bytes[at] ?? 0);
  return value;
}

/** 32 bits without sign: 1 to 4 bytes, or 5 with a zero before them; agents that forget the zero are understood. NaN otherwise. */
export function unsigned(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (end - at > 4) if (bytes[at++] !== 0) return Number.NaN;
  if (end <= at) return Number.NaN;
  let value = 0;
  for (; at < end; at++) value = value * 256 + (bytes[at] ?? 0);
  return value;
}

/** The writer's room: no request comes near it. */
const room = 65_536;

/** Writes backward, so that every length is known when it is written. One for all messages: `take` copies out. */
export class BerWriter {
  readonly bytes = Buffer.allocUnsafe(room);
  /** Where the last thing that was written begins. */
  at = room;

  clear(): void {
    this.at = room;
  }

  /** Tag and length of an element whose content ends at `end`. */
  wrap(elementTag: number, end: number): void {
    const length = end - this.at;
    if (length < 0x80) this.byte(length);
    else {
      let size = 0;
      for (let rest = length; rest > 0; rest >>>= 8, size++) this.byte(rest & 0xff);
      this.byte(0x80 | size);
    }
    this.byte(elementTag);
  }

  byte(value: number): void {
    if (this.at === 0) throw new RangeError(`an SNMP message of more than ${room} bytes`);
    this.bytes[--this.at] = value;
  }

  /** A range of bytes as they are. */
  copy(from: Uint8Array, start = 0, end = from.length): void {
    const length = end - start;
    if (length > this.at) throw new RangeError(`an SNMP message of more than ${room} bytes`);
    this.at -= length;
    if (length > 32) this.bytes.set(from.subarray(start, end), this.at);
    else for (let i = 0; i < length; i++) this.bytes[this.at + i] = from[start + i] ?? 0;
  }

  int(value: number): void {
    const end = this.at;
    let rest = value | 0;
    // As few bytes as keep the sign (X.690 §8.3.2).
    while (rest < -128 || rest > 127) {
      this.byte(rest & 0xff);
      rest >>= 8;
    }
    this.byte(rest & 0xff);
    this.wrap(tag.integer, end);
  }

  octets(value: Uint8Array): void {
    const end = this.at;
    this.copy(value);
    this.wrap(tag.octets, end);
  }

  /** What was written, on its own. */
  take(): Buffer {
    return Buffer.from(this.bytes.subarray(this.at));
  }
}
