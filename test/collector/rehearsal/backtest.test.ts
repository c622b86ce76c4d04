import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AlarmEngine } from "../../../collector/alarms/engine.ts";
import { ruleBook, ruleOf } from "../../../collector/alarms/rule.ts";
import { adviceFor } from "../../../collector/rehearsal/advice.ts";
import { backtest } from "../../../collector/rehearsal/backtest.ts";
import { play } from "../../../collector/rehearsal/play.ts";
import { alarm } from "../../../config/alarms.ts";
import { AssetIndex } from "../../../config/members.ts";
import { bottlingHall, configOf } from "../stage.ts";
import { historyOf, noisy, start, track } from "./tracks.ts";

const rule = (levels: object) => ruleOf("hot", alarm.parse({ asset: "filler-31", metric: "temperature_celsius", ...levels }));
const span = { from: start, to: start + 3_600_000 };
const seconds = (episodes: ReturnType<typeof play>) =>
  episodes.map(({ from, to, level }) => [(from - start) / 1000, to === null ? null : (to - start) / 1000, level]);

describe("a rule over a track", () => {
  it.each<{ what: string; levels: object; values: (number | null)[]; expect: unknown[] }>([
    { what: "without delays", levels: { warning: { above: 70 } }, values: [60, 80, 80, 60], expect: [[10, 30, "warning"]] },
    { what: "still on at the end", levels: { warning: { above: 70 } }, values: [60, 80], expect: [[10, null, "warning"]] },
    {
      what: "the worst level counts",
      levels: { warning: { above: 70 }, critical: { above: 85 } },
      values: [80, 90, 80, 60],
      expect: [[0, 30, "critical"]],
    },
    { what: "dead band", levels: { warning: { above: 70, clear: 66 } }, values: [80, 69, 80, 65], expect: [[0, 30, "warning"]] },
    {
      what: "on-delay by readings",
      levels: { warning: { above: 70, for: "15s" } },
      values: [80, 80, 80, 60, 80, 60],
      expect: [[15, 30, "warning"]],
    },
    { what: "on-delay by time", levels: { warning: { above: 70, for: "5s" } }, values: [80, 60], expect: [[5, 10, "warning"]] },
    { what: "off-delay by time", levels: { warning: { above: 70, hold: "5s" } }, values: [80, 60], expect: [[0, 15, "warning"]] },
    {
      what: "off-delay bridges",
      levels: { warning: { above: 70, hold: "15s" } },
      values: [80, 60, 80, 60, 60, 60],
      expect: [[0, 45, "warning"]],
    },
    {
      what: "Bad neither raises nor clears",
      levels: { warning: { above: 70 } },
      values: [80, Number.NaN, Number.NaN, 60],
      expect: [[0, 30, "warning"]],
    },
    {
      what: "a delay does not run out on a value that is too old",
      levels: { warning: { above: 70, for: "2m" } },
      values: [80, null, null, null, null],
      expect: [],
    },
    {
      what: "stale",
      levels: { critical: { stale: "60s" } },
      values: [1, ...new Array<null>(9).fill(null), 1],
      expect: [
        [60, 100, "critical"],
        [160, null, "critical"],
      ],
    },
    {
      what: "latched ends with the process",
      levels: { warning: { above: 70 }, latch: true },
      values: [80, 60, 80, 60],
      expect: [
        [0, 10, "warning"],
        [20, 30, "warning"],
      ],
    },
  ])("$what", ({ levels, values, expect: expected }) => {
    expect(seconds(play({ rule: rule(levels), track: track(values) }, span))).toEqual(expected);
  });

  it("names of states", () => {
    const states = { 1: "up", 2: "down" };
    const down = rule({ critical: { is: "down" } });
    expect(seconds(play({ rule: down, track: track([1, 2, 1], { kind: "state", states }) }, span))).toEqual([[10, 20, "critical"]]);
  });
});

it("is what the collector's own engine makes of the same readings", () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 60, max: 90 }), fc.constant(Number.NaN)), { minLength: 1, maxLength: 60 });
  const delay = fc.constantFrom("0s", "7s", "20s");
  fc.assert(
    fc.property(values, delay, delay, fc.constantFrom(66, 70), (found, on, off, clear) => {
      const settings = alarm.parse({
        asset: "filler-31",
        metric: "temperature_celsius",
        warning: { above: 70, clear, for: on, hold: off },
        critical: { above: 85 },
      });
      const one = track(found);
      const episodes = play({ rule: ruleOf("hot", settings), track: one }, { from: start, to: start + found.length * 10_000 });
      const engine = new AlarmEngine(ruleBook({ hot: settings }, [], new AssetIndex([{ id: "filler-31", labels: {} }])));
      engine.describe({ ...one.series, index: 0, agent: "" }, 0, start);
      let begun = 0;
      let active = false;
      for (let ms = 0; ms <= found.length * 10_000; ms += 1000) {
        const i = ms / 10_000;
        if (Number.isInteger(i) && i < one.length) engine.read(0, start + ms, one.value[i] ?? 0, one.quality[i] ?? 0);
        engine.tick(start + ms);
        const now = [...engine.standing()].some((watch) => watch.standing?.phase !== "pending");
        if (now && !active) begun++;
        active = now;
      }
      expect(episodes.length).toBe(begun);
      expect(episodes.some(({ to }) => to === null)).toBe(active);
    }),
  );
});

/** 88 steps, each higher by what `rise` says. */
function sums(rise: (step: number) => number): readonly number[] {
  let sum = 0;
  return Array.from({ length: 89 }, (_, i) => {
    sum += i === 0 ? 0 : rise(i - 1);
    return sum;
  });
}

describe("advice", () => {
  it("is the smallest setting of each kind that saves half", () => {
    expect(adviceFor([{ rule: rule({ warning: { above: 70 } }), track: track(noisy) }], span).map(({ text }) => text)).toEqual([
      "a dead band of 1.5 would have saved 43 of 44",
      "an off-delay of 30s would have saved 43 of 44",
      "an on-delay of 30s would have saved 44 of 44",
    ]);
  });

  it.each<{ what: string; levels: object; values: readonly number[]; text: string }>([
    { what: "above", levels: { above: 70 }, values: noisy, text: "a dead band of 1.5 would have saved 43 of 44" },
    { what: "below", levels: { below: 70 }, values: noisy, text: "a dead band of 1.5 would have saved 43 of 44" },
    {
      what: "outside, at the upper end",
      levels: { outside: [20, 70] },
      values: noisy,
      text: "a dead band of 1.5 would have saved 43 of 44",
    },
    {
      what: "outside, at the lower end",
      levels: { outside: [70, 90] },
      values: noisy,
      text: "a dead band of 1.5 would have saved 43 of 44",
    },
    // Rises by 10, 12, 10, 12 ... in ten seconds each.
    {
      what: "rate_above",
      levels: { rate_above: 1.1 },
      values: sums((i) => (i % 2 === 0 ? 12 : 10)),
      text: "a dead band of 0.15 would have saved 43 of 44",
    },
    {
      what: "rate_below",
      levels: { rate_below: 1.1 },
      values: sums((i) => (i % 2 === 0 ? 12 : 10)),
      text: "a dead band of 0.1 would have saved 43 of 44",
    },
  ])("of a dead band for $what", ({ levels, values, text }) => {
    const [band] = adviceFor([{ rule: rule({ warning: levels }), track: track(values) }], span);
    expect(band?.text).toBe(text);
  });

  it("of a dead band as a share, for limits of devices that differ", () => {
    const device = ruleOf("hw", alarm.parse({ asset: "filler-31", from_device: true }));
    const hot = { rule: device, track: track(noisy, { limits: { highWarning: 70 } }) };
    const hotter = {
      rule: device,
      track: track(
        noisy.map((value) => 10 * value),
        { metric: "power_watts", limits: { highCritical: 700 } },
      ),
    };
    expect(adviceFor([hot, hotter], span).map(({ text }) => text)).toEqual([
      "a dead band of 2% of the limit would have saved 86 of 88",
      "an off-delay of 30s would have saved 86 of 88",
      "an on-delay of 30s would have saved 88 of 88",
    ]);
    const banded = ruleOf("hw", alarm.parse({ asset: "filler-31", from_device: { clear_by: "1%" } }));
    expect(adviceFor([{ ...hot, rule: banded }], span)[0]?.size).toBe(2);
  });

  it("is none for an alarm that is rare, or that nothing helps", () => {
    expect(adviceFor([{ rule: rule({ warning: { above: 70 } }), track: track([60, 80, 60]) }], span)).toEqual([]);
    const [first] = adviceFor([{ rule: rule({ critical: { is: 2 } }), track: track(noisy.map((value) => (value > 70 ? 2 : 1))) }], span);
    expect(first?.kind).toBe("off-delay");
  });
});

describe("a backtest", () => {
  const config = configOf(bottlingHall);
  const run = (tracks: Parameters<typeof historyOf>[0], alarm?: string) =>
    backtest({ config, history: historyOf(tracks), ...span, ...(alarm === undefined ? {} : { alarm }) });

  it("says how often, how long, where, and which services", async () => {
    const hot = [60, 90, 90, 90, 60, 60, 90, 90, 60, 60];
    const result = await run([
      track(hot),
      track(hot.slice(3), { asset: "filler-32" }),
      track([99], { asset: "filler-33", labels: { sensor: "oil" } }),
    ]);
    expect(result.readings).toBe(17);
    expect(result.alarms.map(({ alarm, count }) => [alarm, count])).toEqual([
      ["bearing-hot", 3],
      ["uplink-down", 0],
    ]);
    expect(result.alarms[0]).toMatchObject({
      assets: ["filler-31", "filler-32"],
      // 20 s to 40 s, 70 s to 80 s, and on filler-32 40 s to 50 s: critical after 10 s.
      activeMs: 40_000,
      longestMs: 20_000,
      chattering: 0,
      services: ["bottling-line-3"],
    });
    expect(result.services).toEqual([{ service: "bottling-line-3", count: 3, activeMs: 40_000 }]);
  });

  it("counts what chatters, and time of one service once", async () => {
    const chatter = { ...bottlingHall, alarms: { hot: { on: { type: "filler" }, metric: "temperature_celsius", warning: { above: 70 } } } };
    const values = [80, 60, 80, 60, 80, 60, 80, 60];
    const history = historyOf([track(values), track(values, { asset: "filler-32" })]);
    const result = await backtest({ config: configOf(chatter), history, ...span });
    expect(result.alarms[0]).toMatchObject({ count: 8, chattering: 4, activeMs: 80_000 });
    expect(result.services).toEqual([{ service: "bottling-line-3", count: 8, activeMs: 40_000 }]);
  });

  it("of limits that devices name, on every series that names some", async () => {
    const byDevice = configOf({ ...bottlingHall, alarms: { hardware: { on: { type: "filler" }, from_device: true } } });
    const history = historyOf([
      track([60, 80, 60], { limits: { highWarning: 70 } }),
      track([1, 2, 2, 1], { metric: "drive_state", kind: "state", states: { 1: "ok", 2: "failed" }, meanings: { 2: "critical" } }),
      track([99, 99], { metric: "load_ratio" }),
    ]);
    const { alarms, readings } = await backtest({ config: byDevice, history, ...span });
    expect(readings).toBe(7);
    expect(alarms[0]?.episodes.map(({ level, labels }) => [level, labels])).toEqual([
      ["warning", { sensor: "bearing" }],
      ["critical", { sensor: "bearing" }],
    ]);
  });

  it("of one alarm only", async () => {
    expect((await run([], "uplink-down")).alarms.map(({ alarm }) => alarm)).toEqual(["uplink-down"]);
  });
});
