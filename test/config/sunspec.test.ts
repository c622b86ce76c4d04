import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadProfile, profileNames } from "../../config/profiles.ts";
import { type SunspecModel, type SunspecPoint, sunspecCatalogue, sunspecModel } from "../../config/sunspec.ts";

const catalogue = loadProfile("modbus", "sunspec", sunspecCatalogue);
const files = new Map(profileNames("sunspec").map((name) => [name, loadProfile("sunspec", name, sunspecModel)]));
const archive = fileURLToPath(new URL("../../../shared/data/modbus/sunspec-models.tar.xz", import.meta.url));

describe("the models that are shipped", () => {
  it("each file is of a model in the catalogue, and the other way round", () => {
    const named = new Set(Object.values(catalogue.models).flatMap(({ points }) => points ?? []));
    expect([...named].sort()).toEqual([...files.keys()].sort());
  });

  it("no two values of a model are one series, and none lies past its end", () => {
    for (const [name, model] of files) {
      const all = [...model.points, ...(model.blocks?.points ?? []).map((point) => ({ ...point, labels: { ...point.labels, block: "" } }))];
      const series = all.map(({ metric, labels, point, bits }) => `${metric} ${JSON.stringify(labels)}${bits === undefined ? "" : point}`);
      expect(new Set(series).size, name).toBe(series.length);
      for (const { at } of model.points) expect(at, name).toBeLessThan(model.registers + 2);
      for (const { at } of model.blocks?.points ?? []) expect(at, name).toBeLessThan(model.blocks?.registers ?? 0);
    }
  });

  it("a counter's name ends in _total, and nothing else's does", () => {
    for (const [name, model] of files)
      for (const { metric, kind } of pointsOf(model)) expect(metric.endsWith("_total"), `${name} ${metric}`).toBe(kind === "counter");
  });

  it("a limit is for a point that some model of its kind has, in its unit", () => {
    for (const [name, model] of files)
      for (const { point, limits, unit } of [...pointsOf(model), ...(model.trip === undefined ? [] : [{ point: "trip", ...model.trip }])]) {
        if (limits === undefined) continue;
        const targets = [...files.values()].filter(({ kind }) => kind === limits.of).flatMap((other) => pointsOf(other));
        for (const wanted of limits.points) {
          const found = targets.filter((target) => target.point === wanted);
          expect(found.length, `${name} ${point}: ${wanted}`).toBeGreaterThan(0);
          const shared = limits.share_of === undefined ? unit : "V";
          for (const target of found) expect(target.unit, `${name} ${point}: ${wanted}`).toBe(shared);
        }
      }
  });
});

function pointsOf(model: SunspecModel): readonly SunspecPoint[] {
  return [...model.points, ...(model.blocks?.points ?? [])];
}

interface PublicPoint {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sf?: string | number;
  readonly symbols?: readonly { readonly name: string; readonly value: number }[];
}

interface PublicGroup {
  readonly count?: number | string;
  readonly points?: readonly PublicPoint[];
  readonly groups?: readonly PublicGroup[];
}

/** The public models by number, as the archive has them. */
function publicModels(): Map<number, PublicGroup> {
  const names = execFileSync("tar", ["-tJf", archive], { encoding: "utf8" }).split("\n");
  const models = names.filter((name) => /model_\d+\.json$/.test(name));
  // One JSON text after the other, in this order.
  const text = execFileSync("tar", ["-xJOf", archive, ...models], { encoding: "utf8", maxBuffer: 1 << 26 });
  const parsed = JSON.parse(`[${text.replaceAll(/\}\s*\{\s*"(?=group|id)/g, '},{"')}]`) as { id: number; group: PublicGroup }[];
  return new Map(parsed.map(({ id, group }) => [id, group]));
}

function placesOf({ points = [] }: PublicGroup): Map<string, { at: number; point: PublicPoint }> {
  const places = new Map<string, { at: number; point: PublicPoint }>();
  let at = 0;
  for (const point of points) {
    places.set(point.name, { at, point });
    at += point.size;
  }
  return places;
}

const sizeOf = ({ points = [] }: PublicGroup): number => points.reduce((sum, { size }) => sum + size, 0);

describe.skipIf(!existsSync(archive))("the models that are shipped, beside the public ones (needs ../shared/data)", () => {
  const models = publicModels();

  it("every public model is in the catalogue, and no other", () => {
    expect(models.size).toBeGreaterThan(100);
    expect(Object.keys(catalogue.models).map(Number)).toEqual([...models.keys()].sort((a, b) => a - b));
  });

  it("places, types, scales and numbers of states are theirs", () => {
    let compared = 0;
    for (const [id, { points: file }] of Object.entries(catalogue.models)) {
      const theirs = models.get(Number(id));
      const ours = file === undefined ? undefined : files.get(file);
      if (ours === undefined || theirs === undefined) continue;
      const places = placesOf(theirs);
      expect(ours.registers, id).toBe(sizeOf(theirs) - 2);
      for (const [scale, at] of Object.entries(ours.scales)) expect([id, scale, places.get(scale)?.at]).toEqual([id, scale, at]);
      compared += compare(id, ours.points, places);
      const [block] = theirs.groups ?? [];
      if (ours.trip !== undefined && block !== undefined) compareTrip(id, ours.trip, { theirs, curve: block });
      if (ours.blocks === undefined || block === undefined) continue;
      expect([id, ours.blocks.at, ours.blocks.registers]).toEqual([id, sizeOf(theirs), sizeOf(block)]);
      if (typeof block.count === "string") expect([id, places.get(block.count)?.at]).toEqual([id, ours.blocks.count]);
      compared += compare(id, ours.blocks.points, placesOf(block));
    }
    expect(compared).toBeGreaterThan(1100);
  });
});

function compare(id: string, ours: readonly SunspecPoint[], places: ReturnType<typeof placesOf>): number {
  for (const { point, at, type, scale, exponent, states, bits } of ours) {
    const their = places.get(point);
    const sf = their?.point.sf;
    const name = `${id}.${point}`;
    expect([name, their?.at, their?.point.type]).toEqual([name, at, type]);
    expect([name, Number.isInteger(Number(sf ?? 0)) ? undefined : sf]).toEqual([name, scale]);
    expect([name, Number.isInteger(Number(sf ?? 0)) ? Number(sf ?? 0) : 0]).toEqual([name, exponent]);
    const numbers = new Set((their?.point.symbols ?? []).map(({ value }) => String(value)));
    for (const number of Object.keys({ ...states, ...bits })) expect(numbers, name).toContain(number);
  }
  return ours.length;
}

/** Curves of equal length with numbered points (129 to 136), or nested groups (707 to 710). */
function compareTrip(
  id: string,
  trip: NonNullable<SunspecModel["trip"]>,
  { theirs, curve }: { theirs: PublicGroup; curve: PublicGroup },
): void {
  const name = trip.unit === "Hz" ? "Hz" : "V";
  expect([id, trip.at]).toEqual([id, sizeOf(theirs)]);
  const [mustTrip] = curve.groups ?? [];
  const [point] = mustTrip?.groups ?? [];
  if (mustTrip === undefined || point === undefined) {
    const places = placesOf(curve);
    const found = ["ActPt", `${name}1`, `${name}2`].map((one) => places.get(one)?.at);
    expect([id, ...found]).toEqual([id, trip.active, trip.first, trip.first + trip.every]);
    expect([id, trip.registers, places.get(`${name}1`)?.point.type]).toEqual([id, sizeOf(curve), trip.type]);
    return;
  }
  const before = sizeOf(curve);
  const value = placesOf(point).get(name);
  expect([id, before, before + sizeOf(mustTrip), sizeOf(point)]).toEqual([id, trip.active, trip.first, trip.every]);
  expect([id, value?.at, value?.point.type]).toEqual([id, 0, trip.type]);
}
