import type { ReadingColumns } from "../core/columns.ts";
import { Q, type Quality } from "../core/quality.ts";

/** The newest reading of every series, by index, in typed arrays: an update costs nanoseconds, not a look-up by text. */
export class Latest {
  #time = new Float64Array(1024);
  #value = new Float64Array(1024);
  #quality = new Uint16Array(1024);
  /** ms since epoch when the collector took the reading. */
  #received = new Float64Array(1024);
  #size = 0;

  /** One more than the highest index seen. */
  get size(): number {
    return this.#size;
  }

  /** Time of the newest reading, ms since epoch; 0 where there is none. */
  time(index: number): number {
    return this.#time[index] ?? 0;
  }

  /** NaN where the quality is Bad or there is no reading. */
  value(index: number): number {
    return this.time(index) > 0 ? (this.#value[index] ?? Number.NaN) : Number.NaN;
  }

  quality(index: number): Quality {
    return this.time(index) > 0 ? (this.#quality[index] ?? Q.BadWaitingForInitialData) : Q.BadWaitingForInitialData;
  }

  received(index: number): number {
    return this.#received[index] ?? 0;
  }

  /** Applies readings in order; one older than what is known does not replace it. Returns how many did. */
  apply(readings: ReadingColumns, receivedAt: number): number {
    let applied = 0;
    for (let i = 0; i < readings.length; i++) {
      const index = readings.series[i] ?? 0;
      if (index >= this.#time.length) this.#grow(index + 1);
      if (index >= this.#size) this.#size = index + 1;
      const time = readings.time[i] ?? 0;
      if (time < (this.#time[index] ?? 0)) continue;
      this.#time[index] = time;
      this.#value[index] = readings.value[i] ?? Number.NaN;
      this.#quality[index] = readings.quality[i] ?? Q.Bad;
      this.#received[index] = receivedAt;
      applied++;
    }
    return applied;
  }

  #grow(size: number): void {
    const capacity = Math.max(size, this.#time.length * 2);
    const time = new Float64Array(capacity);
    const value = new Float64Array(capacity);
    const quality = new Uint16Array(capacity);
    const received = new Float64Array(capacity);
    time.set(this.#time);
    value.set(this.#value);
    quality.set(this.#quality);
    received.set(this.#received);
    this.#time = time;
    this.#value = value;
    this.#quality = quality;
    this.#received = received;
  }
}
