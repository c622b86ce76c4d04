import { deflateRawSync } from "node:zlib";
import { type Batch, encodeBatch, type Gap, type NumberedSeries } from "../../core/batch.ts";
import { encodeRecord } from "../../core/record.ts";

/** The description of a series number; the same object until it changes. */
export type Describe = (number: number) => NumberedSeries | undefined;

/** In how many records of a segment a series is described: where one of them is damaged, the next can still be understood. */
const timesDescribed = 2;

/** Makes records for one segment, which begins with nothing described: the first two records to use a series describe it. */
export class RecordFormer {
  readonly #describe: Describe;
  #described: (NumberedSeries | undefined)[] = [];
  /** In how many records, by number. */
  #times: number[] = [];

  constructor(describe: Describe) {
    this.#describe = describe;
  }

  /** The next record describes everything anew: a new segment, or one whose last records did not reach the disk. */
  forget(): void {
    this.#described = [];
    this.#times = [];
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
      const described = this.#described[number];
      const description = this.#describe(number);
      if (description === undefined || found.has(number)) continue;
      if (described !== description || (this.#times[number] ?? 0) < timesDescribed) found.set(number, description);
    }
    for (const [number, description] of found) {
      this.#times[number] = this.#described[number] === description ? (this.#times[number] ?? 0) + 1 : 1;
      this.#described[number] = description;
    }
    return [...found.values()];
  }
}
