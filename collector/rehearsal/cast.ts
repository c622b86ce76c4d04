import { alarm as alarmSchema } from "../../config/alarms.ts";
import { limitsOf } from "../../config/device-limits.ts";
import type { Story } from "../../config/rules-test.ts";
import type { Config } from "../../config/schema.ts";
import type { Step } from "../../config/sequence.ts";
import { levelOf } from "../../core/level.ts";
import type { SeriesDescription } from "../../core/reading.ts";
import { fits } from "../alarms/rule.ts";
import { compileGraph } from "../services/graph.ts";

/** Metric by which a test says how an asset stands. */
const levelMetric = "rules_test_level";
/** How often everything that a test does not speak of says that it is well. */
export const heartbeatMs = 5000;

/** A series that a rehearsal feeds, and what it gives. */
export interface Part {
  readonly description: SeriesDescription;
  /** The value at a time after the start, or nothing; `known` is false for a reading without a value. */
  readonly at: (ms: number) => { readonly value: number; readonly known: boolean } | undefined;
  /** Times between its values. */
  readonly everyMs: number;
}

/** All that a story feeds: what it tells, and a good value of everything that it does not tell. */
export interface Cast {
  readonly config: Config;
  readonly parts: readonly Part[];
  /** False while the story says that an asset is unknown: it gives nothing then. */
  heard(asset: string, ms: number): boolean;
}

export function castOf(config: Config, story: Story): Cast {
  const told = new Map(Object.entries(story.levels).map(([asset, steps]) => [asset, stateOver(steps, story.every)]));
  const stateAt = (asset: string, ms: number): string => told.get(asset)?.(ms) ?? "ok";
  const given = story.readings.map((one) => givenPart(one, story.every));
  return {
    config: { ...config, alarms: { ...config.alarms, ...levelAlarms(told.keys()) } },
    parts: [
      ...given,
      ...untold(config, given, stateAt),
      ...Object.keys(config.assets).map((asset) => levelPart(asset, (ms) => stateAt(asset, ms))),
    ],
    heard: (asset, ms) => stateAt(asset, ms) !== "unknown",
  };
}

/** Alarms through which an asset has the level that the story says. Their ids are no ids of a config. */
function levelAlarms(assets: Iterable<string>): Config["alarms"] {
  const limits = { warning: { above: 0.5 }, major: { above: 1.5 }, critical: { above: 2.5 } };
  const text = "{asset.name} is so by the test";
  const of = (asset: string) => alarmSchema.parse({ asset, metric: levelMetric, text, ...limits });
  return Object.fromEntries([...assets].map((asset) => [`test level of ${asset}`, of(asset)]));
}

/** The state of each moment; the last one lasts, and so does one over moments without any. */
function stateOver(steps: readonly Step[], everyMs: number): (ms: number) => string {
  let last = "ok";
  const states = steps.map((step) => {
    if (step.kind === "word") last = step.word;
    return last;
  });
  return (ms) => states[Math.min(states.length - 1, Math.floor(ms / everyMs))] ?? "ok";
}

const plain = { unit: "", kind: "gauge", origin: "test", everyMs: heartbeatMs } as const;

function levelPart(asset: string, stateAt: (ms: number) => string): Part {
  return {
    description: { ...plain, asset, metric: levelMetric, labels: {} },
    everyMs: heartbeatMs,
    at(ms) {
      const state = stateAt(ms);
      return state === "unknown" ? undefined : { value: levelOf(state as "ok"), known: true };
    },
  };
}

function givenPart({ series, values, every, unit, states, meanings, limits }: Story["readings"][number], standard: number): Part {
  const everyMs = every ?? standard;
  const numbers = new Map(Object.entries(states ?? {}).map(([number, name]) => [name, Number(number)]));
  return {
    description: {
      ...series,
      unit,
      origin: "test",
      everyMs,
      ...(states === undefined ? { kind: "gauge" } : { kind: "state", states }),
      ...(meanings === undefined ? {} : { meanings }),
      ...(limits === undefined ? {} : { limits: limitsOf(limits) }),
    },
    everyMs,
    at(ms) {
      const step = ms % everyMs === 0 ? values[ms / everyMs] : undefined;
      if (step === undefined || step.kind === "none") return undefined;
      if (step.kind === "bad") return { value: Number.NaN, known: false };
      return { value: step.kind === "value" ? step.value : (numbers.get(step.word) ?? Number.NaN), known: true };
    },
  };
}

/** The series of an asset that a need is about. */
interface Watched {
  readonly metric: string;
  readonly where: Readonly<Record<string, string>>;
}

/** What services need of metrics, and the story has no readings of: it is met while the asset is ok. */
function untold(config: Config, given: readonly Part[], stateAt: (asset: string, ms: number) => string): readonly Part[] {
  const graph = compileGraph(config);
  const told = (asset: string, { metric, where }: Watched): boolean =>
    given.some(({ description }) => description.asset === asset && fits({ metrics: [metric], where }, description));
  const part = (asset: string, { metric, where }: Watched, good: number, bad: number): Part => ({
    description: { ...plain, asset, metric, labels: where },
    everyMs: heartbeatMs,
    at(ms) {
      const state = stateAt(asset, ms);
      return state === "unknown" ? undefined : { value: state === "ok" ? good : bad, known: true };
    },
  });
  const metrics = graph.metricLeaves.flatMap(({ asset, rule }) => {
    const id = graph.index.idOf(asset);
    const condition = rule.thresholds[0]?.condition;
    const watched = { metric: rule.metrics[0] ?? "", where: rule.where };
    if (told(id, watched) || condition === undefined || (condition.kind !== "above" && condition.kind !== "below")) return [];
    const away = condition.kind === "below" ? 1 : -1;
    return [part(id, watched, (condition.clear ?? condition.limit) + away, condition.limit - away)];
  });
  const sums = graph.liveSums.flatMap(({ need, members }) =>
    members.flatMap(({ asset, nominal }) => {
      const id = graph.index.idOf(asset);
      return told(id, need.live) ? [] : [part(id, need.live, nominal, 0)];
    }),
  );
  return onePerSeries([...metrics, ...sums]);
}

/** Two needs of one series are fed once; the first says with what. */
function onePerSeries(parts: readonly Part[]): readonly Part[] {
  const seen = new Set<string>();
  return parts.filter(({ description: { asset, metric, labels } }) => {
    const key = JSON.stringify([asset, metric, labels]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
