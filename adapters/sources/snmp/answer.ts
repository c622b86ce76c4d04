import { BerReader, Malformed, signed, tag, unsigned } from "./ber.ts";
import { type Count, counterIn, countOf, numberOf, textOf, type Varbind } from "./decode.ts";
import { decodeArcs, decodeOid, type Span } from "./oid.ts";

/** Most bytes of a Counter64's content: 64 bits, and one more for the sign. */
const counterBytes = 9;
/** Where a variable's name begins and ends, its tag, and where its value begins and ends. */
const fields = 5;
/** A variable has 6 bytes at least, a datagram 65,507. */
const scratch = new Uint16Array(Math.ceil((fields * 65_536) / 6));

/** The variables of one answer: where they are in the datagram. Nothing is decoded before it is asked for. */
export class Answer {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #places: Uint16Array;

  /** `bytes` are at most 65,535. */
  constructor(bytes: Buffer, places: Uint16Array) {
    this.#bytes = bytes;
    this.#places = places;
    this.count = places.length / fields;
  }

  /** Bytes of the datagram, or of what was encrypted in it. */
  get size(): number {
    return this.#bytes.length;
  }

  /** The name of a variable. */
  name(i: number): Span {
    const at = i * fields;
    return { bytes: this.#bytes, start: this.#places[at] ?? 0, end: this.#places[at + 1] ?? 0 };
  }

  /** Where the index of a variable below a column begins in the datagram; -1 where the variable is not below it. */
  indexUnder(column: Uint8Array, i: number): number {
    const at = i * fields;
    const start = this.#places[at] ?? 0;
    const index = start + column.length;
    if (index >= (this.#places[at + 1] ?? 0)) return -1;
    // From the end: columns of one table differ in their last bytes.
    for (let k = column.length - 1; k >= 0; k--) if (this.#bytes[start + k] !== column[k]) return -1;
    return index;
  }

  /** True when a variable's name, from `index` on, reads as these bytes. */
  endsWith(i: number, index: number, { bytes, start, end }: Span): boolean {
    const length = end - start;
    if ((this.#places[i * fields + 1] ?? 0) - index !== length) return false;
    for (let k = 0; k < length; k++) if (this.#bytes[index + k] !== bytes[start + k]) return false;
    return true;
  }

  /** What follows `index` in a variable's name. */
  indexFrom(i: number, index: number): Span {
    return { bytes: this.#bytes, start: index, end: this.#places[i * fields + 1] ?? 0 };
  }

  /** The same as dotted text; undefined where it is no part of an OID. */
  indexText(i: number, index: number): string | undefined {
    return decodeArcs(this.#bytes, index, this.#places[i * fields + 1] ?? 0);
  }

  isAbsent(i: number): boolean {
    const type = this.#tag(i);
    return type >= tag.noSuchObject && type <= tag.endOfMibView;
  }

  /** As numberOf of the variable, without making it. */
  number(i: number): number {
    const at = i * fields;
    const [start, end] = [this.#places[at + 3] ?? 0, this.#places[at + 4] ?? 0];
    switch (this.#places[at + 2]) {
      case tag.integer:
        return signed(this.#bytes, start, end);
      case tag.counter32:
      case tag.gauge32:
      case tag.ticks:
        return unsigned(this.#bytes, start, end);
      case tag.counter64:
        return end - start > counterBytes ? Number.NaN : counterIn(this.#bytes, start, end);
      default:
        return numberOf(this.#typed(i));
    }
  }

  /** As unsignedOf. */
  unsigned(i: number): number {
    const value = this.number(i);
    return value < 0 && this.#tag(i) === tag.integer ? value + 2 ** 32 : value;
  }

  /** As countOf. */
  counted(i: number): Count | undefined {
    return countOf(this.#typed(i));
  }

  /** As textOf; undefined where there is none. */
  text(i: number): string | undefined {
    return textOf(this.#typed(i));
  }

  /** The value alone. */
  value(i: number): Pick<Varbind, "type" | "value"> {
    return this.#typed(i);
  }

  /** True when a variable is a NULL, which no value is. */
  isNull(i: number): boolean {
    return this.#tag(i) === tag.null;
  }

  /** The variable with its name as text. Throws Malformed where the name is no OID. */
  varbind(i: number): Varbind {
    const { bytes, start, end } = this.name(i);
    const oid = decodeOid(bytes, start, end);
    if (oid === undefined) throw new Malformed(`variable ${i + 1} of ${this.count} has a name that is no OID`);
    return { oid, ...this.#typed(i) };
  }

  varbinds(): readonly Varbind[] {
    return Array.from({ length: this.count }, (_, i) => this.varbind(i));
  }

  #tag(i: number): number {
    return this.#places[i * fields + 2] ?? 0;
  }

  #typed(i: number): Pick<Varbind, "type" | "value"> {
    const at = i * fields;
    const type = this.#tag(i);
    const value = valueIn(type, this.#bytes, this.#places[at + 3] ?? 0, this.#places[at + 4] ?? 0);
    return value === undefined || Number.isNaN(value) ? { type: 0, value: null } : { type, value };
  }
}

/** Undefined or NaN where the content cannot be a value of this type. */
function valueIn(type: number, bytes: Buffer, start: number, end: number): Varbind["value"] | undefined {
  switch (type) {
    case tag.integer:
      return signed(bytes, start, end);
    case tag.counter32:
    case tag.gauge32:
    case tag.ticks:
      return unsigned(bytes, start, end);
    case tag.octets:
    case tag.opaque:
      return bytes.subarray(start, end);
    case tag.counter64:
      return end - start > counterBytes ? undefined : bytes.subarray(start, end);
    case tag.oid:
      return decodeOid(bytes, start, end);
    case tag.address:
      return end - start === 4 ? bytes.subarray(start, end).join(".") : undefined;
    case tag.null:
    case tag.noSuchObject:
    case tag.noSuchInstance:
    case tag.endOfMibView:
      return null;
    default:
      return undefined;
  }
}

/** Finds the variables of a VarBindList (RFC 3416 §3) at the reader. Throws Malformed where it is none; a value of unknown type is let be. */
export function readVariables(reader: BerReader): Answer {
  const list = new BerReader(reader.bytes, reader.at, reader.end);
  const inner = new BerReader(reader.bytes, list.at, list.open(tag.sequence));
  inner.at = list.at;
  let used = 0;
  while (inner.at < inner.end) {
    const end = inner.open(tag.sequence);
    const nameEnd = inner.open(tag.oid);
    scratch[used] = inner.at;
    scratch[used + 1] = nameEnd;
    inner.at = nameEnd;
    scratch[used + 2] = inner.tag;
    const valueEnd = inner.enter();
    scratch[used + 3] = inner.at;
    scratch[used + 4] = valueEnd;
    if (valueEnd > end || nameEnd > end) throw new Malformed("a variable that passes its end");
    inner.at = end;
    used += fields;
  }
  return new Answer(reader.bytes, scratch.slice(0, used));
}
