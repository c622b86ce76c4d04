import type { Selectable, Selector } from "./selector.ts";

/** Finds the assets of a selector without walking all of them: postings by label and value, the rarest first. */
export class AssetIndex {
  readonly #ids: readonly string[];
  readonly #postings = new Map<string, number[]>();
  readonly #byId = new Map<string, number>();

  constructor(assets: readonly Selectable[]) {
    this.#ids = assets.map((asset) => asset.id);
    for (const [index, asset] of assets.entries()) {
      this.#byId.set(asset.id, index);
      for (const [name, value] of Object.entries(asset.labels)) this.#post(`${name}\u0000${value}`, index);
    }
  }

  /** How many assets there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** Position of an asset in the order of config. */
  indexOf(id: string): number | undefined {
    return this.#byId.get(id);
  }

  idOf(index: number): string {
    return this.#ids[index] ?? "";
  }

  /** Positions of the assets that carry every label of the selector, ascending. A selector without labels finds none. */
  select(selector: Selector): readonly number[] {
    const lists = Object.entries(selector.labels).map(([name, value]) => this.#list(name, value));
    lists.sort((a, b) => a.length - b.length);
    const [rarest, ...others] = lists;
    if (rarest === undefined) return [];
    const sets = others.map((list) => new Set(list));
    return sets.length === 0 ? rarest : rarest.filter((index) => sets.every((set) => set.has(index)));
  }

  #list(name: string, value: string): readonly number[] {
    if (name !== "id") return this.#postings.get(`${name}\u0000${value}`) ?? [];
    const index = this.#byId.get(value);
    return index === undefined ? [] : [index];
  }

  #post(key: string, index: number): void {
    const list = this.#postings.get(key);
    if (list === undefined) this.#postings.set(key, [index]);
    else list.push(index);
  }
}
