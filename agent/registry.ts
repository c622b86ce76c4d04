import type { NumberedSeries } from "../core/batch.ts";
import type { Descriptions } from "../core/descriptions.ts";
import { type DeviceLimits, type Labels, type SeriesDescription, sameText } from "../core/reading.ts";
import { withRoom } from "../core/room.ts";

import { type SeriesIdentity, SeriesIndex, sameLabels } from "./series-index.ts";
import { type SeriesShape, SeriesShapes } from "./shapes.ts";

/**
 * One agent process's numbering of series: dense, from 0. A series keeps its number until the process ends. What many series
 * have in common is kept once, and the rest side by side: a fleet has some hundred thousand of them.
 */
export class SeriesRegistry implements Descriptions {
  readonly #index = new SeriesIndex((number, identity) => this.#is(number, identity));
  readonly #kinds = new SeriesShapes();
  readonly #assets: string[] = [];
  readonly #labels: Labels[] = [];
  readonly #shapes: SeriesShape[] = [];
  readonly #origins: string[] = [];
  /** Only of those that the device names any of. */
  readonly #limits = new Map<number, DeviceLimits>();
  #revisions = new Uint32Array(256);
  /** Devices of one kind have their values in the same places. */
  readonly #knownOrigins = new Map<string, string>();

  get size(): number {
    return this.#assets.length;
  }

  /** Number of the series with this asset, metric and labels. A description that differs from the known one replaces it. */
  register(description: SeriesDescription): number {
    const number = this.#index.numberOf(description, this.size);
    if (number === this.size) this.#add(description);
    else if (!this.#saysSame(number, description)) this.#describe(number, description);
    return number;
  }

  describe(number: number): NumberedSeries | undefined {
    const [asset, labels, shape, origin] = [this.#assets[number], this.#labels[number], this.#shapes[number], this.#origins[number]];
    if (asset === undefined || labels === undefined || shape === undefined || origin === undefined) return undefined;
    const { metric, unit, kind, everyMs, states, meanings } = shape;
    const limits = this.#limits.get(number);
    return {
      ...{ number, asset, metric, labels, unit, kind, origin, everyMs },
      ...(states === undefined ? {} : { states }),
      ...(meanings === undefined ? {} : { meanings }),
      ...(limits === undefined ? {} : { limits }),
    };
  }

  revision(number: number): number {
    return this.#revisions[number] ?? 0;
  }

  #add(description: SeriesDescription): void {
    const number = this.size;
    this.#assets.push(description.asset);
    this.#labels.push(description.labels);
    this.#revisions = withRoom(this.#revisions, number + 1);
    this.#describe(number, description);
  }

  #describe(number: number, description: SeriesDescription): void {
    this.#shapes[number] = this.#kinds.of(description);
    this.#origins[number] = this.#known(description.origin);
    if (description.limits === undefined) this.#limits.delete(number);
    else this.#limits.set(number, description.limits);
    this.#revisions[number] = this.revision(number) + 1;
  }

  #is(number: number, { asset, metric, labels }: SeriesIdentity): boolean {
    const known = this.#labels[number];
    return this.#assets[number] === asset && this.#shapes[number]?.metric === metric && known !== undefined && sameLabels(known, labels);
  }

  #saysSame(number: number, description: SeriesDescription): boolean {
    const { origin, limits } = description;
    return (
      this.#origins[number] === origin && this.#shapes[number] === this.#kinds.of(description) && sameText(this.#limits.get(number), limits)
    );
  }

  #known(origin: string): string {
    const known = this.#knownOrigins.get(origin);
    if (known !== undefined) return known;
    this.#knownOrigins.set(origin, origin);
    return origin;
  }
}
