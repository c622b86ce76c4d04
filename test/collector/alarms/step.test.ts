import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bind } from "../../../collector/alarms/bound.ts";
import type { Rule, Threshold } from "../../../collector/alarms/rule.ts";
import { type AlarmState, initialState, standing } from "../../../collector/alarms/state.ts";
import { dueAt, step } from "../../../collector/alarms/step.ts";
import { Q } from "../../../core/quality.ts";

const second = 1000;
const series = { everyMs: 300 * second, states: { 1: "up", 2: "down" } };

function rule(...thresholds: readonly (Partial<Threshold> & Pick<Threshold, "condition">)[]): Rule {
  return {
    id: "rule",
    metrics: ["m"],
    where: {},
    thresholds: thresholds.map((threshold) => ({ level: 3, forMs: 0, holdMs: 0, ...threshold })),
    latch: false,
    text: undefined,
    runbook: undefined,
    feeds: "asset",
  };
}

const above = (limit: number, clear?: number): Threshold["condition"] => ({ kind: "above", limit, inclusive: false, clear });
const below = (limit: number, clear?: number): Threshold["condition"] => ({ kind: "below", limit, inclusive: false, clear });

/** `12:75` is a value at 12 s, `12:bad` a Bad one, `12:` only time. Gives the phase after each. */
function play(one: Rule, script: string, before?: AlarmState): string[] {
  const bound = bind(one, series);
  let state = before ?? initialState(bound, 0);
  return script.split(" ").map((event) => {
    const [at = "", what = ""] = event.split(":");
    const time = Number(at) * second;
    if (what === "") state = step(bound, state, { kind: "time", time });
    else if (what === "reset") state = step(bound, state, { kind: "reset", time });
    else if (what === "bad") state = step(bound, state, { kind: "reading", time, value: Number.NaN, quality: Q.BadTimeout });
    else if (what.startsWith("?"))
      state = step(bound, state, { kind: "reading", time, value: Number(what.slice(1)), quality: Q.Uncertain });
    else state = step(bound, state, { kind: "reading", time, value: Number(what), quality: Q.Good });
    return standing(bound, state)?.phase ?? "normal";
  });
}

describe("one level, step by step", () => {
  it.each<{ what: string; rule: Rule; script: string; phases: string }>([
    { what: "above is more than", rule: rule({ condition: above(70) }), script: "0:70 1:70.1 2:70", phases: "normal active normal" },
    { what: "below is less than", rule: rule({ condition: below(6) }), script: "0:6 1:5.9 2:6", phases: "normal active normal" },
    {
      what: "a need for > is missed at the limit",
      rule: rule({ condition: { kind: "below", limit: 6, inclusive: true, clear: undefined } }),
      script: "0:6 1:6.1",
      phases: "active normal",
    },
    {
      what: "the dead band keeps what it finds",
      rule: rule({ condition: above(70, 66) }),
      script: "0:68 1:71 2:68 3:66.1 4:66 5:68",
      phases: "normal active active active normal normal",
    },
    { what: "a dead band below", rule: rule({ condition: below(6, 6.2) }), script: "0:5.9 1:6.1 2:6.2", phases: "active active normal" },
    {
      what: "on-delay by readings",
      rule: rule({ condition: above(70), forMs: 10 * second }),
      script: "0:71 9:71 10:71 11:69",
      phases: "pending pending active normal",
    },
    {
      what: "on-delay by time alone, while the value still counts",
      rule: rule({ condition: above(70), forMs: 10 * second }),
      script: "0:71 9: 10:",
      phases: "pending pending active",
    },
    {
      what: "what was raised by time alone stays when its reading is applied again, as a reload does",
      rule: rule({ condition: above(70), forMs: 10 * second }),
      script: "0:71 10: 0:71",
      phases: "pending active active",
    },
    {
      what: "an interrupted on-delay begins anew",
      rule: rule({ condition: above(70), forMs: 10 * second }),
      script: "0:71 9:69 10:71 19:71 20:71",
      phases: "pending normal pending pending active",
    },
    {
      what: "the dead band ends an on-delay",
      rule: rule({ condition: above(70, 60), forMs: 10 * second }),
      script: "0:71 5:65 6:71 15:71 16:71",
      phases: "pending normal pending pending active",
    },
    {
      what: "off-delay",
      rule: rule({ condition: above(70), holdMs: 10 * second }),
      script: "0:71 1:69 10:69 11:69",
      phases: "active clearing clearing normal",
    },
    {
      what: "off-delay by time, and back into the alarm before it ends",
      rule: rule({ condition: above(70), holdMs: 10 * second }),
      script: "0:71 1:69 5:71 6:69 15: 16:",
      phases: "active clearing active clearing clearing normal",
    },
    {
      what: "back into the dead band during the off-delay is not over",
      rule: rule({ condition: above(70, 66), holdMs: 10 * second }),
      script: "0:71 1:65 2:68 12:68",
      phases: "active clearing active active",
    },
    {
      what: "Bad neither raises nor clears",
      rule: rule({ condition: above(70) }),
      script: "0:bad 1:71 2:bad 3:69",
      phases: "normal active active normal",
    },
    {
      what: "a Bad value is no evidence for an on-delay either",
      rule: rule({ condition: above(70), forMs: 10 * second }),
      script: "0:71 5:bad 10: 60: 61:71",
      phases: "pending pending pending pending active",
    },
    {
      what: "an old value is no evidence: three intervals and it counts no more",
      rule: rule({ condition: above(70), forMs: 1000 * second }),
      script: "0:71 1000: 2000:",
      phases: "pending pending pending",
    },
    { what: "Uncertain counts as a value", rule: rule({ condition: above(70) }), script: "0:?71 1:?69", phases: "active normal" },
    { what: "NaN with a good quality is no value", rule: rule({ condition: above(70) }), script: "0:71 1:NaN", phases: "active active" },
    {
      what: "history raises nothing",
      rule: rule({ condition: above(70) }),
      script: "100:50 40:99 41:99 100:71",
      phases: "normal normal normal active",
    },
    { what: "history clears nothing", rule: rule({ condition: above(70) }), script: "100:71 40:50", phases: "active active" },
    {
      what: "a state by name",
      rule: rule({ condition: { kind: "is", state: "down" } }),
      script: "0:1 1:2 2:1",
      phases: "normal active normal",
    },
    {
      what: "a state by its name in other letters",
      rule: rule({ condition: { kind: "is", state: "Down" } }),
      script: "0:2",
      phases: "active",
    },
    { what: "a state by number", rule: rule({ condition: { kind: "is", state: 2 } }), script: "0:1 1:2", phases: "normal active" },
    {
      what: "not a state",
      rule: rule({ condition: { kind: "is_not", state: "up" } }),
      script: "0:1 1:2 2:7 3:1",
      phases: "normal active active normal",
    },
    {
      what: "a state that the series does not have",
      rule: rule({ condition: { kind: "is", state: "asleep" } }),
      script: "0:1 1:2",
      phases: "normal normal",
    },
    {
      what: "not a state that it does not have",
      rule: rule({ condition: { kind: "is_not", state: "asleep" } }),
      script: "0:1 1:2",
      phases: "normal normal",
    },
    {
      what: "stale",
      rule: rule({ condition: { kind: "stale", afterMs: 60 * second } }),
      script: "0:1 59: 60: 61:bad 62:1 121: 122:",
      phases: "normal normal active active normal normal active",
    },
    {
      what: "stale counts Uncertain as a value",
      rule: rule({ condition: { kind: "stale", afterMs: 60 * second } }),
      script: "0:1 50:?1 100: 110:",
      phases: "normal normal normal active",
    },
    {
      what: "stale with an on-delay",
      rule: rule({ condition: { kind: "stale", afterMs: 60 * second }, forMs: 10 * second }),
      script: "0:1 60: 69: 70:",
      phases: "normal pending pending active",
    },
    {
      what: "latched until reset",
      rule: { ...rule({ condition: above(70) }), latch: true },
      script: "0:71 1:50 2:50 3:71 4:50 5:reset 6:50",
      phases: "active latched latched active latched normal normal",
    },
    {
      what: "a latched alarm whose condition comes back is in alarm without a new on-delay",
      rule: { ...rule({ condition: above(70), forMs: 5 * second }), latch: true },
      script: "0:71 5:71 6:50 7:71 8:71 9:50 10:reset 11:71",
      phases: "pending active latched active active latched normal pending",
    },
    {
      what: "what is not latched is not reset",
      rule: { ...rule({ condition: above(70) }), latch: true },
      script: "0:71 1:reset",
      phases: "active active",
    },
  ])("$what", ({ rule: one, script, phases }) => {
    expect(play(one, script).join(" ")).toBe(phases);
  });
});

describe("levels side by side", () => {
  const bearing = rule(
    { level: 1, condition: above(70, 66), forMs: 30 * second },
    { level: 3, condition: above(85, 80), forMs: 10 * second },
  );
  const told = (script: string): string[] => {
    const bound = bind(bearing, series);
    let state = initialState(bound, 0);
    return script.split(" ").map((event) => {
      const [at, value] = event.split(":");
      state = step(bound, state, { kind: "reading", time: Number(at) * second, value: Number(value), quality: Q.Good });
      const now = standing(bound, state);
      return now === undefined ? "-" : `${now.phase}${now.level}@${now.since / second}`;
    });
  };

  it("the worst active one counts, then the worst pending one", () => {
    expect(told("0:90 9:90 10:90 30:90 31:75 32:67 33:60")).toEqual([
      "pending3@0",
      "pending3@0",
      "active3@10",
      "active3@10",
      "active1@30",
      "active1@30",
      "-",
    ]);
  });
});

interface PrometheusCase {
  readonly test: string;
  readonly for_s?: number;
  readonly keep_firing_for_s?: number;
  readonly cond: string;
  readonly interval_s?: number;
  readonly series?: Readonly<Record<string, readonly number[]>>;
  readonly states?: readonly Readonly<Record<string, string | number>>[];
  readonly steps?: readonly { readonly t_s: number; readonly for_s: number; readonly state: string }[];
}

const prometheusFile = new URL("../../../../shared/data/alarms/prometheus_for.json", import.meta.url);
const prometheus: { readonly cases: readonly PrometheusCase[] } = existsSync(prometheusFile)
  ? JSON.parse(readFileSync(prometheusFile, "utf8"))
  : { cases: [] };
const asPrometheus: Readonly<Record<string, string>> = { normal: "inactive", pending: "pending", active: "firing", clearing: "firing" };

describe.skipIf(!existsSync(prometheusFile))("Prometheus' own cases of for and keep_firing_for (needs ../shared/data)", () => {
  const timed = prometheus.cases.filter((one) => one.series !== undefined);
  it.each(timed.flatMap((one) => Object.keys(one.series ?? {}).map((name) => ({ one, name, test: one.test }))))("$test $name", ({
    one,
    name,
  }) => {
    const [, comparison, limit] = /value ([<>]) (\d+)/.exec(one.cond) ?? [];
    const condition = comparison === "<" ? below(Number(limit)) : above(Number(limit));
    const made = rule({ condition, forMs: (one.for_s ?? 0) * second, holdMs: (one.keep_firing_for_s ?? 0) * second });
    const script = (one.series?.[name] ?? []).map((value, i) => `${i * (one.interval_s ?? 0)}:${value}`).join(" ");
    const phases = play(made, script).map((phase) => asPrometheus[phase]);
    const expected = (one.states ?? []).map((state) => state[name]);
    expect(expected.length).toBeGreaterThan(1);
    expect(phases.slice(0, expected.length)).toEqual(expected);
  });

  it("an on-delay made longer sends a firing alarm back to pending", () => {
    const steps = prometheus.cases.find((one) => one.steps !== undefined)?.steps ?? [];
    expect(steps.length).toBe(4);
    let state: AlarmState | undefined;
    for (const { t_s, for_s, state: expected } of steps) {
      const bound = bind(rule({ condition: above(0), forMs: for_s * second }), series);
      state = step(bound, state ?? initialState(bound, 0), { kind: "reading", time: t_s * second, value: 1, quality: Q.Good });
      expect(asPrometheus[standing(bound, state)?.phase ?? "normal"]).toBe(expected);
    }
  });
});

describe("invariants", () => {
  const event = fc.record({
    after: fc.integer({ min: 1, max: 20 }),
    value: fc.oneof(fc.integer({ min: 60, max: 90 }), fc.constant("bad"), fc.constant("")),
  });
  const delays = fc.record({ forS: fc.integer({ min: 0, max: 30 }), holdS: fc.integer({ min: 0, max: 30 }) });

  it("looking at every deadline gives what looking each second gives", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), delays, (events, { forS, holdS }) => {
        const bound = bind(rule({ condition: above(75, 70), forMs: forS * second, holdMs: holdS * second }), series);
        let lazy = initialState(bound, 0);
        let eager = lazy;
        let now = 0;
        for (const { after, value } of events) {
          for (const end = now + after * second; now < end; ) {
            now += second;
            eager = step(bound, eager, { kind: "time", time: now });
            if (dueAt(bound, lazy) <= now) lazy = step(bound, lazy, { kind: "time", time: now });
          }
          if (value === "") continue;
          const reading = { kind: "reading", time: now, value: Number(value), quality: value === "bad" ? Q.Bad : Q.Good } as const;
          lazy = step(bound, lazy, reading);
          eager = step(bound, eager, reading);
          expect(standing(bound, lazy)).toEqual(standing(bound, eager));
        }
      }),
    );
  });

  it("an alarm is never active at a value that clears it without delay, nor normal at one that raises it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60, max: 90 }), { minLength: 1 }), (values) => {
        const phases = play(rule({ condition: above(75, 70) }), values.map((value, i) => `${i}:${value}`).join(" "));
        const last = values[values.length - 1] ?? 0;
        if (last > 75) expect(phases[phases.length - 1]).toBe("active");
        if (last <= 70) expect(phases[phases.length - 1]).toBe("normal");
      }),
    );
  });

  it("changes nothing of the state it was given", () => {
    const bound = bind(rule({ condition: above(70) }), series);
    const before = Object.freeze(initialState(bound, 0));
    Object.freeze(before.levels);
    step(bound, before, { kind: "reading", time: 1, value: 99, quality: Q.Good });
    expect(standing(bound, before)).toBeUndefined();
  });
});
