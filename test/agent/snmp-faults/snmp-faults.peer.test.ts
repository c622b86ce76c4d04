import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isBad, Q, type QualityName } from "../../../core/quality.ts";
import { sourceUpMetric } from "../../../core/source.ts";
import { secure } from "../../adapters/sources/snmp/setup.ts";
import { deaf, odd, partial } from "./community-faults.ts";
import type { Fault } from "./fault.ts";
import { type Patient, Plant, type Trace } from "./plant.ts";
import { secureFaults, secureOdd } from "./secure-faults.ts";

const faults: readonly (readonly [string, Fault])[] = [...deaf, ...partial, ...secureFaults].map((fault) => [fault.name, fault]);
/** On a busy machine an answer takes as long as it takes. */
const patience = { timeout: "900ms" };
const neighbours = [
  { name: "a neighbour", config: patience },
  { name: "a neighbour in version 3", config: { ...secure, ...patience } },
];
const oddities = [...odd, ...secureOdd, ...neighbours];

const plant = new Plant();

/** All faults at once, under one runner, with neighbours that have none. */
beforeAll(async () => {
  for (const fault of [...deaf, ...partial, ...secureFaults, ...oddities]) await plant.add(fault.name, fault);
  await vi.waitFor(() => expect([...plant.patients].filter(([, one]) => !isHealed(one)).map(([name]) => name)).toEqual([]), {
    timeout: 90_000,
    interval: 100,
  });
});
afterAll(() => plant.stop());

function isHealed({ phase, series, status }: Patient): boolean {
  return (
    phase === "healed" && status?.reason === "" && [...series.values()].every(({ wasGood, quality }) => !wasGood || quality === Q.Good)
  );
}

function patient(name: string): Patient {
  const found = plant.patients.get(name);
  if (found === undefined) throw new Error(`no patient ${name}`);
  return found;
}

/** What was said of series first, without those of which nothing was. */
function told(traces: readonly Trace[]): readonly string[] {
  const all = traces.map(
    ({ description: { metric, labels }, first }) => `${metric} ${Object.values(labels)}: ${first?.quality} in round ${first?.round}`,
  );
  return [...new Set(all)].sort();
}

describe("each fault: Bad within one interval, by name, and Good again after it", () => {
  it.each(faults)("%s", (name, fault) => {
    const { series, said } = patient(name);
    const { spoils = () => true } = fault;
    const traces = [...series.values()].filter(({ wasGood, description }) => wasGood && description.metric !== sourceUpMetric);
    expect(traces.length).toBeGreaterThan(15);
    const spoilt = traces.filter(({ description }) => spoils(description));
    const wrong = spoilt.filter(
      ({ first }) => first === undefined || first.round > 1 || ![fault.quality].flat().includes(first.quality as QualityName),
    );
    expect(told(wrong)).toEqual([]);
    if (fault.spoils !== undefined) {
      const unspoilt = traces.filter(
        ({ description, first }) => !spoils(description) && first !== undefined && isBad(Q[first.quality as keyof typeof Q]),
      );
      expect(told(unspoilt)).toEqual([]);
    }
    const [first] = said;
    if (first === undefined) throw new Error("it says nothing");
    if (typeof fault.reason === "string") expect(first.reason.replace(/^127\.0\.0\.1:\d+: /, "")).toBe(fault.reason);
    else expect(first.reason).toMatch(fault.reason);
    expect(first.state).toBe(fault.spoils === undefined ? "down" : "up");
  });
});

describe("each oddity: nobody notices", () => {
  it.each(oddities.map(({ name }) => name))("%s", (name) => {
    const { said, all, good, since, status } = patient(name);
    expect([said, good, status?.reason]).toEqual([[], all, ""]);
    expect(all - 2).toBeGreaterThanOrEqual(plant.beats - since - 1);
  });
});
