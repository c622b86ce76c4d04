import type { Config } from "../../config/schema.ts";
import { didYouMean } from "../../config/suggest.ts";
import { levelName, levelOf } from "../../core/level.ts";
import type { WhatIfView } from "../../core/service-view.ts";
import type { WhatIfState } from "../view.ts";
import { blamedAssets, explain } from "./explain.ts";
import type { Graph } from "./graph.ts";
import { lacking, liveLevels } from "./live.ts";
import { type LeafLevels, levelAt, rollUp, UNPLANNED } from "./rollup.ts";
import { type Scene, shownLevel } from "./scene.ts";
import { weightsOf } from "./weight.ts";

/** An asset that a what-if sets does not exist. */
export class UnknownAssetError extends Error {
  override readonly name = "UnknownAssetError";
}

export function unknownAsset({ assets }: Pick<Config, "assets">, id: string): UnknownAssetError {
  return new UnknownAssetError(`asset ${JSON.stringify(id)} does not exist${didYouMean(id, Object.keys(assets))}`);
}

type Judged = Pick<Config, "assets" | "services">;

/**
 * A plant as somebody imagines it: assets stand as they are set, all others are ok, metric conditions follow their asset. An
 * asset in maintenance is missing, as planned: critical, but ok in the unplanned valuation. `via` is no part of it: it is said
 * what is known of each asset. Throws UnknownAssetError.
 */
export function imagine(graph: Graph, config: Judged, set: ReadonlyMap<string, WhatIfState>): Scene {
  const states = new Map<number, WhatIfState>();
  for (const [id, state] of set) {
    const asset = graph.index.indexOf(id);
    if (asset === undefined) throw unknownAsset(config, id);
    states.set(asset, state);
  }
  const assetOf = new Map(graph.metricLeaves.map((leaf) => [leaf.node, leaf.asset]));
  const own = (leaf: number): number => assetOf.get(leaf) ?? leaf;
  const stateOf = (leaf: number): WhatIfState => states.get(own(leaf)) ?? "ok";
  const sums = new Map(graph.liveSums.map((sum) => [sum.node, sum]));
  const liveMembers: Scene["liveMembers"] = (sum) => {
    const nominal = new Map(sum.members.map((member) => [member.asset, member.nominal]));
    return (asset) => {
      const state = stateOf(asset);
      return { levels: leafLevels(state), value: state === "unknown" ? undefined : nominal.get(asset), planned: state === "maintenance" };
    };
  };
  const blame = (leaf: number): readonly number[] => {
    const sum = sums.get(leaf);
    return sum === undefined ? [own(leaf)] : lacking(sum, liveMembers(sum));
  };
  const assetName = (asset: number): string => config.assets[graph.index.idOf(asset)]?.name ?? graph.index.idOf(asset);
  return {
    graph,
    levels: rollUp(graph, (leaf) => {
      const sum = sums.get(leaf);
      return sum === undefined ? leafLevels(stateOf(leaf)) : liveLevels(sum, liveMembers(sum));
    }),
    now: null,
    nameOf: (service) => config.services[service]?.name ?? service,
    assetName,
    zoneOf: () => undefined,
    since: () => null,
    liveMembers,
    clause: (leaf) =>
      blame(leaf)
        .map((asset) => clause(assetName(asset), stateOf(asset)))
        .join(", "),
    blame,
    obstacles: blame,
    recovers: (leaf, well) => well.has(own(leaf)),
  };
}

function leafLevels(state: WhatIfState): LeafLevels {
  if (state === "unknown") return { low: 0, high: 3, unplanned: 0 };
  if (state === "maintenance") return { low: 3, high: 3, unplanned: 0 };
  const level = levelOf(state);
  return { low: level, high: level, unplanned: level };
}

function clause(name: string, state: WhatIfState): string {
  if (state === "unknown") return `nothing is known of ${name}`;
  return state === "maintenance" ? `${name} is in maintenance` : `${name} is ${state}`;
}

/** Every service of an imagined plant. */
export function whatIf(graph: Graph, config: Judged, set: ReadonlyMap<string, WhatIfState>): WhatIfView {
  const scene = imagine(graph, config, set);
  const weightOf = weightsOf(config);
  return {
    services: Object.fromEntries(
      graph.services.map((service) => [
        service.id,
        {
          ...shownLevel(scene, service.node),
          unplanned: levelName(levelAt(graph, scene.levels, service.node, UNPLANNED)),
          causes: blamedAssets(scene, service.node),
          why: explain(scene, service, weightOf),
        },
      ]),
    ),
  };
}
