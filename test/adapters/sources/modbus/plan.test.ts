import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bisect, type PlanLimits, type PlannedRead, planReads, type Span, spanName } from "../../../../adapters/sources/modbus/plan.ts";

const holding = (address: number, count = 1): Span => ({ table: "holding", address, count });
const names = (reads: readonly Span[]): string[] => reads.map(spanName);
const limits = { maxRegisters: 125, maxGap: 16, maxBits: 2000 };
const coil = (address: number): Span => ({ table: "coil", address, count: 1 });

describe("planReads", () => {
  it.each<[string, Span[], string[]]>([
    ["joins neighbours", [holding(0, 2), holding(2, 2)], ["holding 0+4"]],
    ["joins over a small gap", [holding(0), holding(17)], ["holding 0+18"]],
    ["leaves a wide gap", [holding(0), holding(18)], ["holding 0+1", "holding 18+1"]],
    ["sorts", [holding(9), holding(3), holding(6)], ["holding 3+7"]],
    ["keeps tables apart", [holding(0), { table: "input", address: 1, count: 1 }], ["holding 0+1", "input 1+1"]],
    ["takes overlapping spans once", [holding(0, 4), holding(1, 2), holding(3, 2)], ["holding 0+5"]],
    ["never cuts a value", [holding(0, 124), holding(124, 4)], ["holding 0+124", "holding 124+4"]],
    ["fills a request to the last register", [holding(0, 121), holding(121, 4)], ["holding 0+125"]],
    ["joins bits over as many bytes as registers", [coil(0), coil(257)], ["coil 0+258"]],
    ["leaves a wider gap of bits", [coil(0), coil(258)], ["coil 0+1", "coil 258+1"]],
    ["keeps coils and discrete inputs apart", [coil(0), { ...coil(1), table: "discrete" }], ["coil 0+1", "discrete 1+1"]],
    ["asks for 2000 bits at most", Array.from({ length: 2001 }, (_, at) => coil(at)), ["coil 0+2000", "coil 2000+1"]],
    ["has nothing to ask for nothing", [], []],
  ])("%s", (_, spans, expected) => {
    expect(names(planReads(spans, limits))).toEqual(expected);
  });

  it("crosses no cut", () => {
    const spans = [holding(0, 2), holding(2, 2), holding(10, 2), holding(12, 2)];
    expect(names(planReads(spans, limits, (_, address) => address === 10))).toEqual(["holding 0+4", "holding 10+4"]);
    // What is refused lies in the hole itself.
    expect(names(planReads(spans, limits, (_, address) => address === 7))).toEqual(["holding 0+4", "holding 10+4"]);
    expect(names(planReads(spans, limits, (table) => table === "input"))).toEqual(["holding 0+14"]);
  });

  const anySpan = fc.record({
    table: fc.constantFrom("holding" as const, "input" as const, "coil" as const, "discrete" as const),
    address: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 65_400, max: 65_532 })),
    count: fc.constantFrom(1, 2, 4),
  });
  const anyLimits = fc.record({
    maxRegisters: fc.integer({ min: 4, max: 125 }),
    maxBits: fc.integer({ min: 4, max: 2000 }),
    maxGap: fc.integer({ min: 0, max: 124 }),
  });
  const anyCuts = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 });

  it("covers every wanted register exactly once, within the limits and the cuts", () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 60 }), anyLimits, anyCuts, (spans, bounds, cuts) => {
        const reads = planReads(spans, bounds, (_, address) => cuts.includes(address));
        expect(reads.flatMap((read) => read.spans).length).toBe(spans.length);
        expect(new Set(reads.flatMap((read) => read.spans))).toEqual(new Set(spans));
        for (const read of reads) checkRead(read, bounds);
      }),
      { numRuns: 300 },
    );
  });

  it("asks no more often than one request for each value, and wastes no register at an end", () => {
    fc.assert(
      fc.property(fc.array(anySpan, { minLength: 1, maxLength: 40 }), anyLimits, (spans, bounds) => {
        const reads = planReads(spans, bounds);
        expect(reads.length).toBeLessThanOrEqual(spans.length);
        for (const read of reads) {
          expect(read.spans.some((span) => span.address === read.address)).toBe(true);
          expect(read.spans.some((span) => span.address + span.count === read.address + read.count)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("bisects any read down to its single values", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anySpan, { minLength: 1, maxLength: 30, selector: spanName }), anyLimits, (spans, bounds) => {
        const leaves = planReads(spans, bounds).flatMap((read) => singles(read));
        expect(leaves.map((leaf) => spanName(leaf)).sort()).toEqual(spans.map(spanName).sort());
      }),
      { numRuns: 100 },
    );
  });
});

function checkRead(read: PlannedRead, { maxRegisters, maxBits, maxGap }: PlanLimits): void {
  const isBits = read.table === "coil" || read.table === "discrete";
  expect(read.count).toBeLessThanOrEqual(isBits ? maxBits : maxRegisters);
  expect(read.address + read.count).toBeLessThanOrEqual(65_536);
  let end = read.address;
  for (const span of read.spans) {
    expect(span.table).toBe(read.table);
    expect(span.address).toBeGreaterThanOrEqual(read.address);
    expect(span.address - end).toBeLessThanOrEqual(isBits ? 16 * maxGap : maxGap);
    end = Math.max(end, span.address + span.count);
  }
  expect(end).toBe(read.address + read.count);
}

function singles(read: PlannedRead): PlannedRead[] {
  const halves = bisect(read);
  return halves === undefined ? [read] : halves.flatMap((half) => singles(half));
}

describe("bisect", () => {
  const halves = (spans: Span[]): string[][] => planReads(spans, limits).map((read) => names(bisect(read) ?? []));

  it("cuts in the widest hole", () => {
    expect(halves([holding(0, 2), holding(2, 2), holding(4, 2), holding(9, 2)])).toEqual([["holding 0+6", "holding 9+2"]]);
  });

  it("cuts a solid block in the middle", () => {
    expect(halves([holding(0, 2), holding(2, 2), holding(4, 2), holding(6, 2)])).toEqual([["holding 0+4", "holding 4+4"]]);
  });

  it("takes apart values that overlap", () => {
    expect(halves([holding(0, 4), holding(1, 2)])).toEqual([["holding 0+4", "holding 1+2"]]);
  });

  it("has no halves of a single value", () => {
    expect(halves([holding(0, 4)])).toEqual([[]]);
  });
});

interface PlannerVector {
  readonly algorithm: string;
  readonly name: string;
  readonly max_register_fill: number | null;
  readonly max_registers: number;
  readonly inputs: { start: number; count: number; increment: number; length: number; omit: boolean }[];
  readonly expected_requests: { address: number; length: number }[];
}

const vectorsFile = new URL("../../../../../shared/data/modbus/telegraf/modbus-request-planner-vectors.json", import.meta.url);

/*
 * Ours is Telegraf's max_insert: gaps up to a limit are read along. Its `shrink` and `rearrange` read along only what the
 * user declared with `omit`. Where every gap is declared, that is a limit of 124; where none is, a limit of 0. So
 * - max_insert: all three mean the same;
 * - shrink: all but "borders with gap", which declares a part of a gap, and we know no such thing;
 * - rearrange: where no registers can be saved by moving a border. "large gaps filled" and its "with offset" give up full
 *   requests to read fewer unwanted registers: we take the first that fits, which is never one request more.
 */
const otherMeaning = new Set([
  "shrink borders with gap",
  "rearrange borders with gap",
  "rearrange large gaps filled",
  "rearrange large gaps filled with offset",
]);

describe.skipIf(!existsSync(vectorsFile))("Telegraf's planner vectors (needs ../shared/data)", () => {
  const vectors: PlannerVector[] = existsSync(vectorsFile) ? JSON.parse(readFileSync(vectorsFile, "utf8")) : [];
  const keyOf = (vector: PlannerVector): string => `${vector.algorithm} ${vector.name}`;
  const plan = (vector: PlannerVector): PlannedRead[] => {
    const spans = vector.inputs
      .filter((input) => !input.omit)
      .flatMap(({ start, count, increment, length }) =>
        Array.from({ length: count }, (_, i) => holding(start + i * (increment || 1), length)),
      );
    const maxGap = vector.max_register_fill ?? (vector.inputs.some((input) => input.omit) ? 124 : 0);
    return planReads(spans, { ...limits, maxRegisters: vector.max_registers, maxGap });
  };

  it.each(
    vectors.filter((vector) => !otherMeaning.has(keyOf(vector))).map((vector) => [keyOf(vector), vector] as const),
  )("%s", (_, vector) => {
    expect(plan(vector).map(({ address, count }) => ({ address, length: count }))).toEqual(
      vector.expected_requests.map(({ address, length }) => ({ address, length })),
    );
  });

  it("asks no more requests where the meaning differs", () => {
    const others = vectors.filter((vector) => otherMeaning.has(keyOf(vector)));
    expect(others.length).toBe(4);
    for (const vector of others) expect(plan(vector).length).toBeLessThanOrEqual(vector.expected_requests.length);
  });
});
