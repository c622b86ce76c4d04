/** Beginnings of lines, encoded once and kept one behind the other: an object each would cost more than its text. */
export class Prefixes {
  #bytes = Buffer.allocUnsafe(256);
  readonly #ends: number[] = [];

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  add(prefix: string): void {
    const start = this.end(this.#ends.length - 1);
    // A UTF-16 unit becomes at most three bytes.
    const need = start + prefix.length * 3;
    if (need > this.#bytes.length) {
      const wider = Buffer.allocUnsafe(need * 2);
      wider.set(this.#bytes.subarray(0, start));
      this.#bytes = wider;
    }
    this.#ends.push(start + this.#bytes.write(prefix, start));
  }

  /** Where in `bytes` the `i`th ends, and the one after it begins; 0 for the one before the first. */
  end(i: number): number {
    return this.#ends[i] ?? 0;
  }
}
