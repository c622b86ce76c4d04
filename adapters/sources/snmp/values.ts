import { signed, tag, unsigned } from "./ber.ts";
import { type Count, counterIn, countOf, numberOf, textOf, type Varbind } from "./decode.ts";
import { decodeOid } from "./oid.ts";
import type { Cells } from "./row.ts";

/** Most bytes of a Counter64's content: 64 bits, and one more for the sign. */
const counterBytes = 9;

/** The values in one datagram, each by the place of its tag. Their lengths have been seen to fit. */
export class Values implements Cells {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  isAbsent(at: number): boolean {
    const type = this.#bytes[at] ?? 0;
    return type >= tag.noSuchObject && type <= tag.endOfMibView;
  }

  /** True when a value is a NULL, which no value is. */
  isNull(at: number): boolean {
    return this.#bytes[at] === tag.null;
  }

  /** As numberOf of the variable, without making it. */
  number(at: number): number {
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
        return numberOf(this.value(at));
    }
  }

  /** As unsignedOf. */
  unsigned(at: number): number {
    const value = this.number(at);
    return value < 0 && this.#bytes[at] === tag.integer ? value + 2 ** 32 : value;
  }

  /** As countOf. */
  counted(at: number): Count | undefined {
    return countOf(this.value(at));
  }

  /** As textOf; undefined where there is none. */
  text(at: number): string | undefined {
    return textOf(this.value(at));
  }

  value(at: number): Pick<Varbind, "type" | "value"> {
    const type = this.#bytes[at] ?? 0;
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
