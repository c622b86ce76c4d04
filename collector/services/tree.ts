import { levelOf } from "../../core/level.ts";
import type { NeedView } from "../../core/service-view.ts";
import { explain } from "./explain.ts";
import { type GraphNeed, type GraphService, serviceAt } from "./graph.ts";
import { HIGH, LOW, levelAt } from "./rollup.ts";
import { type Scene, shownLevel } from "./scene.ts";
import { membersOf, needText, nominalWeights } from "./tally.ts";
import type { WeightOf } from "./weight.ts";

/** Most members of a group that a tree shows, the worst first. */
const mostMembers = 200;

/** What a service needs, as a tree. A service that stands below it twice is unfolded once. */
export function needTree(scene: Scene, service: GraphService, weightOf: WeightOf): readonly NeedView[] {
  return unfold({ scene, weightOf, seen: new Set([service.id]) }, service);
}

interface Walk {
  readonly scene: Scene;
  readonly weightOf: WeightOf;
  readonly seen: Set<string>;
}

function unfold(walk: Walk, service: GraphService): readonly NeedView[] {
  return service.needs.map((line) => needView(walk, line));
}

function needView(walk: Walk, line: GraphNeed): NeedView {
  const { scene, weightOf } = walk;
  const { need, node } = line;
  const text = needText(scene, line, weightOf(line));
  const soft = need.worst === "critical" ? {} : { worst: need.worst };
  const view = { kind: need.kind, text, ...shownLevel(scene, node, levelOf(need.worst)), ...soft, since: scene.since(node) };
  if (need.kind === "asset") return { ...view, id: need.asset, why: leafWhy(scene, node), children: [] };
  if (need.kind === "metric") return { ...view, id: text, why: leafWhy(scene, node), children: [] };
  if (need.kind === "service") return { ...view, id: need.service, ...below(walk, need.service) };
  return { ...view, id: text.slice(0, text.lastIndexOf(": ")), why: "", children: members(walk, line) };
}

function below({ scene, weightOf, seen }: Walk, id: string): Pick<NeedView, "why" | "children"> {
  const service = scene.graph.serviceOf.get(id);
  if (service === undefined) return { why: "", children: [] };
  const why = shownLevel(scene, service.node).level === "ok" ? "" : explain(scene, service, weightOf);
  if (seen.has(id)) return { why, children: [] };
  seen.add(id);
  return { why, children: unfold({ scene, weightOf, seen }, service) };
}

function members(walk: Walk, line: GraphNeed): readonly NeedView[] {
  const { scene, weightOf } = walk;
  const { node } = line;
  const weights = nominalWeights(scene, line, weightOf(line));
  const { graph, levels } = scene;
  const all = [...membersOf(graph, node)];
  const badness = (leaf: number): number => 4 * levelAt(graph, levels, leaf, LOW) + levelAt(graph, levels, leaf, HIGH);
  all.sort((a, b) => badness(b) - badness(a) || a - b);
  return all.slice(0, mostMembers).map((member) => {
    const service = serviceAt(graph, member);
    const weight = weights?.get(member);
    const view = { ...shownLevel(scene, member), ...(weight === undefined ? {} : { weight }), since: scene.since(member) };
    if (service !== undefined)
      return { kind: "service", id: service.id, text: scene.nameOf(service.id), ...view, ...below(walk, service.id) };
    return {
      kind: "asset",
      id: graph.index.idOf(member),
      text: scene.assetName(member),
      ...view,
      why: leafWhy(scene, member),
      children: [],
    };
  });
}

function leafWhy(scene: Scene, leaf: number): string {
  return levelAt(scene.graph, scene.levels, leaf, HIGH) === 0 ? "" : scene.clause(leaf);
}
