import { CRITICAL, type Level } from "../../core/level.ts";
import type { AlarmEngine, Watch } from "../alarms/engine.ts";
import type { Graph } from "./graph.ts";
import { type LiveMember, type LiveSum, liveLevels } from "./live.ts";
import type { Presences } from "./presence.ts";
import type { LeafLevels } from "./rollup.ts";
import type { Upkeep } from "./upkeep.ts";

interface Parts {
  readonly graph: Graph;
  readonly engine: AlarmEngine;
  readonly presences: Presences;
  readonly upkeep: Upkeep;
}

/** Levels of the graph's leaves: what alarms, presence and maintenance make of assets and of metric conditions. */
export class Leaves {
  readonly #parts: Parts;
  readonly #assets: number;
  /** Worst active alarm of each asset. */
  readonly #alarm: Uint8Array;
  readonly #liveSums: ReadonlyMap<number, LiveSum>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#assets = parts.graph.index.size;
    this.#alarm = new Uint8Array(this.#assets);
    this.#liveSums = new Map(parts.graph.liveSums.map((sum) => [sum.node, sum]));
  }

  /** True while an alarm of the asset is critical. */
  isCritical(asset: number): boolean {
    return this.#alarm[asset] === CRITICAL;
  }

  /** Looks at an asset's alarms anew; true where it became critical or ceased to be. */
  alarmChanged(asset: number): boolean {
    const before = this.isCritical(asset);
    this.#alarm[asset] = worstOf(this.#parts.engine.standingOf(asset));
    return this.isCritical(asset) !== before;
  }

  levels(leaf: number): LeafLevels {
    if (leaf < this.#assets) return this.#assetLevels(leaf);
    const sum = this.#liveSums.get(leaf);
    return sum === undefined ? this.#metricLevels(leaf) : liveLevels(sum, this.liveMembers(sum));
  }

  /** How the members of a live sum stand, by asset. */
  liveMembers({ node }: LiveSum): (asset: number) => LiveMember {
    const values = liveValues(this.#parts.engine.ofLeaf(node));
    return (asset) => {
      const known = this.#parts.presences.of(asset).kind === "delivering";
      return {
        levels: this.#assetLevels(asset),
        value: known ? values.get(asset) : undefined,
        planned: this.#parts.upkeep.why(asset) !== undefined,
      };
    };
  }

  #assetLevels(asset: number): LeafLevels {
    // An alarm that was active when the asset fell silent is still true for all that is known.
    return this.#valued(asset, (this.#alarm[asset] ?? 0) as Level, true);
  }

  #metricLevels(leaf: number): LeafLevels {
    const watches = this.#parts.engine.ofLeaf(leaf);
    const asset = this.#parts.graph.metricLeaves[leaf - this.#assets]?.asset ?? 0;
    const known = watches.size > 0 && [...watches].every((watch) => !Number.isNaN(watch.state.value));
    return this.#valued(asset, worstOf(watches), known);
  }

  #valued(asset: number, alarm: Level, known: boolean): LeafLevels {
    const { presences, upkeep } = this.#parts;
    const { kind } = presences.of(asset);
    const low = kind === "dead" ? CRITICAL : alarm;
    const high = kind === "delivering" && known ? low : CRITICAL;
    return { low, high, unplanned: upkeep.why(asset) === undefined ? low : 0 };
  }
}

/** The value of each member, all its series together; missing where one of them is not known. */
function liveValues(watches: Iterable<Watch>): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (const { asset, state } of watches) values.set(asset, (values.get(asset) ?? 0) + state.value);
  for (const [asset, value] of values) if (Number.isNaN(value)) values.delete(asset);
  return values;
}

/** The worst level that is in alarm; pending ones are not. */
function worstOf(watches: Iterable<Watch>): Level {
  let worst: Level = 0;
  for (const { standing, handling } of watches) {
    // Out of service is no evidence; shelved and suppressed ones are: the plant is as it is, whoever is told.
    if (handling.outOfService !== undefined) continue;
    if (standing !== undefined && standing.phase !== "pending" && standing.level > worst) worst = standing.level;
  }
  return worst;
}
