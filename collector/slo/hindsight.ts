import type { CollectorEvent } from "../../core/api.ts";
import { partOf, type ReadingColumns } from "../../core/columns.ts";
import { messageOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Plant } from "../plant.ts";
import type { Recorder, Standing } from "./recorder.ts";
import { type StateCode, stateOf } from "./state.ts";
import type { Segment } from "./timeline.ts";

/** A reading is late when it is older than this, ms: what was judged without it may have been judged wrong. */
export const lateMs = 60_000;
/** No late reading for so long: the backlog has come. */
const quietMs = 30_000;
/** A backlog that does not end is looked at every so often. */
const patienceMs = 600_000;
/** How far back it looks. */
const reachMs = 24 * 3_600_000;
/** How long before the first late reading a plant begins to be judged anew, so that on-delays and silence are known. */
const warmUpMs = 600_000;
const stepMs = 1000;
const chunkMs = 300_000;

export type JudgedPlant = Pick<Plant, "apply" | "tick" | "changes" | "services">;

export interface HindsightParts {
  readonly recorder: Recorder;
  readonly log: Log;
  /** A plant that knows nothing yet and begins at this time. */
  readonly plantAt: (startedAt: number) => JudgedPlant;
  /** What is stored of a stretch of time, in order of time. */
  readonly readings: (from: number, to: number) => Promise<ReadingColumns>;
}

/** Judges the past anew when readings come late (an agent's backlog), and corrects what had been recorded without them. */
export class Hindsight {
  readonly #parts: HindsightParts;
  #late: { from: number; readonly first: number; last: number } | undefined;
  #busy = false;

  constructor(parts: HindsightParts) {
    this.#parts = parts;
  }

  /** Readings as they were stored. */
  heard({ time, length }: ReadingColumns, now: number): void {
    let oldest = now;
    for (let i = 0; i < length; i++) oldest = Math.min(oldest, time[i] ?? now);
    if (oldest > now - lateMs) return;
    const from = Math.max(oldest, now - reachMs);
    if (this.#late === undefined) this.#late = { from, first: now, last: now };
    else {
      this.#late.from = Math.min(this.#late.from, from);
      this.#late.last = now;
    }
  }

  /** A new config judges otherwise: what came before it stays as it was judged. */
  forget(): void {
    this.#late = undefined;
  }

  /** Lets time pass. Resolves when what was due is done; never rejects. */
  async tick(now: number): Promise<void> {
    const late = this.#late;
    if (late === undefined || this.#busy || (now - late.last < quietMs && now - late.first < patienceMs)) return;
    this.#late = undefined;
    this.#busy = true;
    const { recorder, log } = this.#parts;
    try {
      const judged = await this.#judge(late.from, late.last);
      let revised = 0;
      for (const [id, states] of judged) if (correct(recorder, { id, states, from: late.from, to: late.last, now })) revised++;
      if (revised > 0)
        log.info({ services: revised, from: late.from, to: late.last }, "late readings changed what had been recorded of services");
    } catch (error) {
      log.warn({ error: messageOf(error), from: late.from, to: late.last }, "late readings could not be judged: what was recorded stays");
    }
    this.#busy = false;
  }

  /** The states of every service between two times, as judged with all that is known now. */
  async #judge(from: number, to: number): Promise<ReadonlyMap<string, readonly Segment[]>> {
    const begin = from - warmUpMs;
    const plant = this.#parts.plantAt(begin);
    const judged = new Map<string, Segment[]>();
    const note = (service: Standing, at: number): void => {
      const states = judged.get(service.id) ?? [];
      judged.set(service.id, states);
      states.push({ from: at, to, code: stateOf(service) });
    };
    for (let at = begin; at < to; at += chunkMs) {
      const readings = await this.#parts.readings(at, Math.min(at + chunkMs, to));
      play(plant, readings, { from: at, to: Math.min(at + chunkMs, to) }, (events, now) => {
        if (now >= from && judged.size === 0) for (const service of plant.services()) note(service, from);
        else if (now >= from) for (const event of events) if (event.type === "service") note(event.service, now);
      });
    }
    return judged;
  }
}

/** Gives a plant readings as time goes by, a second at a time. */
function play(
  plant: JudgedPlant,
  readings: ReadingColumns,
  { from, to }: { from: number; to: number },
  told: (events: readonly CollectorEvent[], now: number) => void,
): void {
  let next = 0;
  for (let now = Math.min(from + stepMs, to); ; now = Math.min(now + stepMs, to)) {
    const start = next;
    while (next < readings.length && (readings.time[next] ?? 0) <= now) next++;
    if (next > start) plant.apply(partOf(readings, start, next), now);
    plant.tick(now);
    told(plant.changes(now), now);
    if (now >= to) return;
  }
}

interface Correction {
  readonly id: string;
  readonly states: readonly Segment[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

/**
 * What is known by hindsight takes the place of what was recorded; what is not leaves it. A service that had another state before
 * the first late reading than hindsight gives it (a latched alarm of yesterday) is left alone: more is behind that than late
 * readings. True where anything changes.
 */
function correct(recorder: Recorder, { id, states, from, to, now }: Correction): boolean {
  const timeline = recorder.history.timeline(id);
  const before = timeline.at(from - 1);
  const first = states[0]?.code ?? before;
  if (isKnown(before) && isKnown(first) && before !== first) return false;
  const recorded = timeline.segments(from, to);
  const known = states.map((state, i) => ({ ...state, to: states[i + 1]?.from ?? to })).filter(({ code }) => isKnown(code));
  const merged = overlay(recorded, known);
  if (same(recorded, merged)) return false;
  recorder.revise(id, now, { from, to, states: merged });
  return true;
}

/** Low and high agree. */
function isKnown(code: StateCode): boolean {
  return (code & 3) === ((code >> 2) & 3);
}

/** Segments of a period, with others laid over them; both in order, neighbours of one state as one. */
function overlay(below: readonly Segment[], above: readonly Segment[]): readonly Segment[] {
  const cuts = [...new Set([...below, ...above].flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const found: { from: number; to: number; code: number }[] = [];
  let lower = 0;
  let upper = 0;
  for (const [i, from] of cuts.entries()) {
    const to = cuts[i + 1];
    if (to === undefined) break;
    while ((below[lower]?.to ?? Number.POSITIVE_INFINITY) <= from) lower++;
    while ((above[upper]?.to ?? Number.POSITIVE_INFINITY) <= from) upper++;
    const over = above[upper];
    const code = over !== undefined && over.from <= from ? over.code : below[lower]?.code;
    if (code === undefined) continue;
    const last = found.at(-1);
    if (last?.code === code) last.to = to;
    else found.push({ from, to, code });
  }
  return found;
}

function same(a: readonly Segment[], b: readonly Segment[]): boolean {
  return a.length === b.length && a.every((one, i) => one.from === b[i]?.from && one.code === b[i]?.code);
}
