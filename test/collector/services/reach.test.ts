import { describe, expect, it } from "vitest";
import { blockedBy, compileWays } from "../../../collector/services/reach.ts";
import { AssetIndex } from "../../../config/members.ts";
import { configOf } from "../stage.ts";

const { assets } = configOf({
  assets: { filler: { via: [["sw-a", "sw-b"], "gw"] }, "sw-a": { via: ["core"] }, "sw-b": { via: ["core"] }, gw: {}, core: {}, free: {} },
});
const index = new AssetIndex(Object.keys(assets).map((id) => ({ id, labels: {} })));
const ways = compileWays(assets, index);

/** Whom the filler blames when these are bad; those behind a bad core blame it. */
function blame(...bad: string[]): readonly string[] {
  const core = index.indexOf("core") ?? -1;
  const blameOf = (asset: number): readonly number[] => (bad.includes("core") && index.idOf(asset).startsWith("sw-") ? [core] : []);
  const found = blockedBy(ways, index.indexOf("filler") ?? -1, { isBad: (asset) => bad.includes(index.idOf(asset)), blameOf });
  return found.map((asset) => index.idOf(asset));
}

describe("(sw-a or sw-b) and gw, the switches behind core", () => {
  it.each<{ bad: string[]; blamed: string[] }>([
    { bad: [], blamed: [] },
    { bad: ["sw-a"], blamed: [] },
    { bad: ["sw-b"], blamed: [] },
    { bad: ["gw"], blamed: ["gw"] },
    { bad: ["sw-a", "gw"], blamed: ["gw"] },
    { bad: ["sw-a", "sw-b"], blamed: ["sw-a", "sw-b"] },
    { bad: ["sw-a", "sw-b", "core"], blamed: ["core"] },
    { bad: ["free"], blamed: [] },
  ])("$bad bad: $blamed to blame", ({ bad, blamed }) => {
    expect(blame(...bad)).toEqual(blamed);
  });

  it("knows who is behind whom", () => {
    const behind = (id: string): string[] => (ways.behind.get(index.indexOf(id) ?? -1) ?? []).map((asset) => index.idOf(asset));
    expect([behind("core"), behind("gw"), behind("filler")]).toEqual([["sw-a", "sw-b"], ["filler"], []]);
  });
});
