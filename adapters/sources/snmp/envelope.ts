/** What the outside of an SNMP message says, read without decoding what is in it. */
export interface Envelope {
  /** As on the wire: 0 is v1, 1 is v2c, 3 is v3. */
  readonly version: number;
  /** request-id of v1 and v2c, msgID of v3. */
  readonly id: number;
  /** msgFlags of v3 (RFC 3412 §6.4): 1 authenticated, 2 encrypted, 4 reportable; 0 for v1 and v2c. */
  readonly flags: number;
  /** Tag of the PDU; undefined where it is encrypted. */
  readonly pdu: number | undefined;
}

export const pduTag = {
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  getBulk: 0xa5,
  trap1: 0xa4,
  inform: 0xa6,
  trap2: 0xa7,
  report: 0xa8,
} as const;

const integer = 0x02;
const octets = 0x04;
const sequence = 0x30;

/** Reads BER tags and lengths forward; every step is false or undefined once the bytes do not fit. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Enters a value with this tag; its length in bytes, or undefined where it does not fit into what is there. */
  open(tag: number): number | undefined {
    if (this.#bytes[this.#at] !== tag) return undefined;
    let length = this.#bytes[this.#at + 1];
    if (length === undefined) return undefined;
    let at = this.#at + 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4) return undefined;
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + (this.#bytes[at++] ?? 0);
    }
    if (at + length > this.#bytes.length) return undefined;
    this.#at = at;
    return length;
  }

  skip(tag: number): boolean {
    const length = this.open(tag);
    if (length === undefined) return false;
    this.#at += length;
    return true;
  }

  /** An INTEGER of at most 4 bytes. */
  int(): number | undefined {
    const length = this.open(integer);
    if (length === undefined || length === 0 || length > 4) return undefined;
    let value = ((this.#bytes[this.#at] ?? 0) << 24) >> 24;
    for (let i = 1; i < length; i++) value = value * 256 + (this.#bytes[this.#at + i] ?? 0);
    this.#at += length;
    return value;
  }

  /** An OCTET STRING of one byte. */
  octet(): number | undefined {
    if (this.open(octets) !== 1) return undefined;
    return this.#bytes[this.#at++];
  }
}

/** The envelope of a message (RFC 1157 §4, RFC 3416 §3, RFC 3412 §6); undefined where the bytes are not one, or end too soon. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  const cursor = new Cursor(bytes);
  if (cursor.open(sequence) === undefined) return undefined;
  const version = cursor.int();
  if (version === 3) return readSecure(cursor);
  if ((version !== 0 && version !== 1) || !cursor.skip(octets)) return undefined;
  const pdu = cursor.tag;
  if (pdu === undefined || cursor.open(pdu) === undefined) return undefined;
  const id = cursor.int();
  return id === undefined ? undefined : { version, id, flags: 0, pdu };
}

function readSecure(cursor: Cursor): Envelope | undefined {
  if (cursor.open(sequence) === undefined) return undefined;
  const id = cursor.int();
  const largest = cursor.int();
  const flags = cursor.octet();
  const model = cursor.int();
  if (id === undefined || largest === undefined || flags === undefined || model !== 3 || !cursor.skip(octets)) return undefined;
  if (cursor.tag === octets) return cursor.skip(octets) ? { version: 3, id, flags, pdu: undefined } : undefined;
  if (cursor.open(sequence) === undefined || !cursor.skip(octets) || !cursor.skip(octets)) return undefined;
  return { version: 3, id, flags, pdu: cursor.tag };
}
