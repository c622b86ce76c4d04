import type { RecoveryView } from "../../core/service-view.ts";
import { listed } from "../listed.ts";
import type { Graph, GraphService } from "./graph.ts";
import { liveLevels } from "./live.ts";
import { HIGH, LOW, levelAt } from "./rollup.ts";
import type { Scene } from "./scene.ts";

/** Most parts that a search is made for: what a hundred things have to do is no advice. */
const mostParts = 100;
/** Most sets that are told. */
const mostSets = 5;

/**
 * Minimal sets of assets that make a service ok for sure when all of a set recover, the smallest first, at most five. Of no
 * set could one asset be left out. Empty for a service that is ok, and where more than a hundred assets have a part in it.
 */
export function recoveringSets(scene: Scene, service: GraphService): readonly (readonly number[])[] {
  if (levelAt(scene.graph, scene.levels, service.node, HIGH) === 0) return [];
  const search = new Search(scene, service.node);
  if (search.parts.length === 0 || search.parts.length > mostParts) return [];
  const found = new Map<string, readonly number[]>();
  const { parts } = search;
  for (let last = 0; last < Math.min(parts.length, 4 * mostSets); last++) {
    // What is tried first is left out first: by turns, each part is the last, and stays where any set holds it.
    const set = search.shrink([...parts.slice(last + 1), ...parts.slice(0, last + 1)]);
    if (set !== undefined) found.set(set.join(" "), set);
  }
  return [...found.values()].sort((a, b) => a.length - b.length).slice(0, mostSets);
}

/** Looks whether a service is ok when some assets are. What is below it is sorted out once. */
class Search {
  readonly #scene: Scene;
  readonly #top: number;
  /** Inner nodes below the service and itself, children before parents. */
  readonly #order: readonly number[];
  readonly #leaves: readonly number[];
  /** Assets that may have to recover, those surely bad first. */
  readonly parts: readonly number[];
  readonly #level: Uint8Array;

  constructor(scene: Scene, top: number) {
    this.#scene = scene;
    this.#top = top;
    const below = nodesBelow(scene.graph, top);
    this.#order = inOrder(scene.graph, below);
    this.#leaves = [...below].filter((node) => node < scene.graph.leaves);
    this.#level = new Uint8Array(scene.graph.nodes);
    this.parts = this.#partsOf();
  }

  /** Leaves one part after the other out of these while the service stays ok; undefined where all of them do not make it so. */
  shrink(parts: readonly number[]): readonly number[] | undefined {
    const set = new Set(parts);
    if (!this.#okWith(set)) return undefined;
    for (const part of parts) {
      set.delete(part);
      if (!this.#okWith(set)) set.add(part);
    }
    return this.parts.filter((part) => set.has(part));
  }

  #partsOf(): readonly number[] {
    const { graph, levels } = this.#scene;
    const bad = this.#leaves.filter((leaf) => levelAt(graph, levels, leaf, HIGH) > 0);
    bad.sort((a, b) => levelAt(graph, levels, b, LOW) - levelAt(graph, levels, a, LOW) || a - b);
    return [...new Set(bad.flatMap((leaf) => this.#scene.obstacles(leaf)))];
  }

  #okWith(ok: ReadonlySet<number>): boolean {
    const level = this.#level;
    const { down, limits, leaves } = this.#scene.graph;
    for (const leaf of this.#leaves) level[leaf] = this.#leafWith(leaf, ok);
    for (const node of this.#order) {
      const sums = [0, 0, 0];
      for (let e = down.start[node] ?? 0; e < (down.start[node + 1] ?? 0); e++) {
        const reached = Math.min(level[down.node[e] ?? 0] ?? 0, down.cap[e] ?? 0);
        for (let k = 0; k < reached; k++) sums[k] = (sums[k] ?? 0) + (down.weight[e] ?? 0);
      }
      level[node] = sums.findLastIndex((sum, k) => sum >= (limits[3 * (node - leaves) + k] ?? 0)) + 1;
    }
    return level[this.#top] === 0;
  }

  /** The worst that a leaf can be once these assets are well. One that cannot be reached is well when a way to it opens. */
  #leafWith(leaf: number, ok: ReadonlySet<number>): number {
    const { graph, levels } = this.#scene;
    const sum = graph.liveSums.find((one) => one.node === leaf);
    if (sum === undefined) return this.#scene.recovers(leaf, ok) ? 0 : levelAt(graph, levels, leaf, HIGH);
    const memberAt = this.#scene.liveMembers(sum);
    const nominal = new Map(sum.members.map((member) => [member.asset, member.nominal]));
    return liveLevels(sum, (asset) => {
      const member = memberAt(asset);
      const well = ok.has(asset) || this.#scene.recovers(asset, ok);
      const value = Math.max(nominal.get(asset) ?? 0, member.value ?? 0);
      return well ? { levels: { low: 0, high: 0, unplanned: 0 }, value, planned: false } : member;
    }).high;
  }
}

function nodesBelow({ down }: Graph, top: number): ReadonlySet<number> {
  const found = new Set([top]);
  for (const node of found) for (let e = down.start[node] ?? 0; e < (down.start[node + 1] ?? 0); e++) found.add(down.node[e] ?? 0);
  return found;
}

function inOrder(graph: Graph, nodes: ReadonlySet<number>): readonly number[] {
  return [...nodes].filter((node) => node >= graph.leaves).sort((a, b) => (graph.rank[a] ?? 0) - (graph.rank[b] ?? 0));
}

/** The same as the API tells it. */
export function recoveryView(scene: Scene, service: GraphService): RecoveryView {
  const sets = recoveringSets(scene, service);
  return { sets: sets.map((set) => set.map((asset) => scene.graph.index.idOf(asset))), text: recoveryText(scene, sets) };
}

/** `ok again when Filler 31 recovers, or when Filler 32 and MES server recover`; empty where there is nothing to say. */
function recoveryText(scene: Scene, sets: readonly (readonly number[])[]): string {
  const told = sets.slice(0, 3).map((set) => {
    const names = listed(set.map((asset) => scene.assetName(asset)));
    return `${names} ${set.length === 1 ? "recovers" : "recover"}`;
  });
  return told.length === 0 ? "" : `ok again when ${told.join(", or when ")}`;
}
