import { membersNeeded } from "../../config/quorum.ts";
import { selectorText } from "../../config/selector.ts";
import { type Level, levelOf } from "../../core/level.ts";
import { metricNeedText } from "../alarms/rule.ts";
import type { GraphNeed } from "./graph.ts";
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
  const { graph, levels } = scene;
  const { down } = graph;
  let total = 0;
  let has = 0;
  let unknown = 0;
  for (let e = down.start[node] ?? 0; e < (down.start[node + 1] ?? 0); e++) {
    const member = down.node[e] ?? 0;
    const weight = need.kind === "sum" ? weigh(graph.index.idOf(member)) : 1;
    total += weight;
    if (levelAt(graph, levels, member, HIGH) < level) has += weight;
    else if (levelAt(graph, levels, member, LOW) < level) unknown += weight;
  }
  const counts = { total, has, unknown };
  if (need.kind === "sum")
    return { ...counts, needed: need.atLeast, degradedBelow: need.degradedBelow, noun: need.weight.replaceAll("_", " ") };
  return {
    ...counts,
    needed: membersNeeded(need.quorum, total),
    degradedBelow: need.degradedBelow === undefined ? undefined : membersNeeded(need.degradedBelow, total),
    noun: plural(need.members.labels["type"] ?? "member", total),
  };
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

function needLine({ need }: GraphNeed, scene: Scene): string {
  if (need.kind === "asset") return scene.assetName(scene.graph.index.indexOf(need.asset) ?? -1);
  if (need.kind === "service") return scene.nameOf(need.service);
  if (need.kind === "metric") return metricNeedText(need);
  if (need.kind === "sum") return `${need.weight} of ${selectorText(need.members)}`;
  const quorum = "count" in need.quorum ? `${need.quorum.count}` : `${need.quorum.percent}%`;
  return `${quorum} of ${selectorText(need.members)}`;
}

function plural(noun: string, count: number): string {
  if (count === 1) return noun;
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
