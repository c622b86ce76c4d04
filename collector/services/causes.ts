import type { Level } from "../../core/level.ts";
import { type Graph, type GraphService, leavesOf, serviceAt } from "./graph.ts";
import { HIGH, type Levels, LOW, levelAt, type Valuation } from "./rollup.ts";

/** A leaf that explains a node's level. */
export interface Cause {
  readonly leaf: number;
  /** Its level where that is known to be bad; 0 where only not knowing it counts. */
  readonly low: Level;
  readonly high: Level;
}

/**
 * The leaves that explain a node's level: those that are part of some minimal set which holds it up. First the ones known to
 * be bad, the worst first, then the unknown ones, each in the order of config. A node is visited once per level asked of it,
 * so shared parts are not counted again: 16 diamonds on top of each other have one cause, not 262,140.
 */
export function causesOf(graph: Graph, levels: Levels, node: number): readonly Cause[] {
  const found = new Set<number>();
  const low = levelAt(graph, levels, node, LOW);
  const high = levelAt(graph, levels, node, HIGH);
  if (low > 0) collect({ graph, levels, valuation: LOW, found }, node, low);
  if (high > low) collect({ graph, levels, valuation: HIGH, found }, node, high);
  const causes = [...found].map((leaf) => ({ leaf, low: levelAt(graph, levels, leaf, LOW), high: levelAt(graph, levels, leaf, HIGH) }));
  return causes.sort((a, b) => b.low - a.low || a.leaf - b.leaf);
}

interface Search {
  readonly graph: Graph;
  readonly levels: Levels;
  readonly valuation: Valuation;
  readonly found: Set<number>;
}

/** Walks down to the leaves that hold `top` at `least` or worse. */
function collect(search: Search, top: number, least: Level): void {
  const { graph, levels, valuation, found } = search;
  const { down } = graph;
  if (top < graph.leaves) {
    found.add(top);
    return;
  }
  const visited = new Set([top]);
  const stack = [top];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (let e = down.start[node] ?? 0; e < (down.start[node + 1] ?? 0); e++) {
      const child = down.node[e] ?? 0;
      const level = Math.min(levelAt(graph, levels, child, valuation), down.cap[e] ?? 0);
      if (level < least || (down.weight[e] ?? 0) === 0 || visited.has(child)) continue;
      visited.add(child);
      if (child < graph.leaves) found.add(child);
      else stack.push(child);
    }
  }
}

/** Services that rely on any of these nodes, directly, by a metric or through others, nearest first. The nodes themselves are not among them. */
export function impactOf(graph: Graph, nodes: Iterable<number>): readonly GraphService[] {
  const { up } = graph;
  const queue = [...nodes].flatMap((node) => leavesOf(graph, node));
  const seen = new Set(queue);
  const services: GraphService[] = [];
  for (let i = 0; i < queue.length; i++) {
    const child = queue[i] ?? 0;
    for (let e = up.start[child] ?? 0; e < (up.start[child + 1] ?? 0); e++) {
      const parent = up.node[e] ?? 0;
      if (seen.has(parent)) continue;
      seen.add(parent);
      queue.push(parent);
      const service = serviceAt(graph, parent);
      if (service !== undefined) services.push(service);
    }
  }
  return services;
}
