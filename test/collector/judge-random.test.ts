import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ColumnBuilder } from "../../core/columns.ts";
import { Q } from "../../core/quality.ts";
import { Stage, snmp } from "./stage.ts";

const assets = 8;
const groups = 3;
const levels = ["ok", "warning", "major", "critical"];

/** A plant of eight assets with an alarm each; services need assets, groups, sums, named parts, and services of higher number. */
const plants = fc
  .array(
    fc.array(fc.record({ kind: fc.nat(4), pick: fc.nat(99), share: fc.integer({ min: 1, max: 100 }), worst: fc.nat(2) }), {
      minLength: 1,
      maxLength: 3,
    }),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((services) => {
    const needOf = ({ kind, pick, share, worst }: (typeof services)[number][number], i: number): object => {
      const cap = { worst: levels[worst + 1] };
      const later = services.length - i - 1;
      if (kind === 0 && later > 0) return { service: `s${i + 1 + (pick % later)}`, ...cap };
      if (kind === 1) return { of: `{group=${pick % groups}}`, at_least: `${share}%`, ...cap };
      if (kind === 2) return { sum: `{group=${pick % groups}}`, weight: "weight", at_least: share / 100, ...cap };
      if (kind === 3)
        return { of: [{ asset: `a${pick % assets}`, weight: 2 }, `asset a${(pick + 1) % assets}`], at_least: `${share}%`, ...cap };
      return { asset: `a${pick % assets}`, ...cap };
    };
    return {
      assets: Object.fromEntries(
        Array.from({ length: assets }, (_, i) => [
          `a${i}`,
          { labels: { group: i % groups, all: "x" }, attributes: { weight: 1 + i }, snmp },
        ]),
      ),
      alarms: {
        hot: {
          on: { all: "x" },
          metric: "temperature_celsius",
          warning: { above: 10, clear: 8 },
          major: { above: 20, for: "20s" },
          critical: { above: 30, hold: "20s" },
        },
      },
      services: Object.fromEntries(services.map((needs, i) => [`s${i}`, { needs: needs.map((need) => needOf(need, i)) }])),
    };
  });

/** One reading for some of the assets; NaN is a Bad one. */
const batch = fc.uniqueArray(fc.record({ asset: fc.nat(assets - 1), value: fc.constantFrom(5, 9, 15, 25, 35, Number.NaN) }), {
  selector: ({ asset }) => asset,
  maxLength: assets,
});
type Batch = readonly { readonly asset: number; readonly value: number }[];

function feed(stage: Stage, readings: Batch): void {
  const columns = new ColumnBuilder(assets);
  for (const { asset, value } of readings)
    columns.put(stage.series(`a${asset}`, { everyMs: 10_000 }), stage.now, value, Number.isNaN(value) ? Q.BadTimeout : Q.Good);
  stage.plant.apply(columns.view(), stage.now);
  stage.plant.tick(stage.now);
  stage.now += 10_000;
}

/** Series in one order, whatever comes first. */
function staged(config: object): Stage {
  const stage = new Stage(config);
  for (let asset = 0; asset < assets; asset++) stage.series(`a${asset}`, { everyMs: 10_000 });
  return stage;
}

const shown = (stage: Stage): unknown => {
  stage.changes();
  const { plant } = stage;
  return { services: plant.services(), assets: plant.assets(stage.now), alarms: plant.alarms(true) };
};

describe("on random plants, whatever readings come", () => {
  it("what is kept up to date is what a full recompute gives, and what a plant says that is made of it", () => {
    fc.assert(
      fc.property(plants, fc.array(batch, { minLength: 1, maxLength: 8 }), (config, batches) => {
        const stage = staged(config);
        for (const readings of batches) {
          feed(stage, readings);
          stage.changes();
          expect(stage.plant.checkDrift()).toBe(0);
          for (const { low, high } of stage.plant.services()) expect(levels.indexOf(low)).toBeLessThanOrEqual(levels.indexOf(high));
        }
        const now = new Map(stage.plant.services().map(({ id, low }) => [id, low]));
        // Who judges only the level of each asset, all of them known, comes to the same services.
        const set = new Map(stage.plant.assets(stage.now).map(({ id, level }) => [id, level]));
        if (stage.plant.services().some(({ level }) => level === "unknown")) return;
        const imagined = stage.plant.whatIf(set).services;
        for (const [id, low] of now) expect(imagined[id]?.low).toBe(low);
      }),
      { numRuns: 80 },
    );
  });

  it("the order of the readings within a batch does not matter", () => {
    fc.assert(
      fc.property(
        plants,
        fc.array(
          batch.chain((one) => fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length }))),
          { maxLength: 6 },
        ),
        (config, batches) => {
          const [one, other] = [staged(config), staged(config)];
          for (const [readings, shuffled] of batches) {
            feed(one, readings);
            feed(other, shuffled);
            expect(shown(other)).toEqual(shown(one));
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it("a hotter plant is at no service better, while every value is known", () => {
    const known = fc.array(fc.constantFrom(5, 15, 25, 35), { minLength: assets, maxLength: assets });
    fc.assert(
      fc.property(plants, known, fc.nat(assets - 1), (config, values, hotter) => {
        const [one, other] = [staged(config), staged(config)];
        const all = values.map((value, asset) => ({ asset, value }));
        for (let i = 0; i < 4; i++) {
          feed(one, all);
          feed(
            other,
            all.map(({ asset, value }) => ({ asset, value: asset === hotter ? value + 10 : value })),
          );
        }
        one.changes();
        other.changes();
        const before = new Map(one.plant.services().map(({ id, level }) => [id, levels.indexOf(level)]));
        for (const { id, level } of other.plant.services()) expect(levels.indexOf(level)).toBeGreaterThanOrEqual(before.get(id) ?? 0);
      }),
      { numRuns: 60 },
    );
  });
});
