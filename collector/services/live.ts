import { integerScale } from "../../config/quorum.ts";
import { selectorText } from "../../config/selector.ts";
import type { Need } from "../../config/services.ts";
import type { Level } from "../../core/level.ts";
import type { Rule } from "../alarms/rule.ts";
import type { LeafLevels } from "./rollup.ts";

export type LiveNeed = Need & { readonly kind: "sum" } & { readonly live: NonNullable<(Need & { readonly kind: "sum" })["live"]> };

/** A capacity that is measured: the sum of what its members give now has to reach what is needed. */
export interface LiveSum {
  readonly node: number;
  readonly need: LiveNeed;
  readonly members: readonly { readonly asset: number; readonly nominal: number }[];
  /** Makes what config says integers with three further digits: sums of values have no rounding of their own. */
  readonly scale: number;
}

export function liveSum(need: LiveNeed, node: number, members: LiveSum["members"]): LiveSum {
  const total = members.reduce((sum, { nominal }) => sum + nominal, 0);
  const exact = 1000 * integerScale([...members.map(({ nominal }) => nominal), need.atLeast, need.degradedBelow ?? 0]);
  return { node, need, members, scale: total * exact < Number.MAX_SAFE_INTEGER / 1000 ? exact : 1 };
}

/** Equal keys are one leaf, whichever services ask. */
export function liveKey({ live, weight, members, atLeast, degradedBelow, minMembers }: LiveNeed): string {
  return JSON.stringify([selectorText(members), live.metric, live.where, weight, atLeast, degradedBelow ?? null, minMembers]);
}

/** A rule without limits: what it watches is the value alone. */
export function liveRule({ node, need }: LiveSum): Rule {
  const { metric, where } = need.live;
  const id = `${metric} of ${selectorText(need.members)}`;
  return { id, metrics: [metric], where, thresholds: [], latch: false, text: undefined, runbook: undefined, feeds: node };
}

/** How a member stands. */
export interface LiveMember {
  readonly levels: LeafLevels;
  /** What it gives now; undefined where that is not known. */
  readonly value: number | undefined;
  readonly planned: boolean;
}

/**
 * Levels of a live sum. A member gives its value while it is better than the level asked about. Where its value is not known
 * it gives what is nominal in low, and nothing in high; one in maintenance gives at least that in unplanned.
 */
export function liveLevels(sum: LiveSum, memberAt: (asset: number) => LiveMember): LeafLevels {
  const members = sum.members.map(({ asset, nominal }) => ({ nominal, ...memberAt(asset) }));
  const level = (pick: keyof LeafLevels): Level => {
    const weighed = members.map(({ levels, value, nominal, planned }) => {
      const unknown = pick === "high" ? 0 : nominal;
      const gives = Math.max(0, value ?? unknown);
      return { level: levels[pick], weight: pick === "unplanned" && planned ? Math.max(nominal, gives) : gives };
    });
    const below = (level: Level, limit: number): boolean => given(weighed, level, sum.scale) < Math.round(limit * sum.scale);
    const { atLeast, degradedBelow = atLeast } = sum.need;
    if (below(3, atLeast)) return 3;
    if (below(2, atLeast)) return 2;
    return below(1, Math.max(degradedBelow, atLeast)) ? 1 : 0;
  };
  return { low: level("low"), high: level("high"), unplanned: level("unplanned") };
}

/** Members that give less than is nominal, or of which that is not known: those to blame. */
export function lacking({ members }: LiveSum, memberAt: (asset: number) => LiveMember): readonly number[] {
  const less = members.filter(({ asset, nominal }) => {
    const { levels, value } = memberAt(asset);
    return levels.high > 0 || value === undefined || value < nominal;
  });
  return less.map(({ asset }) => asset);
}

/** What members better than `level` give. */
function given(members: readonly { level: Level; weight: number }[], level: Level, scale: number): number {
  return members.reduce((total, member) => (member.level < level ? total + Math.round(member.weight * scale) : total), 0);
}
