import { membersNeeded } from "../../config/quorum.ts";
import { selectorText } from "../../config/selector.ts";
import { type Level, levelOf } from "../../core/level.ts";
import { metricNeedText } from "../alarms/rule.ts";
import type { Graph, GraphNeed } from "./graph.ts";
import { HIGH, LOW, levelAt } from "./rollup.ts";
import type { Scene } from "./scene.ts";

/** A group need in numbers: members, or the sum of their attribute. */
export interface Tally {
  readonly total: number;
  readonly needed: number;
  readonly degradedBelow: number | undefined;
  /** Surely better than the level asked about. */
  readonly has: number;
  /** Better, or not known. */
  readonly unknown: number;
  /** `fillers`, `nominal bph`. */
  readonly noun: string;
}

type Weigh = (member: string) => number;

/** Counts the members of a need that are better than `level`. Undefined for a need that has no members. */
export function tally(scene: Scene, { need, node }: GraphNeed, level: Level, weigh: Weigh = () => 1): Tally | undefined {
  if (need.kind !== "members" && need.kind !== "sum") return undefined;
  const counts = { total: 0, has: 0, unknown: 0 };
  for (const { asset, weight, nominal, known } of weighed(scene, node, need.kind === "sum" ? weigh : () => 1)) {
    counts.total += nominal;
    if (known && levelAt(scene.graph, scene.levels, asset, HIGH) < level) counts.has += weight;
    else if (levelAt(scene.graph, scene.levels, asset, LOW) < level) counts.unknown += weight;
  }
  if (need.kind === "sum") {
    const noun = (need.live?.metric ?? need.weight).replaceAll("_", " ");
    return { ...counts, needed: need.atLeast, degradedBelow: need.degradedBelow, noun };
  }
  return {
    ...counts,
    needed: membersNeeded(need.quorum, counts.total),
    degradedBelow: need.degradedBelow === undefined ? undefined : membersNeeded(need.degradedBelow, counts.total),
    noun: plural(need.members.labels["type"] ?? "member", counts.total),
  };
}

interface Weighed {
  readonly asset: number;
  readonly nominal: number;
  /** What it gives now; what is nominal where that is not known. */
  readonly weight: number;
  readonly known: boolean;
}

function weighed(scene: Scene, node: number, weigh: Weigh): readonly Weighed[] {
  const sum = scene.graph.liveSums.find((one) => one.node === node);
  if (sum === undefined) {
    return membersOf(scene.graph, node).map((asset) => {
      const nominal = weigh(scene.graph.index.idOf(asset));
      return { asset, nominal, weight: nominal, known: true };
    });
  }
  const memberAt = scene.liveMembers(sum);
  return sum.members.map(({ asset, nominal }) => {
    const { value } = memberAt(asset);
    return { asset, nominal, weight: value ?? nominal, known: value !== undefined };
  });
}

/** Assets that a group or a sum is made of. */
export function membersOf({ down, liveSums }: Graph, node: number): readonly number[] {
  const sum = liveSums.find((one) => one.node === node);
  return sum?.members.map(({ asset }) => asset) ?? [...down.node.subarray(down.start[node] ?? 0, down.start[node + 1] ?? 0)];
}

/** `2 of {type=filler,line=3}: 2 needed, 3 up`: a line of needs and how it stands. */
export function needText(scene: Scene, need: GraphNeed, weigh?: Weigh): string {
  const counts = tally(scene, need, levelAsked(scene, need), weigh);
  const line = needLine(need, scene);
  if (counts === undefined) return line;
  return `${line}: ${counts.needed} needed, ${counts.has} up${counts.unknown === 0 ? "" : `, ${counts.unknown} unknown`}`;
}

/** The level that a need is asked about: the one it surely has, else the one it may have, else any. */
export function levelAsked({ graph, levels }: Scene, { need, node }: GraphNeed): Level {
  const cap = levelOf(need.worst);
  const low = Math.min(levelAt(graph, levels, node, LOW), cap);
  const high = Math.min(levelAt(graph, levels, node, HIGH), cap);
  // A group that fails as a whole is told by who is left, however its effect is capped.
  return (low > 0 ? levelAt(graph, levels, node, LOW) : high > 0 ? levelAt(graph, levels, node, HIGH) : 1) as Level;
}

/** A line of needs for people, names in place of ids. */
export function needLine({ need }: GraphNeed, scene: Pick<Scene, "graph" | "assetName" | "nameOf">): string {
  if (need.kind === "asset") return scene.assetName(scene.graph.index.indexOf(need.asset) ?? -1);
  if (need.kind === "service") return scene.nameOf(need.service);
  if (need.kind === "metric") return metricNeedText(need);
  if (need.kind === "sum") return `${need.live?.metric ?? need.weight} of ${selectorText(need.members)}`;
  const quorum = "count" in need.quorum ? `${need.quorum.count}` : `${need.quorum.percent}%`;
  return `${quorum} of ${selectorText(need.members)}`;
}

function plural(noun: string, count: number): string {
  if (count === 1) return noun;
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
