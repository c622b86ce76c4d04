import type { SunspecModel, SunspecPoint } from "../../../../config/sunspec.ts";
import { type Labels, type SeriesDescription, seriesKey } from "../../../../core/reading.ts";
import type { Span } from "../plan.ts";
import type { FactSpan } from "../profile.ts";
import { modelName, modelOf } from "./catalogue.ts";
import type { Chain, ChainModel } from "./chain.ts";
import { countIn, curveOf, type Trip, type Walked } from "./curve.ts";
import { sizeOf } from "./number.ts";
import { seriesOf } from "./series.ts";

/** Registers of a device, and what they are to it. */
export interface LaidSpan extends Span {
  /** Bytes that it held when the chain was walked: another content is another device. */
  readonly expected?: Buffer;
}

/** One series that is made of a point. */
export interface LaidSeries {
  readonly description: SeriesDescription;
  /** Of a bit field: which bit. */
  readonly bit?: number;
}

/** One point of a device, with its place. */
export interface LaidPoint {
  readonly point: SunspecPoint;
  readonly model: ChainModel;
  readonly kind: string;
  /** Counted from 1; 0 outside blocks. */
  readonly block: number;
  readonly span: LaidSpan;
  readonly scale: LaidSpan | undefined;
  readonly series: readonly LaidSeries[];
}

/** All that is read of a device. */
export interface Layout {
  readonly points: readonly LaidPoint[];
  readonly spans: readonly LaidSpan[];
  readonly facts: readonly FactSpan[];
  readonly faults: readonly string[];
  /** Registers that no request should run across, so that a model's values and its scales are one answer. */
  readonly cuts: ReadonlySet<number>;
}

/** A chain is a device's word: what it makes of us is bounded. */
export const mostSeries = 4000;
/** Most registers in one request. */
const mostAtOnce = 125;

/** Where everything is that a chain's models have. */
export function layOut(asset: string, everyMs: number, { chain, walked }: { chain: Chain; walked: Walked }): Layout {
  const laying = new Laying(asset, everyMs, walked);
  for (const model of chain.models) laying.add(model);
  return { ...laying.done(), cuts: cutsOf(chain.models) };
}

/** Models are asked for together as far as they fit into one request. */
function cutsOf(models: readonly ChainModel[]): Set<number> {
  const cuts = new Set<number>();
  let begin: number | undefined;
  for (const { address, length } of models) {
    begin ??= address;
    if (address + 2 + length - begin <= mostAtOnce) continue;
    cuts.add(address);
    begin = address;
  }
  return cuts;
}

class Laying {
  readonly #asset: string;
  readonly #everyMs: number;
  readonly #walked: Walked;
  readonly #points: LaidPoint[] = [];
  readonly #spans = new Map<string, LaidSpan>();
  readonly #facts: FactSpan[] = [];
  readonly #faults: string[] = [];
  readonly #taken = new Set<string>();
  readonly #times = new Map<number, number>();
  #series = 0;

  constructor(asset: string, everyMs: number, walked: Walked) {
    this.#asset = asset;
    this.#everyMs = everyMs;
    this.#walked = walked;
  }

  done(): Omit<Layout, "cuts"> {
    return { points: this.#points, spans: [...this.#spans.values()], facts: this.#facts, faults: this.#faults };
  }

  add(model: ChainModel): void {
    const known = modelOf(model.id);
    if (known === undefined) return;
    const times = (this.#times.get(model.id) ?? 0) + 1;
    this.#times.set(model.id, times);
    const place = { model, known, name: times === 1 ? `${model.id}` : `${model.id}-${times}` };
    this.#span(model, { at: 0, count: 2, expected: headerOf(model) });
    const blocks = this.#blocksOf(place);
    for (const point of known.points) this.#point(place, { point, from: 0, block: 0 });
    for (let block = 1; block <= blocks.length; block++)
      for (const point of known.blocks?.points ?? [])
        this.#point(place, { point, from: blocks.at + (block - 1) * blocks.registers, block });
    for (const fact of known.facts) this.#fact(model, fact);
    if (known.trip !== undefined) this.#trip(place, known.trip);
  }

  /** The points of the curve that applies now. Where another one does, or it has other points, the chain is walked again. */
  #trip(place: Place, trip: Trip): void {
    const curve = curveOf(place.model, trip, this.#walked);
    for (const at of curve.pinned) {
      const value = this.#walked.get(place.model.address + at);
      if (value !== undefined) this.#span(place.model, { at, count: 1, expected: uint16(value) });
    }
    const { type, scale, unit, limits, first, every } = trip;
    for (let number = 0; number < curve.points; number++) {
      const point = { point: `trip${number + 1}`, at: first + number * every, type, scale, unit, limits };
      this.#point(place, { point: { ...point, exponent: 0, metric: "", labels: {}, kind: "gauge" }, from: curve.at, block: 0 });
    }
  }

  /** How many blocks there is room for, and what does not fit. */
  #blocksOf({ model, known }: Place): { length: number; at: number; registers: number } {
    const { blocks, registers } = known;
    const name = `model ${model.id} at ${model.address}`;
    if (model.length < registers && !(model.id === 1 && model.length === registers - 1))
      this.#faults.push(`${name}: bad length ${model.length}, its definition has ${registers}`);
    const room = model.length - registers;
    if (blocks === undefined) {
      if (room > 0 && known.trip === undefined)
        this.#faults.push(`${name}: length ${model.length} is longer than its definition, ${registers}: the rest is not known`);
      return { length: 0, at: 0, registers: 0 };
    }
    const fits = Math.max(0, Math.floor(room / blocks.registers));
    const said = blocks.count === undefined ? undefined : countIn(this.#walked, model.address + blocks.count);
    if (said !== undefined && said > fits) this.#faults.push(`${name}: says ${said} of its ${blocks.label}s, has room for ${fits}`);
    if (said === undefined && room > fits * blocks.registers)
      this.#faults.push(`${name}: bad length ${model.length}, its ${blocks.label}s have ${blocks.registers} registers each`);
    if (blocks.count !== undefined)
      this.#span(model, { at: blocks.count, count: 1, ...(said === undefined ? {} : { expected: uint16(said) }) });
    return { length: Math.min(said ?? fits, fits), at: blocks.at, registers: blocks.registers };
  }

  #point({ model, known, name }: Place, { point, from, block }: { point: SunspecPoint; from: number; block: number }): void {
    const span = this.#span(model, { at: from + point.at, count: sizeOf(point.type) });
    const scaleAt = point.scale === undefined ? undefined : known.scales[point.scale];
    const scale = scaleAt === undefined ? undefined : this.#span(model, { at: scaleAt, count: 1 });
    // Neither a value nor its scale is ever sought past the model's end.
    if (span === undefined || (scaleAt !== undefined && scale === undefined)) return;
    if (this.#series >= mostSeries) {
      this.#full();
      return;
    }
    const within = block === 0 ? {} : { [known.blocks?.label ?? "block"]: `${block}` };
    const origin = `sunspec:${name}.${block === 0 ? "" : `${known.blocks?.label}[${block}].`}${point.point}`;
    const series = (point.metric === "" ? [] : seriesOf(point, { labels: { ...point.labels, ...within }, origin })).map(
      (one): LaidSeries => {
        const description = { asset: this.#asset, everyMs: this.#everyMs, ...one.description };
        return { ...one, description: { ...description, labels: this.#own(description, name) } };
      },
    );
    this.#series += series.length;
    this.#points.push({ point, model, kind: known.kind, block, span, scale, series });
  }

  #full(): void {
    const fault = `more than ${mostSeries} values: the rest is not read`;
    if (!this.#faults.includes(fault)) this.#faults.push(fault);
  }

  /** Labels that no other series of the device has: where two models measure the same, the second says which it is. */
  #own({ metric, labels }: { metric: string; labels: Labels }, model: string): Labels {
    const free = this.#taken.has(seriesKey("", metric, labels)) ? { ...labels, model } : labels;
    this.#taken.add(seriesKey("", metric, free));
    return free;
  }

  #fact(model: ChainModel, { name, at, length }: SunspecModel["facts"][number]): void {
    const count = Math.min(length, model.length + 2 - at);
    if (count <= 0) return;
    const own = model.device === 0 ? name : `${name}_${model.device + 1}`;
    const fact = { name: own, function: "holding", register: model.address + at, length: count, order: "ABCD", letters: "both" } as const;
    this.#facts.push({ table: "holding", address: fact.register, count, facts: [fact] });
  }

  /** Undefined where it would lie beyond the model. */
  #span(model: ChainModel, { at, count, expected }: { at: number; count: number; expected?: Buffer }): LaidSpan | undefined {
    if (at + count > model.length + 2) return undefined;
    const key = `${model.address + at}+${count}`;
    const known = this.#spans.get(key);
    if (known !== undefined && expected === undefined) return known;
    const span: LaidSpan = { table: "holding", address: model.address + at, count, ...(expected === undefined ? {} : { expected }) };
    this.#spans.set(key, span);
    return span;
  }
}

interface Place {
  readonly model: ChainModel;
  readonly known: SunspecModel;
  /** The model's number, and which of its kind it is in the chain where it is not the first. */
  readonly name: string;
}

function headerOf({ id, length }: ChainModel): Buffer {
  return Buffer.concat([uint16(id), uint16(length)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** The models for people: numbers and names, in their order. */
export function modelNames({ models }: Chain): string {
  return models.map(({ id }) => modelName(id)).join(", ");
}
