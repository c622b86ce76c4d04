import { describe, expect, it } from "vitest";
import { Agents, gapFacts, reachOf } from "../../collector/agents.ts";
import { epoch, numbered } from "./batches.ts";

const hall1 = { agent: "hall-1", epoch };
const nothing = new Map();

describe("agents", () => {
  it("are silent after three of their shortest intervals, never sooner than 30 s", () => {
    const series = [
      { ...numbered(1, { asset: "a", everyMs: 60_000 }), index: 0, agent: "slow" },
      { ...numbered(2, { asset: "b", everyMs: 90_000 }), index: 1, agent: "slow" },
      { ...numbered(3, { asset: "b", everyMs: 1000 }), index: 2, agent: "quick" },
    ];
    const agents = new Agents();
    for (const agent of ["slow", "quick", "idle"]) agents.heard({ agent, epoch }, 1000);
    const silentAt = (now: number) => agents.views(now, reachOf(series)).map(({ silent }) => silent);
    expect(silentAt(31_000)).toEqual([false, false, false]);
    expect(silentAt(31_001)).toEqual([false, true, true]);
    expect(silentAt(181_001)).toEqual([true, true, true]);
    expect(agents.views(0, reachOf(series)).map(({ assets }) => assets)).toEqual([2, 1, 0]);
  });

  it("have a skew where they say their time, taken when the request's head arrived", () => {
    const agents = new Agents();
    expect(agents.heard({ ...hall1, sentAt: 900, arrivedAt: 1000 }, 5000)).toBe(-100);
    expect(agents.heard({ ...hall1, sentAt: Number.NaN }, 5000)).toBeNull();
    expect(agents.views(5000, nothing)[0]).toMatchObject({ skew_ms: -100, last_seen: 5000 });
  });

  it("say how far behind what is stored is, while they show the present beside a backlog", () => {
    const agents = new Agents();
    const behind = (now: number) => agents.views(now, nothing).map(({ behind_ms }) => behind_ms);
    agents.heard(hall1, 1_000_000);
    agents.shown("hall-1", 1_000_000);
    expect(behind(1_000_000)).toEqual([null]);
    agents.stored({ ...hall1, seq: 1, gaps: [], until: 400_000 });
    expect(behind(1_000_000)).toEqual([600_000]);
    expect(behind(1_014_999)).toEqual([614_999]);
    expect(behind(1_015_000)).toEqual([null]);
  });

  it("are remembered: when they were last heard at most once a minute, losses always", () => {
    const agents = new Agents();
    agents.heard({ ...hall1, version: "millwright/0.1.0" }, 1000);
    const facts = new Map(agents.dirtyFacts());
    agents.heard(hall1, 50_000);
    expect(agents.dirtyFacts().size).toBe(0);
    const gaps = [3, 1, 2].map((time) => ({ firstSeq: 4, lastSeq: 6, count: time, reason: "spool full", time }));
    for (const [key, text] of gapFacts({ ...hall1, gaps })) facts.set(key, text);
    facts.set("agent:broken", "{");
    const [again] = new Agents(facts, [{ ...hall1, seq: 6 }]).views(60_000, nothing);
    expect(again).toMatchObject({ name: "hall-1", last_seen: 1000, version: "millwright/0.1.0", epoch, seq: 6 });
    expect(again?.gaps.map(({ time }) => time)).toEqual([1, 2, 3]);
  });

  it("show the epoch that is stored, whatever epoch a request names", () => {
    const other = "00000000-0000-4000-8000-000000000000";
    const shown = (agents: Agents) => agents.views(0, nothing).map(({ epoch, seq }) => ({ epoch, seq }));
    const agents = new Agents();
    agents.heard(hall1, 1000);
    agents.stored({ ...hall1, seq: 7, gaps: [] });
    agents.heard({ agent: "hall-1", epoch: other }, 2000);
    expect(shown(agents)).toEqual([{ epoch, seq: 7 }]);
    agents.stored({ agent: "hall-1", epoch: other, seq: 1, gaps: [] });
    expect(shown(agents)).toEqual([{ epoch: other, seq: 1 }]);
    // Marks come in the order in which they moved: the newest is of the epoch that is stored now.
    const marks = [
      { ...hall1, seq: 7 },
      { agent: "hall-1", epoch: other, seq: 1 },
    ];
    expect(shown(new Agents(agents.dirtyFacts(), marks))).toEqual([{ epoch: other, seq: 1 }]);
  });

  it("keep the last 50 losses, and count them all", () => {
    const agents = new Agents();
    const gap = (time: number) => ({ firstSeq: time, lastSeq: time, count: 2, reason: "x", time });
    let lost = 0;
    for (let seq = 1; seq <= 60; seq++) lost += agents.stored({ ...hall1, seq, gaps: [gap(seq)] });
    expect(lost).toBe(120);
    expect(agents.views(0, nothing)[0]?.gaps).toHaveLength(50);
    expect(agents.views(0, nothing)[0]?.gaps[0]?.time).toBe(11);
  });

  it("forget losses that are as old as the readings that are deleted, and say so once", () => {
    const gap = (time: number) => ({ firstSeq: time, lastSeq: time, count: 2, reason: "x", time });
    const facts = new Map(gapFacts({ ...hall1, gaps: [gap(10), gap(30)] }));
    const agents = new Agents(facts);
    agents.stored({ ...hall1, seq: 20, gaps: [gap(20)] });
    agents.forget(25);
    expect([...agents.dirtyFacts()]).toEqual([10, 20].map((time) => [`gap:hall-1:${epoch}:${time}-${time}:${time}`, ""]));
    expect(agents.dirtyFacts().size).toBe(0);
    expect(agents.views(0, nothing)[0]?.gaps.map(({ time }) => time)).toEqual([30]);
  });
});
