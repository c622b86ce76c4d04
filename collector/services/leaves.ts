import { CRITICAL, type Level } from "../../core/level.ts";
import type { AlarmEngine, Watch } from "../alarms/engine.ts";
import type { Graph } from "./graph.ts";
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
  /** By asset: itself and the metric leaves on it. */
  readonly #ofAsset = new Map<number, number[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#assets = parts.graph.index.size;
    this.#alarm = new Uint8Array(this.#assets);
    for (const { asset, node } of parts.graph.metricLeaves) this.#ofAsset.set(asset, [...(this.#ofAsset.get(asset) ?? [asset]), node]);
  }

  /** The asset's own leaf and those of metric conditions on it. */
  ofAsset(asset: number): readonly number[] {
    return this.#ofAsset.get(asset) ?? [asset];
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
    return leaf < this.#assets ? this.#assetLevels(leaf) : this.#metricLevels(leaf);
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
