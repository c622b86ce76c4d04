/** What a datagram may have in an Ethernet frame (1,500 bytes less 28 of IPv4 and UDP), with some room for what differs from answer to answer. */
const frameBytes = 1462;
/** How many variables a device is asked for at first: mostly fits. */
const first = 52;
const most = 100;
/** Below this, silence is not laid to the size of an answer. */
const least = 4;
/** Answers in a row after which more is tried again. */
const patience = 20;

/**
 * How many variables a device is asked for at a time: what fits a frame, by the size of its variables so far. It halves
 * where the device says tooBig, falls silent or sends what cannot be read, and grows back by a quarter while all goes well:
 * agents choke on sizes that nobody documents.
 */
export class BulkSize {
  /** What the device has been found to bear. */
  #limit = most;
  #good = 0;
  /** Mean of late answers. */
  #bytesPerVariable = frameBytes / first;
  /** Of a message beside its variables: version 3 has most. */
  #overhead = 0;

  get variables(): number {
    return Math.max(1, Math.min(this.#limit, Math.floor((frameBytes - this.#overhead) / this.#bytesPerVariable)));
  }

  /** An answer of so many variables came, in `size` bytes, and `overhead` beside them. */
  worked(variables: number, { size, overhead }: { readonly size: number; readonly overhead: number }): void {
    if (variables > 0) this.#bytesPerVariable += (size / variables - this.#bytesPerVariable) / 4;
    this.#overhead = Math.min(overhead, frameBytes / 2);
    if (this.#limit === most || ++this.#good < patience) return;
    this.#good = 0;
    this.#limit = Math.min(most, this.#limit + Math.max(1, this.#limit >> 2));
  }

  /** So many variables were too much: half of it from now on. */
  halve(asked: number): void {
    this.#good = 0;
    this.#limit = Math.max(1, asked >> 1);
  }

  /** No answer came. That may have had other reasons, so there is a size at which it stops. */
  silent(): void {
    this.#good = 0;
    this.#limit = Math.max(Math.min(this.#limit, least), this.variables >> 1);
  }
}
