import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeriesRegistry } from "../../agent/registry.ts";
import type { SeriesDescription } from "../../core/reading.ts";

const word = fc.constantFrom("a", "b", "", "a\u0000b", "toString");
const described = fc.record(
  {
    asset: word,
    metric: word,
    labels: fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true }),
    unit: fc.constantFrom("W", ""),
    kind: fc.constantFrom("gauge", "state"),
    origin: fc.constantFrom("1.3.1", "1.3.2"),
    everyMs: fc.constantFrom(1000, 2000),
    states: fc.constantFrom<Record<number, string>[]>({ 1: "up" }, { 2: "down" }),
    limits: fc.constantFrom({ highWarning: 1 }, { highWarning: 2 }),
  },
  { requiredKeys: ["asset", "metric", "labels", "unit", "kind", "origin", "everyMs"] },
) as fc.Arbitrary<SeriesDescription>;

describe("the registry", () => {
  test("numbers by asset, metric and labels, and says what was said of each last", () => {
    fc.assert(
      fc.property(fc.array(described, { maxLength: 40 }), (all) => {
        const registry = new SeriesRegistry();
        const numbers = new Map<string, number>();
        const last = new Map<number, SeriesDescription>();
        for (const one of all) {
          const key = JSON.stringify([one.asset, one.metric, Object.entries(one.labels).sort()]);
          const number = registry.register(one);
          expect(number).toBe(numbers.get(key) ?? numbers.size);
          numbers.set(key, number);
          const before = last.get(number);
          const revision = registry.revision(number);
          registry.register({ ...one, ...(one.states === undefined ? {} : { states: { ...one.states } }) });
          expect(registry.revision(number)).toBe(revision);
          // Labels in another order are the same labels.
          last.set(number, { ...one, labels: before?.labels ?? one.labels });
        }
        expect(registry.size).toBe(numbers.size);
        for (const [number, one] of last) expect(registry.describe(number)).toEqual({ number, ...one });
      }),
    );
  });

  test("counts up a revision with each change of what describes a series, and knows nothing of others", () => {
    const registry = new SeriesRegistry();
    const power = { asset: "a", metric: "m", labels: { x: "1" }, unit: "W", kind: "gauge", origin: "o", everyMs: 1000 } as const;
    const number = registry.register(power);
    const changes = [power, { ...power, unit: "V" }, { ...power, origin: "p" }, { ...power, limits: { highWarning: 1 } }, power];
    const revisions = changes.map((one) => registry.revision(registry.register(one)));
    expect(revisions).toEqual([1, 2, 3, 4, 5]);
    expect([registry.describe(number + 1), registry.revision(number + 1), registry.describe(-1)]).toEqual([undefined, 0, undefined]);
  });

  test("keeps a hundred thousand apart, and one object of each kind for all devices", () => {
    const registry = new SeriesRegistry();
    const states = { 1: "up", 2: "down" };
    const one = (n: number): SeriesDescription => ({
      asset: `switch-${Math.floor(n / 10)}`,
      metric: "if_oper_status",
      labels: { if_name: `Gi${n % 10}` },
      ...{ unit: "", kind: "state", origin: `1.3.6.1.2.1.2.2.1.8.${n % 10}`, everyMs: 60_000, states: { ...states } },
    });
    let wrong = 0;
    for (const _ of [1, 2]) for (let n = 0; n < 100_000; n++) if (registry.register(one(n)) !== n) wrong++;
    expect(wrong).toBe(0);
    expect(registry.describe(99_999)?.states).toBe(registry.describe(0)?.states);
    expect(registry.describe(99_999)?.labels).toEqual({ if_name: "Gi9" });
  });
});
