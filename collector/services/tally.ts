import { partsText, weightNeeded } from "../../config/need-parts.ts";
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
  if (need.kind !== "members" && need.kind !== "sum" && need.kind !== "parts") return undefined;
  const counts = { total: 0, has: 0, unknown: 0 };
  const all = need.kind === "parts" ? weighedParts(scene.graph, node) : weighed(scene, node, need.kind === "sum" ? weigh : () => 1);
  for (const { node: member, weight, nominal, known } of all) {
    counts.total += nominal;
    if (known && levelAt(scene.graph, scene.levels, member, HIGH) < level) counts.has += weight;
    else if (levelAt(scene.graph, scene.levels, member, LOW) < level) counts.unknown += weight;
  }
  if (need.kind === "parts") return { ...counts, ...partsAsked(need) };
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

function partsAsked({
  parts,
  quorum,
  degradedBelow,
}: GraphNeed["need"] & { kind: "parts" }): Pick<Tally, "needed" | "degradedBelow" | "noun"> {
  const [first] = parts;
  const noun = plural(parts.every(({ kind }) => kind === first?.kind) ? (first?.kind ?? "part") : "part", parts.length);
  const even = parts.every(({ weight }) => weight === 1);
  return {
    needed: weightNeeded(quorum, parts).needed,
    degradedBelow: degradedBelow === undefined ? undefined : weightNeeded(degradedBelow, parts).needed,
    noun: even ? noun : `${noun} by weight`,
  };
}

interface Weighed {
  readonly node: number;
  readonly nominal: number;
  /** What it gives now; what is nominal where that is not known. */
  readonly weight: number;
  readonly known: boolean;
}

/** Assets and services that are named, with the weights that stand on their edges. */
function weighedParts({ down }: Graph, node: number): readonly Weighed[] {
  const from = down.start[node] ?? 0;
  return [...down.node.subarray(from, down.start[node + 1] ?? 0)].map((child, i) => {
    const weight = down.weight[from + i] ?? 0;
    return { node: child, nominal: weight, weight, known: true };
  });
}

function weighed(scene: Scene, node: number, weigh: Weigh): readonly Weighed[] {
  const sum = scene.graph.liveSums.find((one) => one.node === node);
  if (sum === undefined) {
    return membersOf(scene.graph, node).map((asset) => {
      const nominal = weigh(scene.graph.index.idOf(asset));
      return { node: asset, nominal, weight: nominal, known: true };
    });
  }
  const memberAt = scene.liveMembers(sum);
  return sum.members.map(({ asset, nominal }) => {
    const { value } = memberAt(asset);
    return { node: asset, nominal, weight: value ?? nominal, known: value !== undefined };
  });
}

/** What each member of a group counts for, by node; undefined where all count the same. */
export function nominalWeights(scene: Scene, { need, node }: GraphNeed, weigh?: Weigh): ReadonlyMap<number, number> | undefined {
  if (need.kind !== "parts" && need.kind !== "sum") return undefined;
  const all = need.kind === "parts" ? weighedParts(scene.graph, node) : weighed(scene, node, weigh ?? (() => 1));
  return all.every(({ nominal }) => nominal === 1) ? undefined : new Map(all.map((one) => [one.node, one.nominal]));
}

/** Nodes that a group or a sum is made of: assets, of named parts also services. */
export function membersOf({ down, liveSums }: Graph, node: number): readonly number[] {
  const sum = liveSums.find((one) => one.node === node);
  return sum?.members.map(({ asset }) => asset) ?? [...down.node.subarray(down.start[node] ?? 0, down.start[node + 1] ?? 0)];
}

/** `2 of {type=filler,line=3}: 2 needed, 3 up`: a line of needs and how it stands. */
export function needText(scene: Scene, need: GraphNeed, weigh?: Weigh): string {
  const counts = tally(scene, need, levelAsked(scene, need), weigh);
  const line = needLine(need, scene);
  if (counts === undefined) return line;
  const { needed, has, unknown } = counts;
  return `${line}: ${needed} needed, ${amount(has)} up${unknown === 0 ? "" : `, ${amount(unknown)} unknown`}`;
}

/** A measured sum as people read it: seven digits, for what a device gives has more than it knows. */
export function amount(value: number): string {
  return String(Number(value.toPrecision(7)));
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
  if (need.kind === "parts") return `${quorum} of ${partsText(need.parts) ?? need.parts.map(weightedText).join(", ")}`;
  return `${quorum} of ${selectorText(need.members)}`;
}

function weightedText({ kind, id, weight }: { kind: string; id: string; weight: number }): string {
  return weight === 1 ? `${kind} ${id}` : `${weight} x ${kind} ${id}`;
}

function plural(noun: string, count: number): string {
  if (count === 1) return noun;
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
