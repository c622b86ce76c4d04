import type { SuppressWhen } from "../../config/alarms.ts";
import { type LevelName, levelOf } from "../../core/level.ts";
import type { Watch } from "./watch.ts";

/** What is asked of the plant, by node of the service graph: assets are nodes, services are nodes. */
export interface SuppressingPlant {
  assetNode(id: string): number | undefined;
  serviceNode(id: string): number | undefined;
  /** Lowest and highest level that the node may have. */
  span(node: number): { readonly low: number; readonly high: number };
  /** Whether an asset gives data; undefined while nobody knows, as after a start. */
  isDown(asset: number): boolean | undefined;
  isCutOff(asset: number): boolean | undefined;
  isInMaintenance(asset: number): boolean;
  suppress(watch: Watch, why: string | undefined): void;
}

interface Condition {
  readonly node: number;
  readonly why: string;
  /** Undefined: not known, stays as it was. */
  readonly holds: () => boolean | undefined;
}

/**
 * Suppressed-by-design (ISA-18.2): alarms that say nothing new while something else is as it is. Levels do not depend on it, so there
 * is nothing to go round in circles; each change of a node is looked at once.
 */
export class Suppression {
  readonly #plant: SuppressingPlant;
  readonly #conditions = new Map<Watch, readonly Condition[]>();
  readonly #byNode = new Map<number, Set<Watch>>();
  #fresh = new Set<Watch>();

  constructor(plant: SuppressingPlant) {
    this.#plant = plant;
  }

  /** A watch that there may be something to suppress; known ones are left alone. */
  add(watch: Watch): void {
    const { suppressWhen = [] } = watch.rule;
    if ((suppressWhen.length === 0 && watch.handling.suppressed === undefined) || this.#conditions.has(watch)) return;
    const conditions = suppressWhen.flatMap((when) => this.#condition(when, watch) ?? []);
    this.#conditions.set(watch, conditions);
    this.#fresh.add(watch);
    for (const { node } of conditions) {
      const watches = this.#byNode.get(node);
      if (watches === undefined) this.#byNode.set(node, new Set([watch]));
      else watches.add(watch);
    }
  }

  /** Looks anew at what depends on these nodes. */
  settle(nodes: Iterable<number>): void {
    if (this.#conditions.size === 0) return;
    const watches = this.#fresh;
    this.#fresh = new Set();
    for (const node of nodes) for (const watch of this.#byNode.get(node) ?? []) watches.add(watch);
    for (const watch of watches) this.#plant.suppress(watch, this.#why(watch));
  }

  #why(watch: Watch): string | undefined {
    const before = watch.handling.suppressed;
    let kept: string | undefined;
    for (const { holds, why } of this.#conditions.get(watch) ?? []) {
      const held = holds();
      if (held === true) return why;
      if (held === undefined && why === before) kept = why;
    }
    return kept;
  }

  #condition(when: SuppressWhen, watch: Watch): Condition | undefined {
    const plant = this.#plant;
    const own = watch.asset;
    if ("via" in when) return { node: own, why: `there is no way to ${watch.series.asset}`, holds: () => plant.isCutOff(own) };
    if ("service" in when) {
      const node = plant.serviceNode(when.service);
      return node === undefined ? undefined : { node, why: `service ${when.service} is ${when.is}`, holds: this.#reaches(node, when.is) };
    }
    const node = when.asset === undefined ? own : plant.assetNode(when.asset);
    if (node === undefined) return undefined;
    const name = when.asset ?? watch.series.asset;
    if (when.is === "down") return { node, why: `${name} is down`, holds: () => plant.isDown(node) };
    if (when.is === "maintenance") return { node, why: `${name} is in maintenance`, holds: () => plant.isInMaintenance(node) };
    return { node, why: `${name} is ${when.is}`, holds: this.#reaches(node, when.is) };
  }

  #reaches(node: number, level: LevelName): () => boolean | undefined {
    const wanted = levelOf(level);
    return () => {
      const { low, high } = this.#plant.span(node);
      return low >= wanted ? true : high < wanted ? false : undefined;
    };
  }
}
