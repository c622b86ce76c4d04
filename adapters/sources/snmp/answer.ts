import { type BerReader, Malformed, signed, tag, unsigned } from "./ber.ts";
import { type Count, counterIn, countOf, numberOf, textOf, type Varbind } from "./decode.ts";
import { decodeArcs, decodeOid, type Span } from "./oid.ts";

/** Most bytes of a Counter64's content: 64 bits, and one more for the sign. */
const counterBytes = 9;
/** Where a variable's name begins, and where it ends and the value's tag stands. */
const fields = 2;
/** A variable has 6 bytes at least, a datagram 65,507. */
const scratch = new Uint16Array(Math.ceil((fields * 65_536) / 6));

/** The variables of one answer: where they are in the datagram. Nothing is decoded before it is asked for. */
export class Answer {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #places: readonly number[];

  /** Bytes that the variables take. */
  readonly size: number;
  /** Bytes of the datagram beside them. */
  readonly overhead: number;

  /** `places` hold `fields` numbers for each variable; whose lengths have been seen to fit. */
  constructor(bytes: Buffer, places: readonly number[], of: { readonly size: number; readonly overhead: number }) {
    this.#bytes = bytes;
    this.#places = places;
    this.count = places.length / fields;
    this.size = of.size;
    this.overhead = of.overhead;
  }

  /** The name of a variable. */
  name(i: number): Span {
    return { bytes: this.#bytes, start: this.#nameAt(i), end: this.#valueAt(i) };
  }

  /** Where the index of a variable below a column begins in the datagram; -1 where the variable is not below it. */
  indexUnder(column: Uint8Array, i: number): number {
    const start = this.#nameAt(i);
    const index = start + column.length;
    if (index >= this.#valueAt(i)) return -1;
    // From the end: columns of one table differ in their last bytes.
    for (let k = column.length - 1; k >= 0; k--) if (this.#bytes[start + k] !== column[k]) return -1;
    return index;
  }

  /** True when a variable's name, from `index` on, reads as these bytes. */
  endsWith(i: number, index: number, { bytes, start, end }: Span): boolean {
    const length = end - start;
    if (this.#valueAt(i) - index !== length) return false;
    for (let k = 0; k < length; k++) if (this.#bytes[index + k] !== bytes[start + k]) return false;
    return true;
  }

  /** What follows `index` in a variable's name. */
  indexFrom(i: number, index: number): Span {
    return { bytes: this.#bytes, start: index, end: this.#valueAt(i) };
  }

  /** The same as dotted text; undefined where it is no part of an OID. */
  indexText(i: number, index: number): string | undefined {
    return decodeArcs(this.#bytes, index, this.#valueAt(i));
  }

  isAbsent(i: number): boolean {
    const type = this.#tag(i);
    return type >= tag.noSuchObject && type <= tag.endOfMibView;
  }

  /** As numberOf of the variable, without making it. */
  number(i: number): number {
    const at = this.#valueAt(i);
    const start = contentAt(this.#bytes, at);
    const end = contentEnd(this.#bytes, at);
    switch (this.#bytes[at]) {
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

  /** All of them; `names` are their names where they are known already. */
  varbinds(names?: readonly string[]): readonly Varbind[] {
    return Array.from({ length: this.count }, (_, i) => {
      const oid = names?.[i];
      return oid === undefined ? this.varbind(i) : { oid, ...this.#typed(i) };
    });
  }

  #nameAt(i: number): number {
    return this.#places[i * fields] ?? 0;
  }

  #valueAt(i: number): number {
    return this.#places[i * fields + 1] ?? 0;
  }

  #tag(i: number): number {
    return this.#bytes[this.#valueAt(i)] ?? 0;
  }

  #typed(i: number): Pick<Varbind, "type" | "value"> {
    const at = this.#valueAt(i);
    const type = this.#tag(i);
    const value = valueIn(type, this.#bytes, contentAt(this.#bytes, at), contentEnd(this.#bytes, at));
    return value === undefined || Number.isNaN(value) ? { type: 0, value: null } : { type, value };
  }
}

/** Where the content of an element begins, whose length is known to fit. */
function contentAt(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1] ?? 0;
  return length < 0x80 ? at + 2 : at + 2 + (length & 0x7f);
}

/** Where it ends. */
function contentEnd(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1] ?? 0;
  if (length < 0x80) return at + 2 + length;
  const start = at + 2 + (length & 0x7f);
  let long = 0;
  for (let k = at + 2; k < start; k++) long = long * 256 + (bytes[k] ?? 0);
  return start + long;
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
export function readVariables(reader: BerReader, datagramBytes: number): Answer {
  const end = reader.open(tag.sequence);
  const size = end - reader.at;
  let used = 0;
  while (reader.at < end) {
    const variableEnd = reader.open(tag.sequence);
    const nameEnd = reader.open(tag.oid);
    scratch[used++] = reader.at;
    scratch[used++] = nameEnd;
    reader.at = nameEnd;
    const valueEnd = reader.enter();
    if (valueEnd > variableEnd || variableEnd > end) throw new Malformed("a variable that passes its end");
    reader.at = variableEnd;
  }
  // Small integers in a plain array cost far less than a typed array each.
  const places = new Array<number>(used);
  for (let i = 0; i < used; i++) places[i] = scratch[i] ?? 0;
  return new Answer(reader.bytes, places, { size, overhead: datagramBytes - size });
}
