import { withRoom } from "../core/room.ts";

/** Where a series of a source is in the columns; 0 is nowhere. */
export type Place = number;

const none: Place = 0;
const capacity = 256;

/**
 * How each series of each source stands, side by side for all sources of an agent: an object for each of some hundred
 * thousand would take four times as much.
 */
export class SeriesStates {
  /** Of the last reading that passed. */
  quality = new Uint16Array(capacity);
  /** ms since epoch of the newest reading. */
  time = new Float64Array(capacity);
  /** Monotonic ms of the last put, dropped or not. */
  heard = new Float64Array(capacity);
  /** How often it is read, where that is less often than its source; ms. */
  everyMs = new Float64Array(capacity);
  series = new Uint32Array(capacity);
  #owner = new Uint32Array(capacity);
  /** The next place of the same source, or the next free one. */
  next = new Uint32Array(capacity);
  /** The next place of the same series: another source names it too. */
  #alike = new Uint32Array(capacity);
  /** By series, its first place. */
  #places = new Uint32Array(capacity);
  #size = 0;
  #free: Place = none;
  #owners = 0;

  /** An owner's number; each has its own. */
  newOwner(): number {
    return ++this.#owners;
  }

  /** Where an owner has this series, if it has. */
  find(owner: number, series: number): Place {
    let place = this.#places[series] ?? none;
    while (place !== none && this.#owner[place] !== owner) place = this.#alike[place] ?? none;
    return place;
  }

  /** A place for a series that the owner does not have yet; its state is the caller's to set. */
  take(owner: number, series: number): Place {
    const place = this.#vacant();
    this.#places = withRoom(this.#places, series + 1);
    this.series[place] = series;
    this.next[place] = none;
    this.#owner[place] = owner;
    this.#alike[place] = this.#places[series] ?? none;
    this.#places[series] = place;
    return place;
  }

  /** Frees a place. */
  give(place: Place): void {
    const series = this.series[place] ?? 0;
    const alike = this.#alike[place] ?? none;
    let before = this.#places[series] ?? none;
    if (before === place) this.#places[series] = alike;
    else {
      while (this.#alike[before] !== place) before = this.#alike[before] ?? none;
      this.#alike[before] = alike;
    }
    this.#owner[place] = 0;
    this.next[place] = this.#free;
    this.#free = place;
  }

  #vacant(): Place {
    const place = this.#free;
    if (place === none) {
      this.#grow(++this.#size + 1);
      return this.#size;
    }
    this.#free = this.next[place] ?? none;
    return place;
  }

  #grow(size: number): void {
    this.quality = withRoom(this.quality, size);
    this.time = withRoom(this.time, size);
    this.heard = withRoom(this.heard, size);
    this.everyMs = withRoom(this.everyMs, size);
    this.series = withRoom(this.series, size);
    this.next = withRoom(this.next, size);
    this.#owner = withRoom(this.#owner, size);
    this.#alike = withRoom(this.#alike, size);
  }
}

/** The series of one source, in the order they were added. */
export class SourceSeries {
  readonly states: SeriesStates;
  readonly #owner: number;
  #first: Place = none;
  #last: Place = none;
  #size = 0;

  constructor(states: SeriesStates) {
    this.states = states;
    this.#owner = states.newOwner();
  }

  get size(): number {
    return this.#size;
  }

  find(series: number): Place {
    return this.states.find(this.#owner, series);
  }

  /** One that it does not have yet. */
  add(series: number): Place {
    const place = this.states.take(this.#owner, series);
    if (this.#first === none) this.#first = place;
    else this.states.next[this.#last] = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  *places(): Generator<Place> {
    for (let place = this.#first; place !== none; place = this.states.next[place] ?? none) yield place;
  }

  /** It has no series any more. */
  clear(): void {
    for (let place = this.#first; place !== none; ) {
      const next = this.states.next[place] ?? none;
      this.states.give(place);
      place = next;
    }
    this.#first = none;
    this.#last = none;
    this.#size = 0;
  }
}
