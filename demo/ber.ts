/** As much of ASN.1 BER (ITU-T X.690) as an SNMPv1/v2c agent needs. */

export interface Element {
  readonly tag: number;
  readonly body: Buffer;
  /** Offset after this element in the buffer that it was read from. */
  readonly end: number;
}

/** Reads the element at `at`; throws RangeError where the bytes do not hold one. */
export function readElement(bytes: Buffer, at: number): Element {
  const tag = bytes.readUInt8(at);
  let length = bytes.readUInt8(at + 1);
  let start = at + 2;
  if (length >= 0x80) {
    const size = length & 0x7f;
    if (size === 0 || size > 4) throw new RangeError(`a length of ${size} bytes`);
    length = bytes.readUIntBE(start, size);
    start += size;
  }
  if (start + length > bytes.length) throw new RangeError(`an element of ${length} bytes passes the end`);
  return { tag, body: bytes.subarray(start, start + length), end: start + length };
}

/** The elements inside a constructed one. */
export function readAll(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = readElement(bytes, at);
    found.push(element);
    at = element.end;
  }
  return found;
}

export function readInteger(body: Buffer): number {
  if (body.length === 0 || body.length > 6) throw new RangeError(`an integer of ${body.length} bytes`);
  return body.readIntBE(0, body.length);
}

export function readOid(body: Buffer): number[] {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of body) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs.shift() ?? 0;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...arcs];
}

export function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = body.length < 0x100 ? 1 : 2;
  const head = Buffer.alloc(2 + size);
  head.writeUInt8(tag, 0);
  head.writeUInt8(0x80 | size, 1);
  head.writeUIntBE(body.length, 2, size);
  return Buffer.concat([head, body]);
}

/** Smallest two's complement form, as BER demands; also of unsigned types, which gain a zero byte when their top bit is set. */
export function integerBody(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  } while (!((rest === 0n && (bytes[0] ?? 0) < 0x80) || (rest === -1n && (bytes[0] ?? 0) >= 0x80)));
  return Buffer.from(bytes);
}

export function oidBody(arcs: readonly number[]): Buffer {
  const bytes: number[] = [];
  const [top = 0, second = 0, ...rest] = arcs;
  for (const arc of [top * 40 + second, ...rest]) {
    const septets = [arc & 0x7f];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) septets.unshift((high & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return Buffer.from(bytes);
}
