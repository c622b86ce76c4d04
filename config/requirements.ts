import { findCycle } from "./cycle.ts";
import { AssetIndex } from "./members.ts";
import { membersNeeded } from "./quorum.ts";
import type { Config } from "./schema.ts";
import { selectorText } from "./selector.ts";
import type { Need } from "./services.ts";

/** Something in `services` or `via` that cannot be judged, with the path to it in config. */
export interface RequirementFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Judged = Pick<Config, "assets" | "services">;

/**
 * What is wrong with requirements once every name is known: selectors that find too few, quorums and sums that can never be
 * met, weights that are no numbers, and cycles with their whole path. Names that do not exist are somebody else's finding.
 */
export function requirementFaults(config: Judged): readonly RequirementFault[] {
  const index = new AssetIndex(Object.entries(config.assets).map(([id, asset]) => ({ id, labels: asset.labels })));
  const faults: RequirementFault[] = [];
  for (const [id, service] of Object.entries(config.services)) {
    for (const [i, need] of service.needs.entries()) {
      for (const message of needFaults(need, config, index)) faults.push({ path: ["services", id, "needs", i], message });
    }
  }
  return [...faults, ...cycleFaults(config)];
}

function needFaults(need: Need, config: Judged, index: AssetIndex): readonly string[] {
  if (need.kind !== "members" && need.kind !== "sum") return [];
  const members = index.select(need.members);
  const found = `${selectorText(need.members)} finds ${members.length} asset${members.length === 1 ? "" : "s"}`;
  if (members.length < need.minMembers) return [`${found}, expected at least ${need.minMembers}`];
  return need.kind === "members" ? quorumFaults(need, members.length, found) : sumFaults(need, members, { config, index });
}

function quorumFaults(need: Need & { kind: "members" }, members: number, found: string): readonly string[] {
  const needed = membersNeeded(need.quorum, members);
  if (needed > members) return [`${found}, so that ${needed} of them can never be ok`];
  if (need.degradedBelow === undefined) return [];
  const degraded = membersNeeded(need.degradedBelow, members);
  if (degraded > members) return [`${found}, so that it is degraded below ${degraded} for ever`];
  return degraded > needed ? [] : [`degraded_below is ${degraded}, expected more than at_least, which is ${needed}`];
}

function sumFaults(
  need: Need & { kind: "sum" },
  members: readonly number[],
  { config, index }: { config: Judged; index: AssetIndex },
): readonly string[] {
  let total = 0;
  for (const member of members) {
    const id = index.idOf(member);
    const weight = config.assets[id]?.attributes[need.weight];
    if (typeof weight !== "number" || !(weight >= 0))
      return [
        `asset ${id} has ${weight === undefined ? "no attribute" : "no number of 0 or more as"} ${need.weight}, which is its weight here`,
      ];
    total += weight;
  }
  const faults: string[] = [];
  if (total < need.atLeast)
    faults.push(`the ${need.weight} of ${members.length} assets is ${total} in all, at_least ${need.atLeast} can never be met`);
  if (need.degradedBelow !== undefined && need.degradedBelow <= need.atLeast)
    faults.push(`degraded_below is ${need.degradedBelow}, expected more than at_least, which is ${need.atLeast}`);
  if (need.degradedBelow !== undefined && need.degradedBelow > total && total >= need.atLeast)
    faults.push(
      `the ${need.weight} of ${members.length} assets is ${total} in all, so that it is degraded below ${need.degradedBelow} for ever`,
    );
  return faults;
}

function cycleFaults(config: Judged): readonly RequirementFault[] {
  const faults: RequirementFault[] = [];
  const needs = (id: string): readonly string[] =>
    config.services[id]?.needs.flatMap((need) => (need.kind === "service" ? [need.service] : [])) ?? [];
  const services = findCycle(Object.keys(config.services), needs);
  if (services !== undefined)
    faults.push({
      path: ["services", services[0] ?? "", "needs"],
      message: `services need each other in a circle: ${services.join(" -> ")}`,
    });
  const via = findCycle(Object.keys(config.assets), (id) => config.assets[id]?.via.flat() ?? []);
  if (via !== undefined)
    faults.push({
      path: ["assets", via[0] ?? "", "via"],
      message: `assets are reached through each other in a circle: ${via.join(" -> ")}`,
    });
  return faults;
}
