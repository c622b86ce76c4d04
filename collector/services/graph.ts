import { cycles } from "../../config/cycles.ts";
import { AssetIndex } from "../../config/members.ts";
import { servicesOf, weightNeeded } from "../../config/need-parts.ts";
import { integerScale, membersNeeded } from "../../config/quorum.ts";
import type { Config } from "../../config/schema.ts";
import { selectorText } from "../../config/selector.ts";
import type { Need } from "../../config/services.ts";
import { CRITICAL, levelOf } from "../../core/level.ts";
import { type MetricNeed, metricNeedText, needRule, type Rule } from "../alarms/rule.ts";
import { type Edge, type Edges, edgesBy, ranks } from "./edges.ts";
import { type LiveNeed, type LiveSum, liveKey, liveRule, liveSum } from "./live.ts";

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
 * numbered: assets in the order of config, metric leaves, live sums, services, then the needs that are sums of their own.
 */
export interface Graph {
  readonly index: AssetIndex;
  readonly nodes: number;
  /** Nodes below this are leaves. */
  readonly leaves: number;
  readonly metricLeaves: readonly MetricLeaf[];
  /** Sums of live values: leaves, too, since nothing but their members' levels and values is in them. */
  readonly liveSums: readonly LiveSum[];
  /** By asset: the leaves beside its own that change with it. */
  readonly leavesOf: ReadonlyMap<number, readonly number[]>;
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

/** The leaves that change with an asset: its own, and those of metrics on it. */
export function leavesOf(graph: Graph, asset: number): readonly number[] {
  const more = graph.leavesOf.get(asset);
  return more === undefined ? [asset] : [asset, ...more];
}

/** What alarms and live values watch for the graph: rules by asset. */
export function watchedBy(graph: Graph): readonly { readonly asset: number; readonly rule: Rule }[] {
  return [...graph.metricLeaves, ...graph.liveSums.flatMap((sum) => sum.members.map(({ asset }) => ({ asset, rule: liveRule(sum) })))];
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
    const needs = service.needs.flatMap((need) => servicesOf(need).map((one) => ({ to: one.id, path: [] })));
    return [id, needs] as const;
  });
  return cycles(new Map(edges))
    .map(({ text }) => text)
    .join("; ");
}

class Compiler {
  readonly #config: Pick<Config, "assets" | "services">;
  readonly #index: AssetIndex;
  readonly #metricLeaves = new Map<string, MetricLeaf>();
  readonly #liveSums = new Map<string, LiveSum>();
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
      liveSums: [...this.#liveSums.values()],
      leavesOf: this.#leavesOf(),
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
    for (const [id, service] of Object.entries(this.#config.services)) {
      for (const need of service.needs) if (need.kind === "sum" && need.live !== undefined) this.#liveSum(id, { ...need, live: need.live });
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

  #liveSum(service: string, need: LiveNeed): void {
    const key = liveKey(need);
    if (this.#liveSums.has(key)) return;
    const members = this.#select(service, need).map((asset) => ({
      asset,
      nominal: this.#weight(service, need.weight, this.#index.idOf(asset)),
    }));
    const node = this.#leaves++;
    this.#liveSums.set(key, liveSum(need, node, members));
  }

  #leavesOf(): ReadonlyMap<number, readonly number[]> {
    const found = new Map<number, number[]>();
    const put = (asset: number, node: number): void => void found.set(asset, [...(found.get(asset) ?? []), node]);
    for (const { asset, node } of this.#metricLeaves.values()) put(asset, node);
    for (const { members, node } of this.#liveSums.values()) for (const { asset } of members) put(asset, node);
    return found;
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
    if (need.kind === "sum" && need.live !== undefined)
      return this.#known(this.#liveSums.get(liveKey({ ...need, live: need.live }))?.node, service, "a sum");
    if (need.kind === "parts") return this.#parts(service, need);
    return need.kind === "members" ? this.#members(service, need) : this.#sum(service, need);
  }

  #parts(service: string, { parts, quorum, degradedBelow }: Need & { kind: "parts" }): number {
    const children = parts.map(({ kind, id, weight }) => {
      const child = kind === "asset" ? this.#asset(service, id) : this.#known(this.#serviceNodes.get(id), service, `service ${id}`);
      return { child, weight };
    });
    const { needed, total } = weightNeeded(quorum, parts);
    const fails = total - needed + 1;
    const degrades = degradedBelow === undefined ? fails : total - weightNeeded(degradedBelow, parts).needed + 1;
    return this.#inner(children, [Math.min(fails, degrades), fails, fails]);
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
