import type { Quality } from "./quality.ts";
import { withRoom } from "./room.ts";

/** Readings side by side, one typed array per field: what is appended, sent, stored and applied. */
export interface ReadingColumns {
  readonly length: number;
  readonly series: Uint32Array;
  /** ms since epoch. */
  readonly time: Float64Array;
  /** NaN exactly where quality is Bad. */
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** A part of columns, from inclusive, to exclusive; it shares their memory. */
export function partOf({ series, time, value, quality, length }: ReadingColumns, from: number, to: number): ReadingColumns {
  const end = Math.min(to, length);
  const [a, b, c, d] = [series.subarray(from, end), time.subarray(from, end), value.subarray(from, end), quality.subarray(from, end)];
  return { length: a.length, series: a, time: b, value: c, quality: d };
}

/** Columns that grow. `view()` is only good until the next `put` or `clear`. */
export class ColumnBuilder {
  #length = 0;
  #series: Uint32Array;
  #time: Float64Array;
  #value: Float64Array;
  #quality: Uint16Array;

  constructor(capacity = 1024) {
    this.#series = new Uint32Array(capacity);
    this.#time = new Float64Array(capacity);
    this.#value = new Float64Array(capacity);
    this.#quality = new Uint16Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  put(series: number, time: number, value: number, quality: Quality): void {
    const at = this.#length;
    if (at === this.#series.length) this.#grow();
    this.#series[at] = series;
    this.#time[at] = time;
    this.#value[at] = value;
    this.#quality[at] = quality;
    this.#length = at + 1;
  }

  view(): ReadingColumns {
    const n = this.#length;
    return {
      length: n,
      series: this.#series.subarray(0, n),
      time: this.#time.subarray(0, n),
      value: this.#value.subarray(0, n),
      quality: this.#quality.subarray(0, n),
    };
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(): void {
    const capacity = this.#series.length * 2;
    this.#series = withRoom(this.#series, capacity);
    this.#time = withRoom(this.#time, capacity);
    this.#value = withRoom(this.#value, capacity);
    this.#quality = withRoom(this.#quality, capacity);
  }
}
