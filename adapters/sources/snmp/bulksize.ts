/** Most variables in one answer: about what fits a datagram of 1,472 bytes. */
const most = 52;
/** Below this, silence is not laid to the size of an answer. */
const least = 4;
/** Answers in a row after which more is tried again. */
const patience = 20;

/**
 * How many variables a device is asked for at a time. It halves where the device says tooBig, falls silent or sends what
 * cannot be read, and grows back by a quarter while all goes well: agents choke on sizes that nobody documents.
 */
export class BulkSize {
  #variables = most;
  #good = 0;

  get variables(): number {
    return this.#variables;
  }

  /** An answer came. */
  worked(): void {
    if (this.#variables === most || ++this.#good < patience) return;
    this.#good = 0;
    this.#variables = Math.min(most, this.#variables + Math.max(1, this.#variables >> 2));
  }

  /** Too much was asked for: half of it from now on. */
  halve(asked: number): void {
    this.#good = 0;
    this.#variables = Math.max(1, Math.min(this.#variables, asked) >> 1);
  }

  /** No answer came. That may have had other reasons, so there is a size at which it stops. */
  silent(): void {
    this.#good = 0;
    this.#variables = Math.max(Math.min(this.#variables, least), this.#variables >> 1);
  }
}
