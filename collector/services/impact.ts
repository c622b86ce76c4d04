import type { Level } from "../../core/level.ts";
import type { ImpactView } from "../../core/service-view.ts";
import { liveLevels } from "./live.ts";
import { blockedBy, type Ways } from "./reach.ts";
import { HIGH, type LeafLevels, LOW, levelAt, rollUp } from "./rollup.ts";
import { type Scene, shown } from "./scene.ts";

/**
 * What else fails if an asset does: services that would be worse than they are, and assets that nobody could reach any more.
 * The asset is taken as critical, what is only reached through it as unknown, everything else stays as it is.
 */
export function impactIfFails(scene: Scene, ways: Ways, asset: number): ImpactView {
  const { graph, levels } = scene;
  const behind = cutOff(ways, asset);
  const lost = new Set(behind);
  const changed = (leaf: number, one: number): LeafLevels | undefined => {
    if (one === asset) return { low: 3, high: 3, unplanned: 3 };
    const before = levelsOf(scene, leaf);
    return lost.has(one) ? { ...before, high: 3 } : undefined;
  };
  const ownerOf = new Map(graph.metricLeaves.map((leaf) => [leaf.node, leaf.asset]));
  const sums = new Map(graph.liveSums.map((sum) => [sum.node, sum]));
  const after = rollUp(graph, (leaf) => {
    const sum = sums.get(leaf);
    if (sum === undefined) return changed(leaf, ownerOf.get(leaf) ?? leaf) ?? levelsOf(scene, leaf);
    const memberAt = scene.liveMembers(sum);
    return liveLevels(sum, (member) => {
      const levels = changed(member, member);
      const before = memberAt(member);
      return levels === undefined ? before : { ...before, levels, value: lost.has(member) ? undefined : before.value };
    });
  });
  const services = graph.services.flatMap(({ id, node }) => {
    const [low, high] = [levelAt(graph, after, node, LOW), levelAt(graph, after, node, HIGH)];
    if (low === levelAt(graph, levels, node, LOW) && high === levelAt(graph, levels, node, HIGH)) return [];
    return [{ id, name: scene.nameOf(id), ...shown(low, high), worst: high }];
  });
  services.sort((a, b) => b.worst - a.worst);
  return {
    asset: graph.index.idOf(asset),
    services: services.map(({ worst: _, ...service }) => service),
    unreachable: behind.map((one) => graph.index.idOf(one)),
  };
}

function levelsOf({ graph, levels }: Scene, leaf: number): LeafLevels {
  const at = (valuation: 0 | 1 | 2): Level => levelAt(graph, levels, leaf, valuation);
  return { low: at(0), high: at(1), unplanned: at(2) };
}

/** Assets to which no way is left without this one, nearest first. */
function cutOff(ways: Ways, asset: number): readonly number[] {
  const gone = new Set([asset]);
  for (const one of gone) {
    for (const child of ways.behind.get(one) ?? []) {
      const blocked = blockedBy(ways, child, { isBad: (parent) => gone.has(parent), blameOf: () => [] });
      if (blocked.length > 0) gone.add(child);
    }
  }
  gone.delete(asset);
  return [...gone];
}
