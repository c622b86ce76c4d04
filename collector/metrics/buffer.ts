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
    const need = this.#length + this.#pending.length * 3;
    if (need > this.#bytes.length) {
      const wider = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
      this.#bytes.copy(wider, 0, 0, this.#length);
      this.#bytes = wider;
    }
    this.#length += this.#bytes.write(this.#pending, this.#length);
    this.#pending = "";
  }
}
