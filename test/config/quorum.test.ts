import { describe, expect, it } from "vitest";
import { integerScale, membersNeeded } from "../../config/quorum.ts";

describe("exact numbers", () => {
  it.each([
    { percent: 20, total: 5, needed: 1 },
    { percent: 40, total: 5, needed: 2 },
    { percent: 58, total: 50, needed: 29 },
    { percent: 29, total: 100, needed: 29 },
    { percent: 33.3, total: 3, needed: 1 },
    { percent: 33.4, total: 3, needed: 2 },
    { percent: 66.7, total: 1000, needed: 667 },
    { percent: 100, total: 7, needed: 7 },
    { percent: 0.1, total: 7, needed: 1 },
    { percent: 1e-7, total: 3, needed: 1 },
  ])("$percent% of $total is $needed", ({ percent, total, needed }) => {
    expect(membersNeeded({ percent }, total)).toBe(needed);
  });

  it("every k of n at its exact percentage is k, for all n up to 100 with a whole percentage", () => {
    for (let n = 1; n <= 100; n++)
      for (let k = 1; k <= n; k++) if ((100 * k) % n === 0) expect(membersNeeded({ percent: (100 * k) / n }, n)).toBe(k);
  });

  it.each([
    { values: [1, 2, 3], scale: 1 },
    { values: [0.1, 0.25, 3], scale: 100 },
    { values: [1e-3, 5], scale: 1000 },
    { values: [1e21, 0.5], scale: 1 },
    { values: [1 / 3, 100], scale: 1e13 },
  ])("$values are integers times $scale", ({ values, scale }) => {
    expect(integerScale(values)).toBe(scale);
  });
});
