/** Edges by the node at one end: those of node n are start[n] .. start[n + 1] - 1. */
export interface Edges {
  readonly start: Int32Array;
  /** The node at the other end. */
  readonly node: Int32Array;
  /** Integer. */
  readonly weight: Float64Array;
  /** The child counts as no worse than this level. */
  readonly cap: Uint8Array;
}

/** One child of one parent. */
export interface Edge {
  readonly child: number;
  readonly parent: number;
  readonly weight: number;
  readonly cap: number;
}

/** Edges in the order of their children or of their parents. */
export function edgesBy(edges: readonly Edge[], nodes: number, end: "child" | "parent"): Edges {
  const start = new Int32Array(nodes + 1);
  for (const edge of edges) start[edge[end] + 1] = (start[edge[end] + 1] ?? 0) + 1;
  for (let n = 0; n < nodes; n++) start[n + 1] = (start[n + 1] ?? 0) + (start[n] ?? 0);
  const next = start.slice();
  const by = { start, node: new Int32Array(edges.length), weight: new Float64Array(edges.length), cap: new Uint8Array(edges.length) };
  for (const edge of edges) {
    const at = next[edge[end]] ?? 0;
    next[edge[end]] = at + 1;
    by.node[at] = end === "child" ? edge.parent : edge.child;
    by.weight[at] = edge.weight;
    by.cap[at] = edge.cap;
  }
  return by;
}

/** Longest ways from the leaves, by taking away nodes whose children are all ranked. */
export function ranks(graph: { nodes: number; leaves: number; up: Edges; down: Edges }): { rank: Int32Array; order: Int32Array } {
  const { nodes, leaves, up, down } = graph;
  const rank = new Int32Array(nodes);
  const open = new Int32Array(nodes);
  const queue: number[] = [];
  for (let n = 0; n < nodes; n++) {
    open[n] = (down.start[n + 1] ?? 0) - (down.start[n] ?? 0);
    if (open[n] === 0) queue.push(n);
  }
  for (let i = 0; i < queue.length; i++) {
    const child = queue[i] ?? 0;
    for (let e = up.start[child] ?? 0; e < (up.start[child + 1] ?? 0); e++) {
      const parent = up.node[e] ?? 0;
      rank[parent] = Math.max(rank[parent] ?? 0, (rank[child] ?? 0) + 1);
      open[parent] = (open[parent] ?? 0) - 1;
      if (open[parent] === 0) queue.push(parent);
    }
  }
  return { rank, order: Int32Array.from(queue.filter((node) => node >= leaves)) };
}
