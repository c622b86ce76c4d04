import { deflateRawSync } from "node:zlib";
import { type Batch, encodeBatch, type Gap, type NumberedSeries } from "../../core/batch.ts";
import type { Descriptions } from "../../core/descriptions.ts";
import { encodeRecord } from "../../core/record.ts";
import { withRoom } from "../../core/room.ts";

/** In how many records of a segment a series is described: where one of them is damaged, the next can still be understood. */
const timesDescribed = 2;

/** Makes records for one segment, which begins with nothing described: the first two records to use a series describe it. */
export class RecordFormer {
  readonly #series: Descriptions;
  /** The revision that was described last, by number. */
  #described = new Uint32Array(256);
  /** In how many records, by number. */
  #times = new Uint8Array(256);

  constructor(series: Descriptions) {
    this.#series = series;
  }

  /** The next record describes everything anew: a new segment, or one whose last records did not reach the disk. */
  forget(): void {
    this.#described.fill(0);
    this.#times.fill(0);
  }

  /** Bytes of the batch as record `seq`; `lost` tells of readings that never got a number. */
  form(batch: Batch, seq: number, lost: Gap | undefined): Buffer {
    const series = this.#undescribed(batch);
    const gaps = [...(batch.preamble.gaps ?? []), ...(lost === undefined ? [] : [lost])];
    const { series: _, gaps: __, ...rest } = batch.preamble;
    const preamble = { ...(series.length > 0 ? { series } : {}), ...rest, ...(gaps.length > 0 ? { gaps } : {}) };
    const payload = deflateRawSync(encodeBatch({ preamble, readings: batch.readings }));
    return encodeRecord({ seq, count: batch.readings.length, payload });
  }

  #undescribed(batch: Batch): NumberedSeries[] {
    const found = new Map<number, NumberedSeries>();
    for (const series of batch.preamble.series ?? []) found.set(series.number, series);
    const { series: numbers, length } = batch.readings;
    for (let at = 0; at < length; at++) {
      const number = numbers[at] ?? 0;
      if (this.#isDescribed(number) || found.has(number)) continue;
      const description = this.#series.describe(number);
      if (description !== undefined) found.set(number, description);
    }
    for (const number of found.keys()) this.#note(number);
    return [...found.values()];
  }

  #isDescribed(number: number): boolean {
    return this.#described[number] === this.#series.revision(number) && (this.#times[number] ?? 0) >= timesDescribed;
  }

  #note(number: number): void {
    this.#described = withRoom(this.#described, number + 1);
    this.#times = withRoom(this.#times, number + 1);
    const revision = this.#series.revision(number);
    this.#times[number] = this.#described[number] === revision ? Math.min(timesDescribed, (this.#times[number] ?? 0) + 1) : 1;
    this.#described[number] = revision;
  }
}
