import type { SourceError } from "../../../../core/errors.ts";
import { Q, type Quality } from "../../../../core/quality.ts";
import { type DeviceLimits, type SeriesDescription, sameLimits, seriesKey } from "../../../../core/reading.ts";
import type { ReadingSink } from "../../../../core/source.ts";
import { DeviceReader, type RoundIo } from "../round.ts";
import type { Chain } from "./chain.ts";
import type { LaidPoint, LaidSeries, LaidSpan, Layout } from "./layout.ts";
import { LimitBook } from "./limits.ts";
import { numberOf, readingOf, type Said, saidOf } from "./point.ts";

/** Whatever lies between is read along: all of a chain can be read, and a request more costs more than registers do. */
const maxGap = 124;

/** A device as its chain laid it out: what its rounds bring becomes readings. */
export class SunspecDevice {
  readonly chain: Chain;
  readonly layout: Layout;
  readonly #sink: ReadingSink;
  readonly #reader: DeviceReader<LaidSpan>;
  readonly #limits: LimitBook;
  /** Series that had a value once: those that a device does not have are never told. */
  readonly #known = new Map<LaidSeries, { number: number; description: SeriesDescription }>();

  constructor({ chain, layout, sink }: { chain: Chain; layout: Layout; sink: ReadingSink }) {
    this.chain = chain;
    this.layout = layout;
    this.#sink = sink;
    const limits = { maxRegisters: 125, maxBits: 2000, maxGap };
    this.#reader = new DeviceReader({ spans: layout.spans, limits, cut: (_, address) => layout.cuts.has(address) });
    this.#limits = new LimitBook(layout.points);
  }

  /**
   * One round: readings, and the limits that the device has for them now. Resolves to false, and puts nothing, where the chain
   * is not the one that was walked any more. Rejects with SourceError where nothing was read.
   */
  async round(now: { monotonic: number; time: number }, io: Pick<RoundIo<LaidSpan>, "signal" | "ask">): Promise<boolean> {
    const taken = new Map<LaidSpan, Uint8Array | Quality>();
    await this.#reader.round(now.monotonic, {
      ...io,
      took: (span, wire) => void taken.set(span, wire),
      missed: (span, why: SourceError) => void taken.set(span, why.quality),
    });
    for (const [span, wire] of taken)
      if (span.expected !== undefined && wire instanceof Uint8Array && !span.expected.equals(wire)) return false;
    const said = new Map(this.layout.points.map((laid): [LaidPoint, Said] => [laid, saidOf(laid, (span) => taken.get(span))]));
    const limits = this.#limits.read((laid) => {
      const what = said.get(laid);
      return what === undefined ? undefined : numberOf(laid, what);
    });
    for (const [laid, what] of said) this.#put(laid, { what, limits: limits.get(laid), time: now.time });
    return true;
  }

  /** Series that had a value and that `next` does not have end here, and are told to. */
  endAllBut(next: SunspecDevice, time: number): void {
    const kept = new Set(next.layout.points.flatMap(({ series }) => series.map(({ description }) => keyOf(description))));
    for (const { number, description } of this.#known.values())
      if (!kept.has(keyOf(description))) this.#sink.put(number, time, Number.NaN, Q.BadNotFound);
  }

  #put(laid: LaidPoint, { what, limits, time }: { what: Said; limits: DeviceLimits | undefined; time: number }): void {
    for (const series of laid.series) {
      const number = this.#number(series, { isThere: what.is === "value", limits });
      if (number === undefined) continue;
      const { value, quality } = readingOf(laid, series, what);
      this.#sink.put(number, time, value, quality);
    }
  }

  /** The series' number; undefined where it never had a value. Described again when its limits change. */
  #number(series: LaidSeries, { isThere, limits }: { isThere: boolean; limits: DeviceLimits | undefined }): number | undefined {
    const known = this.#known.get(series);
    if (known === undefined && !isThere) return undefined;
    if (known !== undefined && (!isThere || sameLimits(known.description.limits, limits))) return known.number;
    const description = limits === undefined ? series.description : { ...series.description, limits };
    const number = this.#sink.register(description);
    this.#known.set(series, { number, description });
    return number;
  }
}

function keyOf({ asset, metric, labels }: SeriesDescription): string {
  return seriesKey(asset, metric, labels);
}
