import type { Config } from "../../config/schema.ts";
import type { GraphNeed } from "./graph.ts";

/** Weights of the members of a sum by asset id: the attribute that config names. Undefined for a need that is no sum. */
export type WeightOf = (need: GraphNeed) => ((member: string) => number) | undefined;

export function weightsOf(config: Pick<Config, "assets">): WeightOf {
  return ({ need }) => {
    if (need.kind !== "sum") return undefined;
    const { weight } = need;
    return (member) => Number(config.assets[member]?.attributes[weight] ?? 0);
  };
}
