import { describe, expect, it } from "vitest";
import { emptyProposal, type Proposal, Registry } from "../../collector/registry.ts";
import type { NumberedSeries } from "../../core/batch.ts";
import { epoch, numbered } from "./batches.ts";

const hall1 = { agent: "hall-1", epoch };
const hall2 = { agent: "hall-2", epoch };

function propose(registry: Registry, series: readonly NumberedSeries[], from = hall1): Proposal {
  const pending = emptyProposal();
  registry.propose(from, series, pending);
  return pending;
}

function accept(registry: Registry, pending: Proposal): void {
  registry.accept({ series: pending.series.values(), aliases: pending.aliases });
}

describe("a registry", () => {
  it("learns nothing from a proposal that is not stored", () => {
    const registry = new Registry();
    propose(registry, [numbered(7)]);
    expect(registry.size).toBe(0);
    expect(registry.numbersOf(hall1).size).toBe(0);
    accept(registry, propose(registry, [numbered(7)]));
    expect(registry.get(0)).toMatchObject({ index: 0, agent: "hall-1", metric: "m7" });
  });

  it("gives each series one index, whoever sends it and in whatever order its labels come", () => {
    const registry = new Registry();
    accept(registry, propose(registry, [numbered(1, { labels: { a: "1", b: "2" } })]));
    const again = propose(registry, [numbered(9, { metric: "m1", origin: "holding:1", labels: { b: "2", a: "1" } })], hall2);
    expect([...again.series.keys()]).toEqual([0]);
    accept(registry, again);
    expect(registry.size).toBe(1);
    expect(registry.get(0).agent).toBe("hall-2");
    expect(registry.numbersOf(hall1)).toEqual(new Map([[1, 0]]));
    expect(registry.numbersOf(hall2)).toEqual(new Map([[9, 0]]));
  });

  it("does not give one index twice to batches that are open at the same time", () => {
    const registry = new Registry();
    const pending = emptyProposal();
    registry.propose(hall1, [numbered(1), numbered(2)], pending);
    registry.propose(hall2, [numbered(5, { metric: "m2", origin: "holding:2" }), numbered(6)], pending);
    expect([1, 2].map((number) => registry.resolve(hall1, number, pending))).toEqual([0, 1]);
    expect([5, 6].map((number) => registry.resolve(hall2, number, pending))).toEqual([1, 2]);
    accept(registry, pending);
    expect(registry.all().map(({ metric }) => metric)).toEqual(["m1", "m2", "m6"]);
  });

  it("stores nothing for what it is told again, and only what changed", () => {
    const registry = new Registry();
    accept(registry, propose(registry, [numbered(1), numbered(2)]));
    const same = propose(registry, [numbered(1), numbered(2)]);
    expect([same.series.size, same.aliases.length]).toEqual([0, 0]);
    const changed = propose(registry, [numbered(1, { unit: "K" }), numbered(2)]);
    expect([...changed.series.values()]).toMatchObject([{ index: 0, unit: "K" }]);
    expect(changed.aliases).toEqual([]);
  });

  it("lets a number mean something else from now on, and back again", () => {
    const registry = new Registry();
    accept(registry, propose(registry, [numbered(1), numbered(2)]));
    const pending = emptyProposal();
    registry.propose(hall1, [{ ...numbered(2), number: 1 }], pending);
    expect(registry.resolve(hall1, 1, pending)).toBe(1);
    registry.propose(hall1, [numbered(1)], pending);
    expect(registry.resolve(hall1, 1, pending)).toBe(0);
    accept(registry, pending);
    expect(registry.numbersOf(hall1).get(1)).toBe(0);
  });

  it("finds series by asset and by identity", () => {
    const registry = new Registry();
    accept(registry, propose(registry, [numbered(1), numbered(2, { asset: "x" }), numbered(3)]));
    expect(registry.ofAsset("filler-31")).toEqual([0, 2]);
    expect(registry.ofAsset("nobody")).toEqual([]);
    expect(registry.find("x", "m2", {})).toBe(1);
    expect(registry.find("x", "m2", { a: "b" })).toBeUndefined();
    expect(() => registry.get(3)).toThrow("series 3 does not exist, there are 3");
  });
});
