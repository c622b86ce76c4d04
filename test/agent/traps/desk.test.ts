import { describe, expect, test } from "vitest";
import { TrapDesk } from "../../../agent/traps/desk.ts";
import type { AssetEvent, TrapCounts } from "../../../core/asset-event.ts";
import type { Log } from "../../../core/log.ts";
import { silentLog } from "../../../core/log.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import type { Trap } from "../../../core/trap.ts";
import { FakeClock } from "../../fake-clock.ts";

interface Out {
  readonly clock: FakeClock;
  readonly desk: TrapDesk;
  readonly events: AssetEvent[];
  readonly hurried: string[];
  readonly counts: TrapCounts[];
  readonly logged: string[];
  /** `[metric{labels}, seconds since the start, value]`. */
  readonly readings: (readonly [string, number, number])[];
}

function deskOf(event: (event: AssetEvent) => Promise<boolean> = async () => true): Out {
  const clock = new FakeClock();
  const start = clock.now();
  const series: SeriesDescription[] = [];
  const events: AssetEvent[] = [];
  const hurried: string[] = [];
  const counts: TrapCounts[] = [];
  const logged: string[] = [];
  const readings: (readonly [string, number, number])[] = [];
  const log: Log = { ...silentLog, warn: (fields, message) => void logged.push(`${message} ${JSON.stringify(fields)}`) };
  const desk = new TrapDesk({
    clock,
    log,
    hurry: (asset) => void hurried.push(asset),
    out: {
      register: (description) => series.push(description) - 1,
      put: (number, time, value) => {
        const { asset = "", metric = "", labels = {} } = series[number] ?? {};
        readings.push([`${asset} ${metric}${JSON.stringify(labels)}`, (time - start) / 1000, value]);
      },
      event: (one) => {
        events.push(one);
        return event(one);
      },
      traps: (told) => void counts.push(told),
    },
  });
  return { clock, desk, events, hurried, counts, logged, readings };
}

function trap(asset: string, name = "linkDown", labels: Readonly<Record<string, string>> = {}): Trap {
  return { asset, time: 1, name, level: "warning", text: `${name} of ${asset}`, labels, values: {}, origin: "1.3.6" };
}

describe("a trap", () => {
  test("leads to an early poll, an event, and a count that begins at 0 and stays fresh", async () => {
    const { clock, desk, events, hurried, readings } = deskOf();
    expect(await desk.take(trap("sw", "linkDown", { if_index: "3" }))).toBe(true);
    expect(await desk.take(trap("sw", "linkDown", { if_index: "3" }))).toBe(true);
    expect(hurried).toEqual(["sw", "sw"]);
    expect(events.map(({ kind, text }) => [kind, text])).toEqual([
      ["trap", "linkDown of sw"],
      ["trap", "linkDown of sw"],
    ]);
    const series = 'sw snmp_traps_total{"if_index":"3","trap":"linkDown"}';
    expect(readings).toEqual([[series, -30, 0]]);
    await clock.advance(500);
    await clock.advance(60_000);
    expect(readings.slice(1)).toEqual([
      [series, 0.5, 2],
      [series, 30, 2],
      [series, 60, 2],
    ]);
    desk.end();
  });

  test("that could not be kept is counted as dropped", async () => {
    const { desk } = deskOf(async () => false);
    expect(await desk.take(trap("sw"))).toBe(false);
    expect(desk.counts()).toMatchObject({ taken: 0, dropped: 1 });
    desk.end();
  });

  test("of endless kinds is counted as other from the 200th kind on", async () => {
    const { clock, desk, readings } = deskOf();
    for (let i = 0; i < 300; i++) {
      await desk.take(trap("sw", `1.3.6.1.4.1.99999.0.${i}`));
      await clock.advance(1000);
    }
    const names = new Set(readings.map(([name]) => name));
    expect(names.size).toBe(201);
    expect(readings.findLast(([name]) => name.includes('"other"'))?.[2]).toBe(100);
    desk.end();
  });
});

describe("a storm", () => {
  test("of 10,000 traps is 200 events and one that tells of the rest; another asset is heard meanwhile", async () => {
    const { clock, desk, events, logged, readings } = deskOf();
    for (let i = 0; i < 10_000; i++) await desk.take(trap("sw"));
    expect(await desk.take(trap("ups", "upsOnBattery"))).toBe(true);
    expect(events).toHaveLength(201);
    await clock.advance(10_000);
    expect(events.slice(201)).toEqual([
      expect.objectContaining({
        asset: "sw",
        kind: "storm",
        level: "warning",
        text: "9,800 more traps in 10s dropped",
        values: { dropped: "9800" },
      }),
    ]);
    expect(readings.filter(([name]) => name === 'sw snmp_traps_total{"trap":"linkDown"}').at(-1)?.[2]).toBe(10_000);
    expect(readings.filter(([name]) => name === "sw snmp_traps_dropped_total{}").at(-1)?.[2]).toBe(9800);
    expect(desk.counts()).toMatchObject({ taken: 201, dropped: 9800 });
    expect(logged).toHaveLength(1);
    await clock.advance(600_000);
    expect(events).toHaveLength(202);
    // What one second of a storm costs: two readings a second, not one for each trap.
    expect(readings.length).toBeLessThan(100);
    desk.end();
  });

  test("that goes on is told more and more rarely", async () => {
    const { clock, desk, events } = deskOf();
    for (let second = 0; second < 3600; second++) {
      for (let i = 0; i < 20; i++) await desk.take(trap("sw"));
      await clock.advance(1000);
    }
    const told = events.filter(({ kind }) => kind === "storm");
    expect(told.length).toBeGreaterThan(4);
    expect(told.length).toBeLessThan(14);
    desk.end();
    const dropped = events.reduce((sum, { values }) => sum + Number(values["dropped"] ?? 0), 0);
    expect(dropped).toBe(desk.counts().dropped);
  });

  test("of all assets together has a limit of its own", async () => {
    const { desk, events } = deskOf();
    for (let i = 0; i < 5000; i++) await desk.take(trap(`sw-${i}`));
    expect(events).toHaveLength(1000);
    desk.end();
  });
});

test("what is refused is counted, and logged once a minute with how often", async () => {
  const { clock, desk, logged, counts } = deskOf();
  for (let i = 0; i < 1000; i++) desk.refused({ outcome: "denied", address: "10.0.0.1", what: "a wrong community" });
  desk.refused({ outcome: "duplicate", address: "10.0.0.1", what: "" });
  await clock.advance(60_000);
  desk.refused({ outcome: "denied", address: "10.0.0.1", what: "a wrong community" });
  expect(logged).toEqual([
    'a trap was not taken {"outcome":"denied","address":"10.0.0.1","what":"a wrong community","count":1}',
    'a trap was not taken {"outcome":"denied","address":"10.0.0.1","what":"a wrong community","count":1000}',
  ]);
  await clock.advance(10_000);
  expect(counts).toEqual([expect.objectContaining({ denied: 1000, duplicate: 1 }), expect.objectContaining({ denied: 1001 })]);
  desk.end();
});
