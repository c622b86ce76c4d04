import type { AssetIndex } from "../../config/members.ts";
import type { Config } from "../../config/schema.ts";

/** What each asset is reached through. Reachability only: a bad switch does not make a filler bad, only unknown. */
export interface Ways {
  /** By asset: groups of alternatives, every group is needed. Undefined where nothing stands between. */
  readonly groups: readonly (readonly (readonly number[])[] | undefined)[];
  /** By asset: who is reached through it. */
  readonly behind: ReadonlyMap<number, readonly number[]>;
}

/** The ways of a config's assets. A name that does not exist is nobody's way. */
export function compileWays(assets: Config["assets"], index: AssetIndex): Ways {
  const behind = new Map<number, number[]>();
  const groups = Object.values(assets).map((asset, child) => {
    if (asset.via.length === 0) return undefined;
    const found = asset.via.map((group) => group.flatMap((id) => index.indexOf(id) ?? []));
    for (const parent of new Set(found.flat())) {
      const children = behind.get(parent);
      if (children === undefined) behind.set(parent, [child]);
      else children.push(child);
    }
    return found.filter((group) => group.length > 0);
  });
  return { groups, behind };
}

/** How the assets on the way stand. */
export interface WayState {
  /** Gives no data though it should, or is critical: nothing passes that is known of. */
  isBad(asset: number): boolean;
  /** Whom it blames itself for not being reached; empty where it is reached. */
  blameOf(asset: number): readonly number[];
}

/**
 * Who is to blame that nothing passes to an asset: every member of the first group that is bad as a whole, each followed to
 * where the trouble begins. Empty while there is a way.
 */
export function blockedBy(ways: Ways, asset: number, state: WayState): readonly number[] {
  for (const group of ways.groups[asset] ?? []) {
    if (!group.every((member) => state.isBad(member))) continue;
    const roots = group.flatMap((member) => {
      const further = state.blameOf(member);
      return further.length > 0 ? further : [member];
    });
    return [...new Set(roots)];
  }
  return [];
}

/** How the assets on the way stand, to say what would open it. */
export interface Obstruction {
  isBad(asset: number): boolean;
  /** It is not reached itself: what is bad is further on. */
  isCut(asset: number): boolean;
}

/** All that stands in the way to an asset, of every group that is bad as a whole, each followed to where the trouble begins. */
export function obstaclesOf(ways: Ways, asset: number, state: Obstruction): readonly number[] {
  const found = new Set<number>();
  const seen = new Set([asset]);
  for (const cut of seen) {
    for (const member of badGroups(ways, cut, state).flat()) {
      if (state.isCut(member)) seen.add(member);
      else found.add(member);
    }
  }
  return [...found];
}

/** True where a way to an asset opens once these are well: one member of every group that is bad as a whole, or what that is cut off by. */
export function opensWith(ways: Ways, asset: number, state: Obstruction, well: ReadonlySet<number>): boolean {
  // Ways may meet again and again: each asset on them is judged once.
  const known = new Map<number, boolean>();
  const opens = (cut: number): boolean => {
    const before = known.get(cut);
    if (before !== undefined) return before;
    const isWell = (member: number): boolean => (state.isCut(member) ? opens(member) : well.has(member));
    const open = badGroups(ways, cut, state).every((group) => group.some(isWell));
    known.set(cut, open);
    return open;
  };
  return opens(asset);
}

function badGroups(ways: Ways, asset: number, state: Obstruction): readonly (readonly number[])[] {
  return (ways.groups[asset] ?? []).filter((group) => group.every((member) => state.isBad(member)));
}
