import { deflateRawSync } from "node:zlib";
import { type Batch, encodeBatch, type Gap, type NumberedSeries } from "../../core/batch.ts";
import { encodeRecord } from "../../core/record.ts";

/** The description of a series number; the same object until it changes. */
export type Describe = (number: number) => NumberedSeries | undefined;

/** Makes records for one segment, which begins with nothing described: each record describes what it is the first to use. */
export class RecordFormer {
  readonly #describe: Describe;
  #described: (NumberedSeries | undefined)[] = [];

  constructor(describe: Describe) {
    this.#describe = describe;
  }

  /** The next record describes everything anew: a new segment, or one whose last records did not reach the disk. */
  forget(): void {
    this.#described = [];
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
    const found: NumberedSeries[] = [...(batch.preamble.series ?? [])];
    for (const series of found) this.#described[series.number] = series;
    const { series: numbers, length } = batch.readings;
    for (let at = 0; at < length; at++) {
      const number = numbers[at] ?? 0;
      const description = this.#describe(number);
      if (description === undefined || this.#described[number] === description) continue;
      this.#described[number] = description;
      found.push(description);
    }
    return found;
  }
}
