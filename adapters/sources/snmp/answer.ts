import { type BerReader, Malformed, tag } from "./ber.ts";
import type { Varbind } from "./decode.ts";
import { decodeArcs, decodeOid, type Span } from "./oid.ts";
import { Values } from "./values.ts";

/** Where a variable's name begins, and where it ends and the value's tag stands. */
const fields = 2;
/** A variable has 6 bytes at least, a datagram 65,507. */
const scratch = new Uint16Array(Math.ceil((fields * 65_536) / 6));

/** The variables of one answer: where they are in the datagram. Nothing is decoded before it is asked for. It lives as long as it is read. */
export class Answer {
  readonly count: number;
  /** Their values: what is kept of an answer. */
  readonly values: Values;
  readonly #bytes: Buffer;
  readonly #places: readonly number[];
  /** Bytes that the variables take. */
  readonly size: number;
  /** Bytes of the datagram beside them. */
  readonly overhead: number;

  /** `places` hold `fields` numbers for each variable; whose lengths have been seen to fit. */
  constructor(bytes: Buffer, places: readonly number[], of: { readonly size: number; readonly overhead: number }) {
    this.values = new Values(bytes);
    this.#bytes = bytes;
    this.#places = places;
    this.count = places.length / fields;
    this.size = of.size;
    this.overhead = of.overhead;
  }

  /** The name of a variable. */
  name(i: number): Span {
    return { bytes: this.#bytes, start: this.#nameAt(i), end: this.valueAt(i) };
  }

  /** Where the index of a variable below a column begins in the datagram; -1 where the variable is not below it. */
  indexUnder(column: Uint8Array, i: number): number {
    const start = this.#nameAt(i);
    const index = start + column.length;
    if (index >= this.valueAt(i)) return -1;
    // From the end: columns of one table differ in their last bytes.
    for (let k = column.length - 1; k >= 0; k--) if (this.#bytes[start + k] !== column[k]) return -1;
    return index;
  }

  /** True when a variable's name, from `index` on, reads as these bytes. */
  endsWith(i: number, index: number, { bytes, start, end }: Span): boolean {
    const length = end - start;
    if (this.valueAt(i) - index !== length) return false;
    for (let k = 0; k < length; k++) if (this.#bytes[index + k] !== bytes[start + k]) return false;
    return true;
  }

  /** What follows `index` in a variable's name. */
  indexFrom(i: number, index: number): Span {
    return { bytes: this.#bytes, start: index, end: this.valueAt(i) };
  }

  /** The same as dotted text; undefined where it is no part of an OID. */
  indexText(i: number, index: number): string | undefined {
    return decodeArcs(this.#bytes, index, this.valueAt(i));
  }

  isAbsent(i: number): boolean {
    return this.values.isAbsent(this.valueAt(i));
  }

  /** Place of a variable's value among `values`. */
  valueAt(i: number): number {
    return this.#places[i * fields + 1] ?? 0;
  }

  /** The variable with its name as text. Throws Malformed where the name is no OID. */
  varbind(i: number): Varbind {
    const { bytes, start, end } = this.name(i);
    const oid = decodeOid(bytes, start, end);
    if (oid === undefined) throw new Malformed(`variable ${i + 1} of ${this.count} has a name that is no OID`);
    return { oid, ...this.values.value(this.valueAt(i)) };
  }

  /** All of them; `names` are their names where they are known already. */
  varbinds(names?: readonly string[]): readonly Varbind[] {
    return Array.from({ length: this.count }, (_, i) => {
      const oid = names?.[i];
      return oid === undefined ? this.varbind(i) : { oid, ...this.values.value(this.valueAt(i)) };
    });
  }

  #nameAt(i: number): number {
    return this.#places[i * fields] ?? 0;
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
