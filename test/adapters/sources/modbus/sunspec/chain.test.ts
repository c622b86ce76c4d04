import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExceptionReply } from "../../../../../adapters/sources/modbus/exception.ts";
import type { Span } from "../../../../../adapters/sources/modbus/plan.ts";
import { bases, type Chain, ChainFinder, mostModels } from "../../../../../adapters/sources/modbus/sunspec/chain.ts";
import { layOut, mostSeries } from "../../../../../adapters/sources/modbus/sunspec/layout.ts";
import { SourceError } from "../../../../../core/errors.ts";
import { seriesKey } from "../../../../../core/reading.ts";

const marker = [0x5375, 0x6e53];

/** A unit whose registers are these, from base on; what is not there is refused. */
function unitWith(base: number, registers: readonly number[]): { ask: (span: Span) => Promise<Buffer>; asked: Span[] } {
  const asked: Span[] = [];
  return {
    asked,
    ask: async (span) => {
      asked.push(span);
      const bytes = Buffer.alloc(2 * span.count);
      for (let at = 0; at < span.count; at++) {
        const value = registers[span.address + at - base];
        if (value === undefined) throw new ExceptionReply(2);
        bytes.writeUInt16BE(value, 2 * at);
      }
      return bytes;
    },
  };
}

describe("whatever registers a unit has", () => {
  const length = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 65_535 }));
  const id = fc.oneof(
    fc.constantFrom(0, 1, 2, 103, 121, 129, 135, 160, 203, 302, 403, 701, 707, 709, 714, 802, 803, 805, 0xffff),
    fc.integer({ min: 0, max: 65_535 }),
  );
  /** Models whose blocks follow their own lengths, up to where they lie. */
  const chains = fc.array(fc.tuple(id, length), { maxLength: 300 });
  const registersOf = (models: readonly (readonly [number, number])[], most: number): number[] => {
    const registers = [...marker];
    for (const [number, size] of models) {
      if (registers.length >= most) break;
      registers.push(number, size, ...new Array<number>(Math.min(size, most)).fill(0));
    }
    return registers.slice(0, most);
  };

  it("the walk ends, and asks for nothing past the last register", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bases), chains, async (base, models) => {
        const { ask, asked } = unitWith(base, registersOf(models, 65_536 - base));
        const chain = await new ChainFinder().find(ask);
        expect(chain.base).toBe(base);
        expect(chain.models.length).toBeLessThanOrEqual(mostModels);
        expect(asked.length).toBeLessThanOrEqual(mostModels + 1 + bases.length);
        for (const { address, count } of asked) expect(address + count).toBeLessThanOrEqual(65_536);
        for (const { address, length: size } of chain.models) expect(address + 2 + size).toBeLessThanOrEqual(65_536);
      }),
      { numRuns: 60 },
    );
  });

  it("the layout reads within the models, has each series once, and is bounded", () => {
    const place = fc.record({
      id,
      length: fc.integer({ min: 0, max: 3000 }),
      count: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 15 }), (models) => {
        let address = 2;
        const walked = new Map<number, number>();
        const chain: Chain = {
          base: 0,
          faults: [],
          models: models.map((model) => {
            const at = address;
            address += 2 + model.length;
            // Whatever it says of itself.
            for (let i = 2; i < 40 && model.count !== undefined; i++) walked.set(at + i, model.count);
            return { id: model.id, address: at, length: model.length, device: 0 };
          }),
        };
        const layout = layOut("pv", 1000, { chain, walked });
        for (const span of layout.spans) {
          const model = chain.models.findLast((one) => one.address <= span.address);
          expect(span.address + span.count).toBeLessThanOrEqual((model?.address ?? 0) + 2 + (model?.length ?? 0));
        }
        const series = layout.points.flatMap((point) => point.series.map(({ description }) => description));
        expect(new Set(series.map(({ metric, labels }) => seriesKey("", metric, labels))).size).toBe(series.length);
        // A bit field of 32 more at most.
        expect(series.length).toBeLessThanOrEqual(mostSeries + 32);
      }),
      { numRuns: 60 },
    );
  });
});

it("what fails but an address is not taken for an end", async () => {
  const { ask } = unitWith(40_000, [...marker, 1, 0, 103, 0, 0xffff, 0]);
  const broken = (address: number, why: SourceError) => async (span: Span) => {
    if (span.address === address) throw why;
    return ask(span);
  };
  const gone = new SourceError("disconnected", "the connection broke");
  await expect(new ChainFinder().find(broken(40_004, gone))).rejects.toBe(gone);
  const gateway = new ExceptionReply(11);
  await expect(new ChainFinder().find(broken(40_000, gateway))).rejects.toBe(gateway);
  expect((await new ChainFinder().find(ask)).models.map(({ id }) => id)).toEqual([1, 103]);
});
