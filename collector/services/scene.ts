import type { ShownLevel } from "../../core/asset-view.ts";
import { type LevelName, levelName } from "../../core/level.ts";
import type { Graph } from "./graph.ts";
import type { LiveMember, LiveSum } from "./live.ts";
import { HIGH, type Levels, LOW, levelAt } from "./rollup.ts";

/** A state of the plant to speak about: the present one, or one that somebody imagines. */
export interface Scene {
  readonly graph: Graph;
  readonly levels: Levels;
  /** ms since epoch: what is not of today is told with its date. Null where nothing has a time. */
  readonly now: number | null;
  /** Name for people. */
  nameOf(service: string): string;
  assetName(asset: number): string;
  /** Time zone in which people of a service read a clock; undefined: the machine's. */
  zoneOf(service: string): string | undefined;
  /** Since when a node is as it is; null where nobody knows. */
  since(node: number): number | null;
  /** Clause that says what is the matter with a leaf, naming its asset: `Filler 31: bearing at 92 °C (above 85 °C)`. */
  clause(leaf: number): string;
  /** How the members of a live sum stand, by asset. */
  liveMembers(sum: LiveSum): (asset: number) => LiveMember;
  /** Assets to blame for a leaf: its own, or those in the way to it. */
  blame(leaf: number): readonly number[];
  /** All assets that have a part in a leaf not being well: those to blame, and what else is in the way to it. */
  obstacles(leaf: number): readonly number[];
  /** True where a leaf (no live sum) is well once these assets are. */
  recovers(leaf: number, well: ReadonlySet<number>): boolean;
}

/** Level of a node as shown, with its interval. */
export interface Shown {
  readonly level: ShownLevel;
  readonly low: LevelName;
  readonly high: LevelName;
}

/** One level where both valuations agree, otherwise unknown. `cap`: the worst that it can count as. */
export function shownLevel({ graph, levels }: Pick<Scene, "graph" | "levels">, node: number, cap = 3): Shown {
  const low = Math.min(levelAt(graph, levels, node, LOW), cap);
  const high = Math.min(levelAt(graph, levels, node, HIGH), cap);
  return shown(low as 0, high as 0);
}

export function shown(low: 0 | 1 | 2 | 3, high: 0 | 1 | 2 | 3): Shown {
  return { level: low === high ? levelName(low) : "unknown", low: levelName(low), high: levelName(high) };
}
