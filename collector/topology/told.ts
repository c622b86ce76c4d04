import { z } from "zod";
import type { BatchPreamble } from "../../core/batch.ts";
import type { Topology } from "../../core/topology.ts";
import { parseFact } from "../fact.ts";
import { topologySchema } from "./schema.ts";

const prefix = "topology:";
const kept = topologySchema(z.string());

/** What assets told of the network around them: the newest of each. Told on change only, so it has to outlive the process. */
export class ToldTopologies {
  readonly #known = new Map<string, Topology>();
  #version = 0;

  /** Takes up what `topologyFacts` once gave. */
  constructor(facts: ReadonlyMap<string, string> = new Map()) {
    for (const [key, text] of facts) {
      const found = key.startsWith(prefix) ? kept.safeParse(parseFact(text)) : undefined;
      if (found?.success) this.#known.set(key.slice(prefix.length), found.data);
    }
  }

  /** Another one for each change. */
  get version(): number {
    return this.#version;
  }

  take({ topologies = [] }: BatchPreamble): void {
    for (const { asset, topology } of topologies) this.#known.set(asset, topology);
    if (topologies.length > 0) this.#version++;
  }

  all(): ReadonlyMap<string, Topology> {
    return this.#known;
  }

  /** Forgets those of assets that there are no more; returns the keys of their facts. */
  forget(isGone: (asset: string) => boolean): string[] {
    const gone = [...this.#known.keys()].filter(isGone);
    for (const asset of gone) this.#known.delete(asset);
    if (gone.length > 0) this.#version++;
    return gone.map((asset) => prefix + asset);
  }
}

/** What a batch tells, as facts: they go into the transaction that moves its mark, for it is not told again. */
export function topologyFacts({ topologies = [] }: BatchPreamble): [key: string, text: string][] {
  return topologies.map(({ asset, topology }) => [prefix + asset, JSON.stringify(topology)]);
}
