import type { Level } from "../../core/level.ts";
import type { Graph } from "./graph.ts";

/** Unknown counts as ok; unknown counts as critical; as low, with assets in maintenance counting as ok. */
export const LOW = 0;
export const HIGH = 1;
export const UNPLANNED = 2;
export type Valuation = typeof LOW | typeof HIGH | typeof UNPLANNED;
const valuations: readonly Valuation[] = [LOW, HIGH, UNPLANNED];

/** A leaf's level in the three valuations. */
export interface LeafLevels {
  readonly low: Level;
  readonly high: Level;
  readonly unplanned: Level;
}

/** Levels of all nodes: the one of node n in valuation v is at v * nodes + n. */
export type Levels = Uint8Array;

export function levelAt(graph: Graph, levels: Levels, node: number, valuation: Valuation): Level {
  return (levels[valuation * graph.nodes + node] ?? 0) as Level;
}

/** The highest level whose limit is met. Sums never grow with the level and limits never fall, so the first met from above is it. */
function out(limits: Float64Array, limitAt: number, sums: Float64Array, sumAt: number): Level {
  for (let k = 3; k >= 1; k--) {
    if ((sums[sumAt + k - 1] ?? 0) >= (limits[limitAt + k - 1] ?? 0)) return k as Level;
  }
  return 0;
}

/** Levels of every node, computed anew from those of the leaves. Pure: nothing but the result is written. */
export function rollUp(graph: Graph, leafAt: (leaf: number) => LeafLevels): Levels {
  const levels = new Uint8Array(3 * graph.nodes);
  for (let leaf = 0; leaf < graph.leaves; leaf++) {
    const { low, high, unplanned } = leafAt(leaf);
    levels[leaf] = low;
    levels[graph.nodes + leaf] = high;
    levels[2 * graph.nodes + leaf] = unplanned;
  }
  const sums = new Float64Array(3);
  for (const node of graph.order) {
    for (const valuation of valuations) {
      addUp(graph, levels, { node, valuation, sums, at: 0 });
      levels[valuation * graph.nodes + node] = out(graph.limits, 3 * (node - graph.leaves), sums, 0);
    }
  }
  return levels;
}

/** Writes the sums of one node in one valuation to `sums`, from `at` on. */
function addUp(graph: Graph, levels: Levels, into: { node: number; valuation: Valuation; sums: Float64Array; at: number }): void {
  const { down } = graph;
  const { node, sums, at } = into;
  const base = into.valuation * graph.nodes;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let e = down.start[node] ?? 0; e < (down.start[node + 1] ?? 0); e++) {
    const level = Math.min(levels[base + (down.node[e] ?? 0)] ?? 0, down.cap[e] ?? 0);
    const weight = down.weight[e] ?? 0;
    if (level >= 1) s1 += weight;
    if (level >= 2) s2 += weight;
    if (level >= 3) s3 += weight;
  }
  sums[at] = s1;
  sums[at + 1] = s2;
  sums[at + 2] = s3;
}

/**
 * Levels kept up to date: a change of a leaf costs its way upwards, not a look at its siblings. Nodes are settled by rank, each
 * once, so a node with two ways from one leaf never shows what is only half computed.
 */
export class RollUp {
  readonly #graph: Graph;
  #levels: Levels;
  /** Of inner node i in valuation v at level k: 9 * i + 3 * v + k - 1. */
  readonly #sums: Float64Array;
  readonly #queued: Uint8Array;
  readonly #buckets: number[][];

  /** All leaves are ok at first. */
  constructor(graph: Graph) {
    this.#graph = graph;
    this.#levels = rollUp(graph, () => allOk);
    this.#sums = new Float64Array(9 * (graph.nodes - graph.leaves));
    this.#queued = new Uint8Array(graph.nodes);
    let highest = 0;
    for (const rank of graph.rank) highest = Math.max(highest, rank);
    this.#buckets = Array.from({ length: highest + 1 }, () => []);
    this.#sumAnew();
  }

  /** Good until the next `settle`. */
  get levels(): Levels {
    return this.#levels;
  }

  level(node: number, valuation: Valuation): Level {
    return levelAt(this.#graph, this.#levels, node, valuation);
  }

  /** Sets a leaf; its parents follow with the next `settle`. */
  set(leaf: number, to: LeafLevels): void {
    const { low, high, unplanned } = to;
    if (low === high && high === unplanned && this.#isSure(leaf)) {
      this.#moveSure(leaf, low);
      return;
    }
    this.#move(leaf, LOW, to.low);
    this.#move(leaf, HIGH, to.high);
    this.#move(leaf, UNPLANNED, to.unplanned);
  }

  /** Brings all nodes up to date. Returns the inner nodes with another level in any valuation, each once, by rank. */
  settle(): readonly number[] {
    const changed: number[] = [];
    for (const bucket of this.#buckets) {
      for (const node of bucket) if (this.#settleNode(node)) changed.push(node);
      bucket.length = 0;
    }
    return changed;
  }

  /** Compares with a full recompute and takes that over; returns the inner nodes that differed. None ever should. */
  repair(): readonly number[] {
    const graph = this.#graph;
    this.settle();
    const full = rollUp(graph, (leaf) => ({
      low: this.level(leaf, LOW),
      high: this.level(leaf, HIGH),
      unplanned: this.level(leaf, UNPLANNED),
    }));
    const wrong: number[] = [];
    for (const node of graph.order) {
      if (valuations.some((valuation) => levelAt(graph, full, node, valuation) !== this.level(node, valuation))) wrong.push(node);
    }
    if (wrong.length > 0) {
      this.#levels = full;
      this.#sumAnew();
    }
    return wrong;
  }

  #settleNode(node: number): boolean {
    const { limits, leaves } = this.#graph;
    const inner = node - leaves;
    this.#queued[node] = 0;
    const low = out(limits, 3 * inner, this.#sums, 9 * inner);
    const high = out(limits, 3 * inner, this.#sums, 9 * inner + 3);
    const unplanned = out(limits, 3 * inner, this.#sums, 9 * inner + 6);
    if (low === high && high === unplanned && this.#isSure(node)) return this.#moveSure(node, low);
    const moved = [this.#move(node, LOW, low), this.#move(node, HIGH, high), this.#move(node, UNPLANNED, unplanned)];
    return moved.includes(true);
  }

  /** True while the three valuations of a node are one. */
  #isSure(node: number): boolean {
    const levels = this.#levels;
    const { nodes } = this.#graph;
    return levels[node] === levels[nodes + node] && levels[node] === levels[2 * nodes + node];
  }

  /** What `#move` does, for all three valuations at once: nearly always they are one, and the edges need one look. */
  #moveSure(node: number, to: Level): boolean {
    const { up, nodes, leaves } = this.#graph;
    const levels = this.#levels;
    const from = levels[node] ?? 0;
    if (from === to) return false;
    levels[node] = to;
    levels[nodes + node] = to;
    levels[2 * nodes + node] = to;
    const sums = this.#sums;
    const end = up.start[node + 1] ?? 0;
    for (let e = up.start[node] ?? 0; e < end; e++) {
      const cap = up.cap[e] ?? 0;
      const before = from < cap ? from : cap;
      const after = to < cap ? to : cap;
      if (before === after) continue;
      const parent = up.node[e] ?? 0;
      const weight = after > before ? (up.weight[e] ?? 0) : -(up.weight[e] ?? 0);
      const last = 9 * (parent - leaves) + (after > before ? after : before);
      for (let at = 9 * (parent - leaves) + (after > before ? before : after); at < last; at++) {
        sums[at] = (sums[at] ?? 0) + weight;
        sums[at + 3] = (sums[at + 3] ?? 0) + weight;
        sums[at + 6] = (sums[at + 6] ?? 0) + weight;
      }
      this.#queue(parent);
    }
    return true;
  }

  /** Takes a level over and adds what changed to the sums of the parents. */
  #move(node: number, valuation: Valuation, to: Level): boolean {
    const { up, nodes, leaves } = this.#graph;
    const at = valuation * nodes + node;
    const from = this.#levels[at] ?? 0;
    if (from === to) return false;
    this.#levels[at] = to;
    for (let e = up.start[node] ?? 0; e < (up.start[node + 1] ?? 0); e++) {
      const cap = up.cap[e] ?? 0;
      const before = Math.min(from, cap);
      const after = Math.min(to, cap);
      if (before === after) continue;
      const parent = up.node[e] ?? 0;
      const sumAt = 9 * (parent - leaves) + 3 * valuation - 1;
      const weight = up.weight[e] ?? 0;
      for (let k = before + 1; k <= after; k++) this.#sums[sumAt + k] = (this.#sums[sumAt + k] ?? 0) + weight;
      for (let k = after + 1; k <= before; k++) this.#sums[sumAt + k] = (this.#sums[sumAt + k] ?? 0) - weight;
      this.#queue(parent);
    }
    return true;
  }

  #queue(node: number): void {
    if (this.#queued[node] === 1) return;
    this.#queued[node] = 1;
    this.#buckets[this.#graph.rank[node] ?? 0]?.push(node);
  }

  #sumAnew(): void {
    const graph = this.#graph;
    for (const node of graph.order) {
      for (const valuation of valuations) {
        addUp(graph, this.#levels, { node, valuation, sums: this.#sums, at: 9 * (node - graph.leaves) + 3 * valuation });
      }
    }
  }
}

const allOk: LeafLevels = { low: 0, high: 0, unplanned: 0 };
