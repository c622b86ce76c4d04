import { cycles } from "../../config/cycles.ts";
import { AssetIndex } from "../../config/members.ts";
import { integerScale, membersNeeded } from "../../config/quorum.ts";
import type { Config } from "../../config/schema.ts";
import { selectorText } from "../../config/selector.ts";
import type { Need } from "../../config/services.ts";
import { CRITICAL, levelOf } from "../../core/level.ts";
import { type MetricNeed, metricNeedText, needRule, type Rule } from "../alarms/rule.ts";

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

/** One line of a service's needs and the node that stands for it: an asset, a service, a metric leaf or a node of its own. */
export interface GraphNeed {
  readonly need: Need;
  readonly node: number;
}

export interface GraphService {
  readonly id: string;
  readonly node: number;
  readonly needs: readonly GraphNeed[];
}

/** A metric condition that services need. */
export interface MetricLeaf {
  readonly node: number;
  readonly asset: number;
  readonly rule: Rule;
}

/**
 * Services as a graph of monotone sums: `out = max { k : sum over children of weight * [level >= k] >= limit k }`. Nodes are
 * numbered: assets in the order of config, metric leaves, services, then the needs that are sums of their own.
 */
export interface Graph {
  readonly index: AssetIndex;
  readonly nodes: number;
  /** Nodes below this are leaves. */
  readonly leaves: number;
  readonly metricLeaves: readonly MetricLeaf[];
  readonly services: readonly GraphService[];
  readonly serviceOf: ReadonlyMap<string, GraphService>;
  /** Limits of levels 1, 2 and 3 of an inner node, from 3 * (node - leaves) on. */
  readonly limits: Float64Array;
  /** Longest way from a leaf; 0 for leaves. */
  readonly rank: Int32Array;
  /** Inner nodes, children before parents. */
  readonly order: Int32Array;
  readonly down: Edges;
  readonly up: Edges;
}

/** Services that cannot be judged. The loader of config finds the same earlier, with its line. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}

/** The service at a node, where one is there. */
export function serviceAt(graph: Graph, node: number): GraphService | undefined {
  return graph.services[node - (graph.services[0]?.node ?? 0)];
}

/** Compiles services and what they need. Throws GraphError for names that do not exist, groups that are empty, and circles. */
export function compileGraph(config: Pick<Config, "assets" | "services">): Graph {
  const graph = new Compiler(config).graph();
  if (graph.order.length === graph.nodes - graph.leaves) return graph;
  throw new GraphError(`services need each other in a circle: ${circleOf(config)}`);
}

function circleOf({ services }: Pick<Config, "services">): string {
  const edges = Object.entries(services).map(([id, service]) => {
    const needs = service.needs.flatMap((need) => (need.kind === "service" ? [{ to: need.service, path: [] }] : []));
    return [id, needs] as const;
  });
  return cycles(new Map(edges))
    .map(({ text }) => text)
    .join("; ");
}

interface Edge {
  readonly child: number;
  readonly parent: number;
  readonly weight: number;
  readonly cap: number;
}

class Compiler {
  readonly #config: Pick<Config, "assets" | "services">;
  readonly #index: AssetIndex;
  readonly #metricLeaves = new Map<string, MetricLeaf>();
  readonly #serviceNodes = new Map<string, number>();
  readonly #edges: Edge[] = [];
  readonly #limits: number[] = [];
  #leaves = 0;
  #nodes = 0;

  constructor(config: Pick<Config, "assets" | "services">) {
    this.#config = config;
    this.#index = new AssetIndex(Object.entries(config.assets).map(([id, asset]) => ({ id, labels: asset.labels })));
  }

  graph(): Graph {
    this.#numberNodes();
    const services = Object.entries(this.#config.services).map(([id, service]) => {
      const node = this.#serviceNodes.get(id) ?? 0;
      const needs = service.needs.map((need) => ({ need, node: this.#need(id, node, need) }));
      return { id, node, needs };
    });
    const up = edgesBy(this.#edges, this.#nodes, "child");
    const down = edgesBy(this.#edges, this.#nodes, "parent");
    return {
      index: this.#index,
      nodes: this.#nodes,
      leaves: this.#leaves,
      metricLeaves: [...this.#metricLeaves.values()],
      services,
      serviceOf: new Map(services.map((service) => [service.id, service])),
      limits: Float64Array.from(this.#limits),
      ...ranks({ nodes: this.#nodes, leaves: this.#leaves, up, down }),
      up,
      down,
    };
  }

  #numberNodes(): void {
    this.#leaves = this.#index.size;
    for (const [id, service] of Object.entries(this.#config.services)) {
      for (const need of service.needs) if (need.kind === "metric") this.#metricLeaf(id, need);
    }
    this.#nodes = this.#leaves;
    for (const id of Object.keys(this.#config.services)) {
      this.#serviceNodes.set(id, this.#nodes++);
      this.#limits.push(1, 1, 1);
    }
  }

  #metricLeaf(service: string, need: MetricNeed): void {
    const key = metricKey(need);
    if (this.#metricLeaves.has(key)) return;
    const node = this.#leaves++;
    this.#metricLeaves.set(key, { node, asset: this.#asset(service, need.asset), rule: needRule(need, node) });
  }

  /** The node of a need, joined to its service. */
  #need(service: string, parent: number, need: Need): number {
    const child = this.#needNode(service, need);
    this.#edges.push({ child, parent, weight: 1, cap: levelOf(need.worst) });
    return child;
  }

  #needNode(service: string, need: Need): number {
    if (need.kind === "asset") return this.#asset(service, need.asset);
    if (need.kind === "service") return this.#known(this.#serviceNodes.get(need.service), service, `service ${need.service}`);
    if (need.kind === "metric") return this.#known(this.#metricLeaves.get(metricKey(need))?.node, service, metricNeedText(need));
    return need.kind === "members" ? this.#members(service, need) : this.#sum(service, need);
  }

  #members(service: string, need: Need & { kind: "members" }): number {
    const members = this.#select(service, need);
    const n = members.length;
    const fails = n - membersNeeded(need.quorum, n) + 1;
    const degrades = need.degradedBelow === undefined ? fails : n - membersNeeded(need.degradedBelow, n) + 1;
    return this.#inner(
      members.map((child) => ({ child, weight: 1 })),
      [Math.min(fails, degrades), fails, fails],
    );
  }

  #sum(service: string, need: Need & { kind: "sum" }): number {
    const members = this.#select(service, need);
    const weights = members.map((member) => this.#weight(service, need.weight, this.#index.idOf(member)));
    const degradedBelow = need.degradedBelow ?? need.atLeast;
    const scale = integerScale([...weights, need.atLeast, degradedBelow]);
    const whole = weights.map((weight) => Math.round(weight * scale));
    const total = whole.reduce((sum, weight) => sum + weight, 0);
    // Bad weight leaves less than what is needed: total - bad < needed, in integers.
    const fails = total - Math.round(need.atLeast * scale) + 1;
    const degrades = total - Math.round(degradedBelow * scale) + 1;
    return this.#inner(
      members.map((child, i) => ({ child, weight: whole[i] ?? 0 })),
      [Math.min(fails, degrades), fails, fails],
    );
  }

  #inner(children: readonly { child: number; weight: number }[], limits: readonly [number, number, number]): number {
    const parent = this.#nodes++;
    this.#limits.push(...limits);
    for (const { child, weight } of children) this.#edges.push({ child, parent, weight, cap: CRITICAL });
    return parent;
  }

  #select(service: string, need: Need & { kind: "members" | "sum" }): readonly number[] {
    const members = this.#index.select(need.members);
    if (members.length >= need.minMembers) return members;
    const found = `${members.length} assets for ${selectorText(need.members)}`;
    throw new GraphError(`service ${service} finds ${found}, expected ${need.minMembers} or more`);
  }

  #weight(service: string, attribute: string, asset: string): number {
    const weight = this.#config.assets[asset]?.attributes[attribute];
    if (typeof weight === "number" && weight >= 0) return weight;
    throw new GraphError(
      `service ${service} weighs ${asset} by ${attribute}, which is ${weight ?? "missing"}, expected a number of 0 or more`,
    );
  }

  #asset(service: string, id: string): number {
    return this.#known(this.#index.indexOf(id), service, `asset ${id}`);
  }

  #known(node: number | undefined, service: string, what: string): number {
    if (node === undefined) throw new GraphError(`service ${service} needs ${what}, which does not exist`);
    return node;
  }
}

function metricKey(need: MetricNeed): string {
  return JSON.stringify([metricNeedText(need), need.forMs, need.clear ?? null, need.worst]);
}

function edgesBy(edges: readonly Edge[], nodes: number, end: "child" | "parent"): Edges {
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
function ranks(graph: { nodes: number; leaves: number; up: Edges; down: Edges }): { rank: Int32Array; order: Int32Array } {
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
