import { randomInt } from "node:crypto";
import { hashOf, spread } from "../core/fraction.ts";
import type { Labels } from "../core/reading.ts";
import { withRoom } from "../core/room.ts";

/** What identifies a series. */
export interface SeriesIdentity {
  readonly asset: string;
  readonly metric: string;
  readonly labels: Labels;
}

const leastPlaces = 1024;

/**
 * Numbers of series by what identifies them, in 12 bytes each: a map of keys would take 200. Who the numbers belong to is asked
 * of `is`. Hashes begin at a secret: labels are a device's texts, and it must not be able to make them collide.
 */
export class SeriesIndex {
  readonly #is: (number: number, identity: SeriesIdentity) => boolean;
  readonly #secret = randomInt(2 ** 32);
  /** Numbers plus 1, each at the first free place from its hash on; 0 is free. As many places as a power of two. */
  #places = new Uint32Array(leastPlaces);
  #hashes = new Uint32Array(leastPlaces / 2);
  #size = 0;

  constructor(is: (number: number, identity: SeriesIdentity) => boolean) {
    this.#is = is;
  }

  /** The number of this series; `next`, which it has from now on, where it had none. Numbers are given in order, from 0. */
  numberOf(identity: SeriesIdentity, next: number): number {
    const hash = this.#hashOf(identity);
    const mask = this.#places.length - 1;
    let place = hash & mask;
    for (let found = this.#places[place] ?? 0; found !== 0; found = this.#places[place] ?? 0) {
      if (this.#hashes[found - 1] === hash && this.#is(found - 1, identity)) return found - 1;
      place = (place + 1) & mask;
    }
    this.#places[place] = next + 1;
    this.#hashes = withRoom(this.#hashes, next + 1);
    this.#hashes[next] = hash;
    this.#size++;
    if (this.#size * 2 > this.#places.length) this.#spreadOut();
    return next;
  }

  /** Labels count in any order. */
  #hashOf({ asset, metric, labels }: SeriesIdentity): number {
    let sum = 0;
    for (const name in labels) sum += spread(hashOf(labels[name] ?? "", hashOf(name, this.#secret)));
    return spread(hashOf(metric, hashOf(asset, this.#secret)) ^ sum);
  }

  #spreadOut(): void {
    const places = new Uint32Array(2 * this.#places.length);
    const mask = places.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let place = (this.#hashes[number] ?? 0) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
    this.#places = places;
  }
}

/** True when both say the same, in any order. */
export function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  let names = 0;
  for (const name in a) {
    if (a[name] !== b[name] || !Object.hasOwn(b, name)) return false;
    names++;
  }
  for (const _ in b) names--;
  return names === 0;
}
