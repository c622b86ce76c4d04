import type { SuppressWhen, Threshold } from "../../config/alarms.ts";
import { conditions } from "../../config/thresholds.ts";
import { type LevelName, levelOf } from "../../core/level.ts";
import { suppressorId } from "./rule.ts";
import { setOf } from "./sets.ts";
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
  /** What it depends on: a node of the graph, or the suppressor of an asset (see `suppressorKey`). */
  readonly on: number | string;
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
  readonly #dependents = new Map<Condition["on"], Set<Watch>>();
  /** Watches on metrics that suppress something. */
  readonly #suppressors = new Map<string, Set<Watch>>();
  #fresh = new Set<Watch>();

  constructor(plant: SuppressingPlant) {
    this.#plant = plant;
  }

  /** A watch that there may be something to suppress, or that suppresses some; known ones are left alone. */
  add(watch: Watch): void {
    if (watch.rule.feeds === "suppression") {
      setOf(this.#suppressors, suppressorKey(watch.rule.id, watch.asset)).add(watch);
      return;
    }
    const { suppressWhen = [] } = watch.rule;
    if ((suppressWhen.length === 0 && watch.handling.suppressed === undefined) || this.#conditions.has(watch)) return;
    const conditions = suppressWhen.flatMap((when, i) => this.#condition(when, watch, i) ?? []);
    this.#conditions.set(watch, conditions);
    this.#fresh.add(watch);
    for (const { on } of conditions) setOf(this.#dependents, on).add(watch);
  }

  /** A watch on a metric that suppresses others stands otherwise than before. */
  touch(suppressor: Watch): void {
    for (const watch of this.#dependents.get(suppressorKey(suppressor.rule.id, suppressor.asset)) ?? []) this.#fresh.add(watch);
  }

  /** Looks anew at what depends on these nodes. */
  settle(nodes: Iterable<number>): void {
    if (this.#conditions.size === 0) return;
    const watches = this.#fresh;
    this.#fresh = new Set();
    for (const node of nodes) for (const watch of this.#dependents.get(node) ?? []) watches.add(watch);
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

  #condition(when: SuppressWhen, watch: Watch, n: number): Condition | undefined {
    const plant = this.#plant;
    const own = watch.asset;
    if ("via" in when) return { on: own, why: `there is no way to ${watch.series.asset}`, holds: () => plant.isCutOff(own) };
    if ("service" in when) {
      const node = plant.serviceNode(when.service);
      return node === undefined
        ? undefined
        : { on: node, why: `service ${when.service} is ${when.is}`, holds: this.#reaches(node, when.is) };
    }
    const node = when.asset === undefined ? own : plant.assetNode(when.asset);
    if (node === undefined) return undefined;
    const name = when.asset ?? watch.series.asset;
    if ("metric" in when) return this.#metricCondition(when, { name, key: suppressorKey(suppressorId(watch.rule.id, n), node) });
    if (when.is === "down") return { on: node, why: `${name} is down`, holds: () => plant.isDown(node) };
    if (when.is === "maintenance") return { on: node, why: `${name} is in maintenance`, holds: () => plant.isInMaintenance(node) };
    return { on: node, why: `${name} is ${when.is}`, holds: this.#reaches(node, when.is) };
  }

  #metricCondition(when: MetricSuppressor, { name, key }: { name: string; key: string }): Condition {
    return {
      on: key,
      why: `${name} ${when.metric} ${whileText(when.while)}`,
      holds: () => {
        const watches = [...(this.#suppressors.get(key) ?? [])];
        if (watches.some(({ standing }) => standing !== undefined && standing.phase !== "pending")) return true;
        return watches.some(({ state }) => !Number.isNaN(state.value)) ? false : undefined;
      },
    };
  }

  #reaches(node: number, level: LevelName): () => boolean | undefined {
    const wanted = levelOf(level);
    return () => {
      const { low, high } = this.#plant.span(node);
      return low >= wanted ? true : high < wanted ? false : undefined;
    };
  }
}

type MetricSuppressor = Extract<SuppressWhen, { metric: string }>;

/** `is cleaning`, `below 5`. */
function whileText(level: Threshold): string {
  const key = conditions.find((name) => level[name] !== undefined) ?? "stale";
  const value = level[key];
  return `${key.replaceAll("_", " ")} ${Array.isArray(value) ? value.join(" to ") : value}`;
}

function suppressorKey(rule: string, asset: number): string {
  return `${asset} ${rule}`;
}
