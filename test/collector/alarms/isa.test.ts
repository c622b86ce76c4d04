import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Handling, type HandlingEvent, handle, isaState, isMuted, untouched } from "../../../collector/alarms/isa.ts";
import type { IsaState } from "../../../core/alarm-view.ts";

const act = { by: "eva", at: 1000, comment: "seen" };
const shelf = { ...act, until: 2000 };
const steps: Readonly<Record<string, HandlingEvent>> = {
  "alarm (severity != OK)": { kind: "process", level: 2 },
  "alarm again": { kind: "process", level: 2 },
  "re-alarm: severity rises (previous severity != OK)": { kind: "process", level: 3 },
  "return to normal": { kind: "process", level: 0 },
  "operator ack": { kind: "ack", act },
  "operator unack": { kind: "unack" },
  "operator shelve": { kind: "shelve", shelf },
};

/** The states of data/alarms/isa-18-2-transitions.json (alerta, Apache-2.0), and a way to get to each. */
const names: Readonly<Record<string, IsaState>> = {
  NORM: "normal",
  UNACK: "unacknowledged",
  ACKED: "acknowledged",
  RTNUN: "returned-unacknowledged",
  SHLVD: "shelved",
  DSUPR: "suppressed-by-design",
  OOSRV: "out-of-service",
};
const raise: HandlingEvent = { kind: "process", level: 1 };
const ways: Readonly<Record<string, readonly HandlingEvent[]>> = {
  NORM: [],
  UNACK: [raise],
  ACKED: [raise, { kind: "ack", act }],
  RTNUN: [raise, { kind: "process", level: 0 }],
  SHLVD: [{ kind: "shelve", shelf }],
  DSUPR: [{ kind: "suppress", why: "core-sw-1 is down" }],
  OOSRV: [{ kind: "out-of-service", act }],
};
const play = (events: readonly HandlingEvent[], from = untouched): Handling => events.reduce(handle, from);
const stateOf = (handling: Handling): IsaState => isaState(handling, false);

describe("transitions of ISA-18.2", () => {
  it.each([
    { from: "NORM", on: "alarm (severity != OK)", to: "UNACK" },
    { from: "UNACK", on: "operator ack", to: "ACKED" },
    { from: "ACKED", on: "operator unack", to: "UNACK" },
    { from: "ACKED", on: "re-alarm: severity rises (previous severity != OK)", to: "UNACK" },
    { from: "ACKED", on: "return to normal", to: "NORM" },
    { from: "UNACK", on: "return to normal", to: "RTNUN" },
    { from: "RTNUN", on: "operator ack", to: "NORM" },
    { from: "RTNUN", on: "alarm again", to: "UNACK" },
    ...Object.keys(ways).map((from) => ({ from, on: "operator shelve", to: from === "OOSRV" ? "OOSRV" : "SHLVD" })),
  ])("$from, $on -> $to", ({ from, on, to }) => {
    const event = steps[on];
    expect(event).toBeDefined();
    if (event === undefined) return;
    const before = play(ways[from] ?? []);
    expect(stateOf(before)).toBe(names[from]);
    expect(stateOf(handle(before, event))).toBe(names[to]);
  });

  const ends: Readonly<Record<string, HandlingEvent>> = {
    SHLVD: { kind: "unshelve" },
    DSUPR: { kind: "suppress", why: undefined },
    OOSRV: { kind: "return-to-service" },
  };
  it.each(
    Object.entries(ends),
  )("from %s back to normal, or unacknowledged where the process is in alarm, acknowledged before or not", (from, end) => {
    const way = ways[from] ?? [];
    expect(stateOf(play([...way, end]))).toBe("normal");
    expect(stateOf(play([...way, raise, end]))).toBe("unacknowledged");
    expect(stateOf(play([...(ways["ACKED"] ?? []), ...way, end]))).toBe("unacknowledged");
    expect(stateOf(play([...(ways["UNACK"] ?? []), ...way, { kind: "process", level: 0 }, end]))).toBe("normal");
    expect(stateOf(play([...(ways["RTNUN"] ?? []), ...way, end]))).toBe("normal");
  });

  it("a worse reason for silence shows before a milder one, and each ends by itself", () => {
    const all = play([raise, { kind: "suppress", why: "x" }, { kind: "shelve", shelf }, { kind: "out-of-service", act }]);
    expect(stateOf(all)).toBe("out-of-service");
    const shelved = handle(all, { kind: "return-to-service" });
    expect(stateOf(shelved)).toBe("shelved");
    const suppressed = handle(shelved, { kind: "unshelve" });
    expect(stateOf(suppressed)).toBe("suppressed-by-design");
    expect(stateOf(handle(suppressed, { kind: "suppress", why: undefined }))).toBe("unacknowledged");
  });

  it("a level that falls keeps the acknowledgement, and latched shows until it is reset", () => {
    const acked = play([
      { kind: "process", level: 3 },
      { kind: "ack", act },
      { kind: "process", level: 1 },
    ]);
    expect(stateOf(acked)).toBe("acknowledged");
    expect(acked.acked).toEqual(act);
    expect(isaState(acked, true)).toBe("latched");
  });
});

interface Sequence {
  readonly name: string;
  readonly steps: readonly {
    readonly event: string;
    readonly action?: string;
    readonly fixture?: string;
    readonly comment: string;
    readonly expect: { readonly status?: string };
  }[];
}

const file = new URL("../../../../shared/data/alarms/isa-18-2-transitions.json", import.meta.url);
const sequences: readonly Sequence[] = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as { sequences: Sequence[] }).sequences
  : [];
const levelOf: Readonly<Record<string, 0 | 1 | 2 | 3>> = { ok_alarm: 0, low_alarm: 1, medium_alarm: 1, high_alarm: 2, critical_alarm: 3 };

describe("sequences of data/alarms", () => {
  it("are read where they are there", () => {
    expect(sequences.length > 0).toBe(existsSync(file));
  });

  it.each(sequences)("$name", ({ steps: all }) => {
    let handling = untouched;
    for (const step of all) {
      const level = levelOf[step.fixture ?? ""];
      const out = /-> ?Out-of-service/.test(step.comment);
      const back = /^Resend Alarm, Out-of-service/.test(step.comment);
      if (level !== undefined) handling = handle(handling, { kind: "process", level });
      if (out) handling = handle(handling, { kind: "out-of-service", act });
      if (back) handling = handle(handling, { kind: "return-to-service" });
      if (step.action === "ack" || step.action === "unack" || step.action === "unshelve")
        handling = handle(handling, step.action === "ack" ? { kind: "ack", act } : { kind: step.action });
      if (step.action === "shelve") handling = handle(handling, { kind: "shelve", shelf });
      if (step.expect.status !== undefined)
        expect(`${step.comment}: ${stateOf(handling)}`).toBe(`${step.comment}: ${names[step.expect.status]}`);
    }
  });
});

const event: fc.Arbitrary<HandlingEvent> = fc.oneof(
  fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3).map((level): HandlingEvent => ({ kind: "process", level })),
  fc.constantFrom<HandlingEvent>(
    { kind: "announce" },
    { kind: "ack", act },
    { kind: "unack" },
    { kind: "shelve", shelf },
    { kind: "unshelve" },
    { kind: "suppress", why: "x" },
    { kind: "suppress", why: undefined },
    { kind: "out-of-service", act },
    { kind: "return-to-service" },
  ),
);

describe("whatever happens to an alarm", () => {
  it("its level is its process'; it is announced only unmuted and in alarm, and stays so until its process is normal", () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let handling = untouched;
        let level = 0;
        for (const one of events) {
          const before = handling;
          handling = handle(before, one);
          if (one.kind === "process") level = one.level;
          expect(handling.level).toBe(level);
          if (handling.announced && !before.announced) expect(isMuted(handling)).toBe(false);
          if (handling.announced) expect(level).toBeGreaterThan(0);
          if (before.announced && level > 0) expect(handling.announced).toBe(true);
          if (handling.acked !== undefined) expect(handling.unseen).toBe(false);
          expect(handle(handling, one)).toEqual(handling);
        }
      }),
    );
  });
});
