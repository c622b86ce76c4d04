import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultName } from "../../../demo/faults.ts";
import { PlantWorld } from "./plant-world.ts";

let world: PlantWorld;
beforeAll(async () => {
  world = await PlantWorld.start();
});
afterAll(() => world.stop());
beforeEach(() => world.forget());

const minute = 60;

/** Mends something until all is well, and says who was told what. */
async function mended(...faults: readonly FaultName[]): Promise<readonly string[]> {
  world.mend(...faults);
  await world.until("all is well and told", 90, () => world.isWell());
  await world.pass(10);
  return world.told();
}

/** What each of these people hears of one incident: its first word and its resolve. */
const once = (cause: string, services: Readonly<Record<string, string>>, ...people: readonly string[]): readonly string[] => {
  const hurt = Object.entries(services).map(([id, level]) => `${id} ${level}`);
  const well = Object.keys(services).map((id) => `${id} ok`);
  return people.flatMap((person) => [`${person}: opened ${cause}: ${hurt.join(", ")}`, `${person}: resolved ${cause}: ${well.join(", ")}`]);
};

const air = { "bottling-line-3": "critical", "compressed-air": "critical" };
const mes = { "bottling-line-3": "critical", mes: "critical", "energy-reporting": "major" };
const power = { "data-centre-power": "major", "bottling-line-3": "warning", "energy-reporting": "warning", mes: "warning" };

describe("each fault of the demo is told to whom it concerns, exactly once, with a resolve each", () => {
  it.each<{ fault: FaultName; seconds: number; told: readonly string[] }>([
    { fault: "filler-overheats", seconds: 60, told: once("filler-31", { "bottling-line-3": "warning" }, "production") },
    { fault: "filler-dead", seconds: 60, told: once("filler-32", { "bottling-line-3": "warning" }, "production") },
    { fault: "switch-port-down", seconds: 60, told: once("core-sw-1", { "bottling-line-3": "critical" }, "production", "shift") },
    { fault: "ups-on-battery", seconds: 60, told: once("ups-1", power, "production", "it", "shift") },
    { fault: "air-leak", seconds: 60, told: once("compressor", air, "production", "utilities", "shift") },
    // Unknown for its `dead_after` of a minute, then critical.
    { fault: "mqtt-silent", seconds: 2 * minute, told: once("compressor", air, "production", "utilities", "shift") },
    { fault: "mes-down", seconds: 60, told: once("mes-server", mes, "production", "it", "shift") },
  ])("$fault", async ({ fault, seconds, told }) => {
    world.break(fault);
    await world.pass(seconds);
    expect(await mended(fault)).toEqual(told);
  });
});

it("two at once are two incidents, each with the line that suffers from both; the air comes back by way of a warning", async () => {
  world.break("air-leak", "mes-down");
  await world.pass(minute);
  const [leak, back] = once("compressor", air, "");
  const [down, up] = once("mes-server", mes, "");
  const rising = ": updated compressor: bottling-line-3 warning, compressed-air warning";
  const both = [leak, down, rising, up, back];
  expect(await mended("air-leak", "mes-down")).toEqual([
    ...both.map((line) => `production${line}`),
    // Whose route asks for what concerns them hears of that alone.
    ...once("compressor", air, "utilities"),
    ...once("mes-server", mes, "it"),
    ...both.map((line) => `shift${line}`),
  ]);
});

it("during maintenance nobody is told; who still stands still at its end is, once, with a resolve", async () => {
  const at = (seconds: number): string => new Date(world.clock.now() + seconds * 1000).toISOString().slice(0, 19);
  await world.reload(`\nmaintenance:\n  - { asset: mes-server, from: "${at(0)}", to: "${at(3 * minute)}", zone: UTC, why: disks }\n`);
  await world.until("all is well", 90, () => world.isWell());
  world.break("mes-down");
  await world.pass(minute);
  expect(await mended("mes-down")).toEqual([]);
  world.break("mes-down");
  await world.pass(30);
  expect(world.told()).toEqual([]);
  await world.pass(3 * minute);
  expect(await mended("mes-down")).toEqual(once("mes-server", mes, "production", "it", "shift"));
});

describe("while the collector is down", () => {
  it("what breaks is told when it is back; what was told before is neither told again nor forgotten", async () => {
    world.break("ups-on-battery");
    await world.pass(30);
    await world.stopCollector();
    world.break("filler-dead");
    await world.pass(minute);
    await world.startCollector();
    await world.pass(2 * minute);
    // The line was red already: its new cause is an update.
    const services = "data-centre-power major, bottling-line-3 warning, energy-reporting warning, mes warning";
    const [, end] = once("ups-1+filler-32", power, "");
    const story = [`: opened ups-1: ${services}`, `: updated ups-1+filler-32: ${services}`, end];
    expect(await mended("ups-on-battery", "filler-dead")).toEqual(
      ["production", "it", "shift"].flatMap((person) => story.map((line) => person + line)),
    );
  });

  it("what breaks and mends is told to nobody; what mends is resolved when it is back", async () => {
    world.break("air-leak");
    await world.pass(30);
    await world.stopCollector();
    world.mend("air-leak");
    world.break("mes-down");
    await world.pass(minute);
    world.mend("mes-down");
    await world.pass(30);
    await world.startCollector();
    expect(await mended()).toEqual(once("compressor", air, "production", "utilities", "shift"));
  });
});

describe("when the clock of this machine is set", () => {
  it.each([
    ["five minutes back", -5 * minute],
    ["an hour ahead", 60 * minute],
  ])("%s: nobody is told of it, and what breaks then is told once, with a resolve", async (_, seconds) => {
    world.clock.step(seconds * 1000);
    await world.pass(seconds < 0 ? 6 * minute : minute);
    expect(world.told()).toEqual([]);
    world.break("mes-down");
    await world.pass(minute);
    expect(await mended("mes-down")).toEqual(once("mes-server", mes, "production", "it", "shift"));
  });

  it("five minutes back while something is broken: its resolve is told, once the clock is where it was", async () => {
    world.break("air-leak");
    await world.pass(minute);
    world.clock.step(-5 * minute * 1000);
    // What is older than the newest reading is history: it neither raises nor ends anything.
    await world.pass(5 * minute);
    expect(await mended("air-leak")).toEqual(once("compressor", air, "production", "utilities", "shift"));
  });
});
