import { SourceError } from "../../../core/errors.ts";
import { ExceptionReply } from "./exception.ts";
import { valuesOf } from "./frame.ts";
import { bisect, type Cut, type PlannedRead, planReads, type Span, type Wanted } from "./plan.ts";
import { Refusals, spanKey } from "./refusals.ts";

/** Whom a round asks, and whom it tells. */
export interface RoundIo<S extends Span> {
  readonly signal: AbortSignal;
  /** Bytes of the values as on the wire. Rejects with ExceptionReply where the device says no, with SourceError where it says nothing. */
  readonly ask: (span: Span) => Promise<Buffer>;
  /** Two bytes per register as on the wire, one byte (0 or 1) per bit. */
  readonly took: (span: S, values: Uint8Array) => void;
  /** Nothing usable for this span, and why. Only told in a round that took something. */
  readonly missed: (span: S, why: SourceError) => void;
}

/** One round while it lasts. */
interface Round<S extends Span> {
  /** Monotonic ms. */
  readonly now: number;
  readonly io: RoundIo<S>;
  readonly taken: Set<S>;
  readonly missed: Map<S, SourceError>;
}

interface Silence {
  readonly times: number;
  readonly restUntil: number;
  readonly why: SourceError;
}

/** A block that a device left unanswered this often in a row, while it answered others, is given a rest. */
const silencesBeforeRest = 2;
export const restMs = 60_000;

/**
 * Reads one device, round after round, and remembers what it does not answer. A refused read is bisected until only the
 * refused values are left out. A block that the device meets with silence is asked last, and then once a minute, so that it
 * costs neither the device's other blocks nor its neighbours on the bus more than one time-out.
 */
export class DeviceReader<S extends Span> {
  readonly #device: Wanted<S>;
  readonly #refusals = new Refusals<ExceptionReply>();
  readonly #silences = new Map<string, Silence>();
  /** The plan while the device has refused nothing, which is nearly always. */
  readonly #unrefused: readonly PlannedRead<S>[];

  constructor(device: Wanted<S>) {
    this.#device = device;
    this.#unrefused = planReads(device.spans, device.limits, device.cut);
  }

  /** One round; `now` is monotonic ms. Rejects with SourceError when nothing was taken: why the last request failed. */
  async round(now: number, io: RoundIo<S>): Promise<void> {
    const round: Round<S> = { now, io, taken: new Set(), missed: new Map() };
    const asked = this.#asked(round);
    const failure = asked.length > 0 ? await this.#readAll(this.#inOrder(asked, round), round) : await this.#probe(round);
    if (round.taken.size === 0) throw failure ?? [...round.missed.values()].at(-1) ?? new SourceError("config", "there is nothing to read");
    for (const [span, why] of round.missed) io.missed(span, why);
  }

  /** What the device does not refuse. */
  #asked(round: Round<S>): S[] {
    return this.#device.spans.filter((span) => {
      const refused = this.#refusals.of(span, round.now);
      if (refused !== undefined) round.missed.set(span, refused);
      return refused === undefined;
    });
  }

  /** All is refused: one value is still asked for, to notice when the device is gone, or is itself again. */
  async #probe(round: Round<S>): Promise<SourceError | undefined> {
    const reads = planReads(this.#device.spans.slice(0, 1), this.#device.limits);
    const failure = await this.#readAll(reads, round);
    if (round.taken.size > 0) this.#refusals.forget();
    return failure;
  }

  /** Requests for this round: those that were met with silence last, or, where it is known, not now. */
  #inOrder(asked: readonly S[], round: Round<S>): readonly PlannedRead<S>[] {
    const learnt = this.#refusals.cuts(round.now);
    const cuts: Cut = (table, address) => learnt(table, address) || this.#device.cut?.(table, address) === true;
    const reads = this.#refusals.isEmpty ? this.#unrefused : planReads(asked, this.#device.limits, cuts);
    if (this.#silences.size === 0) return reads;
    const loud: PlannedRead<S>[] = [];
    const silent: PlannedRead<S>[] = [];
    const resting: PlannedRead<S>[] = [];
    for (const read of reads) {
      const silence = this.#silences.get(spanKey(read));
      (silence === undefined ? loud : silence.restUntil > round.now ? resting : silent).push(read);
    }
    if (loud.length === 0) return [...silent, ...resting];
    for (const read of resting) miss(read, this.#silences.get(spanKey(read))?.why, round);
    return [...loud, ...silent];
  }

  /** Reads until all is read or the device falls silent; resolves to the failure that ended it. */
  async #readAll(reads: readonly PlannedRead<S>[], round: Round<S>): Promise<SourceError | undefined> {
    for (const [index, read] of reads.entries()) {
      try {
        await this.#read(read, round);
        this.#silences.delete(spanKey(read));
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        for (const left of reads.slice(index)) miss(left, error, round);
        this.#noteSilence(read, error, round);
        return error;
      }
    }
    return undefined;
  }

  /** Resolves to true when one request was enough. Rejects where it is no use to ask this device for more. */
  async #read(read: PlannedRead<S>, round: Round<S>): Promise<boolean> {
    try {
      const bytes = await round.io.ask(read);
      for (const span of read.spans) take(span, valuesOf(span, read, bytes), round);
      return true;
    } catch (error) {
      if (!(error instanceof ExceptionReply) || error.isGateway) throw error;
      miss(read, error, round);
      if (error.isAddress) await this.#narrow(read, error, round);
      return false;
    }
  }

  /** The device refuses the request as it stands: finds what of it is refused. */
  async #narrow(read: PlannedRead<S>, why: ExceptionReply, round: Round<S>): Promise<void> {
    const halves = bisect(read);
    if (halves === undefined) {
      for (const span of read.spans) this.#refusals.refuse(span, why, round.now);
      return;
    }
    const [left, right] = halves;
    const leftWhole = await this.#read(left, round);
    const rightWhole = await this.#read(right, round);
    // Each answers by itself: what is refused is the hole between them, or the length.
    if (leftWhole && rightWhole) this.#refusals.split(right.table, right.address, round.now);
  }

  /** Only what a device that answers other blocks does not answer says something of the block. */
  #noteSilence(read: PlannedRead<S>, why: SourceError, round: Round<S>): void {
    if (round.taken.size === 0 || round.io.signal.aborted || why instanceof ExceptionReply) return;
    const times = (this.#silences.get(spanKey(read))?.times ?? 0) + 1;
    this.#silences.set(spanKey(read), { times, restUntil: times >= silencesBeforeRest ? round.now + restMs : 0, why });
  }
}

function take<S extends Span>(span: S, values: Uint8Array, round: Round<S>): void {
  round.taken.add(span);
  round.missed.delete(span);
  round.io.took(span, values);
}

function miss<S extends Span>(read: PlannedRead<S>, why: SourceError | undefined, round: Round<S>): void {
  if (why === undefined) return;
  for (const span of read.spans) if (!round.taken.has(span)) round.missed.set(span, why);
}
