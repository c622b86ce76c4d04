import { describe, expect, it } from "vitest";
import { bind } from "../../../collector/alarms/bound.ts";
import { ruleOf } from "../../../collector/alarms/rule.ts";
import { initialState, standing } from "../../../collector/alarms/state.ts";
import { dueAt, step } from "../../../collector/alarms/step.ts";
import { alarm as alarmSchema } from "../../../config/alarms.ts";
import { Q } from "../../../core/quality.ts";
import type { SeriesKind } from "../../../core/reading.ts";

const second = 1000;

/** `12:75` is a value at 12 s, `12:bad` a Bad one, `12:` only time, `12:75@90` one that arrives at 90 s. Gives the level after each. */
function play(level: object, script: string, series: { kind?: SeriesKind; everyMs?: number } = {}): string {
  const rule = ruleOf("r", alarmSchema.parse({ asset: "a", metric: "m", warning: level }));
  const bound = bind(rule, { everyMs: 10 * second, states: { 1: "run", 2: "jam" }, ...series });
  let state = initialState(bound, 0);
  return script
    .split(" ")
    .map((event) => {
      const [at = "", what = ""] = event.split(":");
      const [text = "", arrival] = what.split("@");
      const time = Number(at) * second;
      const bad = text === "bad";
      const now = arrival === undefined ? time : Number(arrival) * second;
      if (text === "") state = step(bound, state, { kind: "time", time });
      else state = step(bound, state, { kind: "reading", time, value: Number(text), quality: bad ? Q.BadTimeout : Q.Good, now });
      return { pending: "p", active: "A", clearing: "c", latched: "L", "": "-" }[standing(bound, state)?.phase ?? ""];
    })
    .join("");
}

describe("thresholds", () => {
  it.each<{ what: string; level: object; script: string; phases: string; kind?: SeriesKind; everyMs?: number }>([
    {
      what: "outside: either side, limits not included",
      level: { outside: [220, 240] },
      script: "0:220 1:219 2:230 3:240 4:241",
      phases: "-A--A",
    },
    {
      what: "outside with a dead band within",
      level: { outside: [220, 240], clear: [222, 238] },
      script: "0:221 1:219 2:221 3:222 4:241 5:239 6:238",
      phases: "-AA-AA-",
    },
    {
      what: "from one side to the other",
      level: { outside: [220, 240], clear: [222, 238] },
      script: "0:219 1:241 2:239 3:230",
      phases: "AAA-",
    },
    { what: "rate between two readings", level: { rate_above: 2 }, script: "0:0 1:2 2:5 3:6", phases: "--A-" },
    { what: "rate below, also falling", level: { rate_below: -1 }, script: "0:10 1:9 2:7 3:7", phases: "--A-" },
    { what: "rate of irregular readings is a second's", level: { rate_above: 2 }, script: "0:0 10:20 12:26", phases: "--A" },
    { what: "a dead band of a rate", level: { rate_above: 2, clear: 1 }, script: "0:0 1:3 2:4.5 3:5.5", phases: "-AA-" },
    { what: "a counter's reset is no fall", level: { rate_below: 0 }, script: "0:100 1:110 2:5 3:9", phases: "----", kind: "counter" },
    {
      what: "a counter counts on from its reset",
      level: { rate_above: 6 },
      script: "0:100 1:105 2:5 3:12",
      phases: "---A",
      kind: "counter",
    },
    { what: "a gauge that falls does fall", level: { rate_below: 0 }, script: "0:100 1:110 2:5", phases: "--A" },
    {
      what: "a rate over a time that is not filled yet",
      level: { rate_above: 1, over: "10s" },
      script: "0:0 5:50 9:90 10:100",
      phases: "---A",
    },
    {
      what: "a rate over a time: a jump counts as long as the time is",
      level: { rate_above: 1, over: "10s" },
      script: "0:0 10:0 11:20 15:20 20:20 21:20",
      phases: "--AAA-",
    },
    { what: "Bad is passed over by a rate", level: { rate_above: 2 }, script: "0:0 1:bad 2:3 3:bad 4:10", phases: "----A" },
    { what: "the same reading again is no new rate", level: { rate_above: 2 }, script: "0:0 1:5 1:5 2:6", phases: "-AA-" },
    {
      what: "changes within a time, and calm after it",
      level: { changes: 3, within: "10s" },
      script: "0:1 1:2 2:1 3:1 4:2 8: 11:2 12: 13:2",
      phases: "----AA---",
    },
    { what: "changes that are too slow", level: { changes: 3, within: "10s" }, script: "0:1 6:2 12:1 18:2 24:1", phases: "-----" },
    { what: "the first value is no change", level: { changes: 1, within: "10s" }, script: "0:1 1:2", phases: "-A" },
    { what: "changes end by time while the value counts", level: { changes: 1, within: "10s" }, script: "0:1 1:2 10: 11:", phases: "-AA-" },
    { what: "changes end by no silence", level: { changes: 1, within: "60s" }, script: "0:1 1:2 61: 62:2", phases: "-AA-", everyMs: 1 },
    {
      what: "count: an onset each, the third one raises",
      level: { is: "jam", count: 3, within: "60s" },
      script: "0:2 1:2 2:1 3:2 4:1 5:2 6:1",
      phases: "-----AA",
    },
    {
      what: "count: stays while it holds, ends once too few are left and it does not",
      level: { above: 70, clear: 60, count: 2, within: "20s" },
      script: "0:71 5:50 10:71 19: 21:65 25:50 26:50",
      phases: "--AAA--",
    },
    {
      what: "count: the dead band is no end of an onset",
      level: { above: 70, clear: 60, count: 2, within: "20s" },
      script: "0:71 1:65 2:71 3:50 4:71",
      phases: "----A",
    },
    {
      what: "count with an on-delay",
      level: { above: 70, count: 2, within: "60s", for: "5s" },
      script: "0:71 1:0 2:71 6: 7:",
      phases: "--ppA",
    },
    { what: "count of a rate", level: { rate_above: 5, count: 2, within: "60s" }, script: "0:0 1:10 2:11 3:30", phases: "---A" },
  ])("$what", ({ level, script, phases, ...series }) => {
    expect(play(level, script, series)).toBe(phases);
  });
});

describe("history", () => {
  it.each([
    {
      what: "raises nothing, what comes in time does",
      level: { above: 70 },
      script: "0:50 10:99@600 20:99@600 595:99@600",
      phases: "---A",
    },
    { what: "ends what the process ended", level: { above: 70 }, script: "0:99 10:50@600", phases: "A-" },
    {
      what: "gives no start to an on-delay",
      level: { above: 70, for: "20s" },
      script: "0:50 10:99@600 590:99@600 600: 611:99",
      phases: "--ppA",
    },
    { what: "does not run an on-delay out", level: { above: 70, for: "20s" }, script: "0:99 30:99@600 601: 602:99", phases: "pppA" },
    { what: "does not latch or re-raise", level: { above: 70, hold: "60s" }, script: "0:99 1:50 10:99@600", phases: "AcA" },
    { what: "is not what ends a silence", level: { stale: "60s" }, script: "0:1 60: 61:1@600 602:1", phases: "-AA-" },
    { what: "a clock that is set back is old", level: { above: 70 }, script: "100:50 40:99 100:99", phases: "--A" },
    {
      what: "a clock that jumps ahead ends no delay of another",
      level: { above: 70, for: "30s" },
      script: "0:99 3600: 3601:99",
      phases: "ppA",
    },
  ])("$what", ({ level, script, phases }) => {
    expect(play(level, script)).toBe(phases);
  });
});

describe("deadlines", () => {
  it("a full tally is looked at when it ceases to be", () => {
    const bound = bind(ruleOf("r", alarmSchema.parse({ asset: "a", metric: "m", warning: { changes: 1, within: "10s" } })), {
      everyMs: 60 * second,
    });
    let state = initialState(bound, 0);
    for (const [time, value] of [
      [0, 1],
      [1, 2],
    ] as const)
      state = step(bound, state, { kind: "reading", time: time * second, value, quality: Q.Good });
    expect(dueAt(bound, state)).toBe(11 * second);
  });

  it("an override takes the place of a level, or takes it out", () => {
    const config = alarmSchema.parse({
      asset: "a",
      metric: "m",
      warning: { above: 1 },
      critical: { above: 9 },
      override: { a: { warning: { above: 5 }, critical: "none" } },
    });
    expect(ruleOf("r", config).thresholds.map(({ level, condition }) => [level, condition])).toMatchObject([
      [1, { limit: 1 }],
      [3, { limit: 9 }],
    ]);
    expect(ruleOf("r", config, "a").thresholds.map(({ level, condition }) => [level, condition])).toMatchObject([[1, { limit: 5 }]]);
  });
});
