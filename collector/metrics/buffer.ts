import type { Prefixes } from "./prefixes.ts";

const zero = 0x30;
const minus = 0x2d;
const lineFeed = 0x0a;
/** Longest text of a number, and a line feed. */
const mostOfNumber = 26;
/** A number up to 2^53 is split into two that each fit 31 bits. */
const half = 1e9;

/** Text that grows into bytes that are kept: one answer after another is written into the same memory. */
export class TextBuffer {
  #bytes = Buffer.allocUnsafe(256 * 1024);
  #length = 0;
  #pending = "";

  /** Adds text. Pieces are gathered and encoded some kilobytes at a time, which costs half of encoding each line. */
  put(text: string): void {
    this.#pending += text;
    if (this.#pending.length > 8192) this.#flush();
  }

  /** Adds a line: the `i`th prefix, and a number as JavaScript writes it. No text is made of either where the number is whole. */
  line(prefixes: Prefixes, i: number, value: number): void {
    if (this.#pending !== "") this.#flush();
    const { bytes } = prefixes;
    const end = prefixes.end(i);
    let from = prefixes.end(i - 1);
    this.#reserve(end - from + mostOfNumber);
    const into = this.#bytes;
    let at = this.#length;
    while (from < end) into[at++] = bytes[from++] ?? 0;
    at = Number.isSafeInteger(value) ? wholeNumber(into, at, value) : text(into, at, String(value));
    into[at] = lineFeed;
    this.#length = at + 1;
  }

  /** What was put, as UTF-8; good until the next `clear`. */
  bytes(): Buffer {
    this.#flush();
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#pending = "";
  }

  #flush(): void {
    // A UTF-16 unit becomes at most three bytes.
    this.#reserve(this.#pending.length * 3);
    this.#length += this.#bytes.write(this.#pending, this.#length);
    this.#pending = "";
  }

  #reserve(more: number): void {
    const need = this.#length + more;
    if (need <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(wider, 0, 0, this.#length);
    this.#bytes = wider;
  }
}

/** Where it ends. */
function wholeNumber(into: Uint8Array, at: number, value: number): number {
  let next = at;
  if (value < 0) into[next++] = minus;
  const size = Math.abs(value);
  if (size < half) return digits(into, next, size, 1);
  const high = Math.floor(size / half);
  return digits(into, digits(into, next, high, 1), size - high * half, 9);
}

/** The digits of a number below 2^31, with zeros before them up to `least`; where they end. */
function digits(into: Uint8Array, at: number, value: number, least: number): number {
  let count = 1;
  for (let power = 10; count < least || power <= value; power *= 10) count++;
  let rest = value;
  for (let k = at + count - 1; k >= at; k--) {
    const tenth = (rest / 10) | 0;
    into[k] = zero + rest - tenth * 10;
    rest = tenth;
  }
  return at + count;
}

/** ASCII. */
function text(into: Uint8Array, at: number, ascii: string): number {
  for (let k = 0; k < ascii.length; k++) into[at + k] = ascii.charCodeAt(k);
  return at + ascii.length;
}
