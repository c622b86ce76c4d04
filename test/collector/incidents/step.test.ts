import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hurt } from "../../../collector/incidents/hurt.ts";
import type { Incident } from "../../../collector/incidents/incident.ts";
import { type Incidents, stepIncidents } from "../../../collector/incidents/step.ts";
import type { LevelName } from "../../../core/level.ts";

function hurt(id: string, causes: readonly string[], more: Partial<Hurt> = {}): Hurt {
  const level: LevelName = "critical";
  return { id, name: id, owner: "", level, unplanned: true, blind: false, why: `${id} is hurt`, causes, ...more };
}

const none: Incidents = { open: [], next: 1 };
const told = (changed: readonly Incident[]) =>
  changed.map(
    ({ view }) => `${view.state} ${view.causes.join("+")} -> ${view.services.map(({ id, level }) => `${id}=${level}`).join(" ")}`,
  );

/** What happens, step after step. */
function story(...steps: readonly (readonly Hurt[])[]): readonly (readonly string[])[] {
  let state = none;
  return steps.map((services, i) => {
    const { changed, ...after } = stepIncidents(state, services, 1000 * i);
    state = after;
    return told(changed);
  });
}

describe("incidents", () => {
  it.each([
    {
      what: "one cause that hurts a service and the one above it is one incident",
      steps: [[hurt("mes", ["server"]), hurt("line", ["server"])], []],
      told: [["open server -> line=critical mes=critical"], ["resolved server -> line=ok mes=ok"]],
    },
    {
      what: "a second cause in a red service is an update",
      steps: [[hurt("line", ["f31"])], [hurt("line", ["f31", "f32"])], [hurt("line", ["f32"])], []],
      told: [["open f31 -> line=critical"], ["open f31+f32 -> line=critical"], ["open f32 -> line=critical"], ["resolved f32 -> line=ok"]],
    },
    {
      what: "causes that only together hurt a service are one incident",
      steps: [[hurt("line", ["f31", "f32"])]],
      told: [["open f31+f32 -> line=critical"]],
    },
    {
      what: "two faults at once are two incidents, also where one service above suffers from both",
      steps: [[hurt("plant", ["ups", "f31"]), hurt("mes", ["ups"]), hurt("line", ["f31"])]],
      told: [["open f31 -> line=critical plant=critical", "open ups -> mes=critical plant=critical"]],
    },
    {
      what: "a cause that turns another service red is a new incident, though a service above was red already",
      steps: [
        [hurt("plant", ["ups"]), hurt("mes", ["ups"])],
        [hurt("plant", ["ups", "f31"]), hurt("mes", ["ups"]), hurt("line", ["f31"])],
      ],
      told: [["open ups -> mes=critical plant=critical"], ["open f31 -> line=critical plant=critical"]],
    },
    {
      what: "causes change while the service stays red: the same incident",
      steps: [[hurt("line", ["f31"])], [hurt("line", ["f33"])], []],
      told: [["open f31 -> line=critical"], ["open f33 -> line=critical"], ["resolved f33 -> line=ok"]],
    },
    {
      what: "a level is news, a sentence is not",
      steps: [
        [hurt("line", ["f31"], { level: "major" })],
        [hurt("line", ["f31"], { level: "major", why: "hotter" })],
        [hurt("line", ["f31"], { level: "warning" })],
      ],
      told: [["open f31 -> line=major"], [], ["open f31 -> line=warning"]],
    },
    {
      what: "one service gets well before the other",
      steps: [[hurt("line", ["sw"]), hurt("mes", ["sw"])], [hurt("mes", ["sw"])], []],
      told: [["open sw -> line=critical mes=critical"], ["open sw -> mes=critical line=ok"], ["resolved sw -> mes=ok line=ok"]],
    },
    {
      what: "a service that blames no asset",
      steps: [[hurt("line", ["service/line"])], []],
      told: [["open  -> line=critical"], ["resolved  -> line=ok"]],
    },
  ])("$what", ({ steps, told: expected }) => {
    expect(story(...steps).map((one) => [...one].sort())).toEqual(expected);
  });

  it("causes are told by the names that people have for them, and by their ids where they have none", () => {
    const opened = stepIncidents(none, [hurt("line", ["f31"], { names: ["Filler 31"] })], 1000);
    const more = stepIncidents(opened, [hurt("line", ["f31", "f32"], { names: ["Filler 31", "Filler 32"] })], 2000);
    const unnamed = stepIncidents(more, [hurt("line", ["f31", "f32", "f33"])], 3000);
    expect(unnamed.changed[0]?.view.causes).toEqual(["f31", "f32", "f33"]);
    expect(unnamed.changed[0]?.view.history.map(({ text }) => text)).toEqual([
      "line is critical, caused by Filler 31",
      "also caused by Filler 32",
      "also caused by f33",
    ]);
  });

  it("planned work that goes on beyond its window is news, and the history says what happened", () => {
    const planned = stepIncidents(none, [hurt("line", ["f31"], { unplanned: false })], 1000);
    const beyond = stepIncidents(planned, [hurt("line", ["f31"])], 2000);
    const over = stepIncidents(beyond, [], 3000);
    expect([planned, beyond, over].map(({ changed }) => changed[0]?.view.planned)).toEqual([true, false, false]);
    expect(over.changed[0]?.view.history.map(({ text }) => text)).toEqual([
      "line is critical, caused by f31",
      "not (or no longer) planned work",
      "line is ok again",
    ]);
    expect(over.changed[0]?.view).toMatchObject({ opened: 1000, updated: 3000, resolved: 3000, worst: "critical", level: "ok" });
  });

  it("a long story keeps its beginning and its end", () => {
    let state: Incidents = none;
    for (let i = 0; i < 200; i++) state = stepIncidents(state, [hurt("line", ["f31"], { level: i % 2 === 0 ? "major" : "critical" })], i);
    const history = state.open[0]?.view.history ?? [];
    expect(history).toHaveLength(50);
    expect([history[0]?.time, history.at(-1)?.time]).toEqual([0, 199]);
  });
});

const causes = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1, maxLength: 4 });
const levels = fc.constantFrom<LevelName>("warning", "major", "critical");
const service = fc
  .record({ id: fc.constantFrom("s1", "s2", "s3", "s4", "s5"), causes, level: levels, unplanned: fc.boolean() })
  .map(({ id, causes: blamed, ...rest }) => hurt(id, blamed, rest));
const plant = fc.uniqueArray(service, { selector: ({ id }) => id, maxLength: 5 });

describe("incidents, whatever happens", () => {
  it("each cause has one owner, every hurt service is in an incident, and each incident opens once and resolves once", () => {
    fc.assert(
      fc.property(fc.array(plant, { maxLength: 12 }), (steps) => {
        let state = none;
        const open = new Set<string>();
        const over = new Set<string>();
        for (const [i, services] of [...steps, []].entries()) {
          const { changed, ...after } = stepIncidents(state, services, i);
          state = after;
          for (const { view } of changed) {
            expect(over.has(view.id)).toBe(false);
            if (view.state === "open") open.add(view.id);
            else {
              expect(open.delete(view.id)).toBe(true);
              over.add(view.id);
            }
          }
          expect(new Set(state.open.map(({ view }) => view.id))).toEqual(open);
          const owned = state.open.flatMap((incident) => incident.owned);
          expect(new Set(owned).size).toBe(owned.length);
          expect(new Set(owned)).toEqual(new Set(services.flatMap((one) => one.causes)));
          const listed = state.open.flatMap(({ view }) => view.services.filter(({ level }) => level !== "ok").map(({ id }) => id));
          expect(new Set(listed)).toEqual(new Set(services.map(({ id }) => id)));
        }
        expect(open.size).toBe(0);
      }),
    );
  });

  it("the order in which services come does not matter", () => {
    fc.assert(
      fc.property(fc.array(plant, { minLength: 1, maxLength: 5 }), fc.infiniteStream(fc.nat()), (steps, keys) => {
        const run = (arrange: (services: readonly Hurt[]) => readonly Hurt[]) => {
          let state = none;
          return steps.map((services, i) => {
            const { changed, ...after } = stepIncidents(state, arrange(services), i);
            state = after;
            return changed.map(({ view, owned }) => JSON.stringify([view.id, view.state, [...owned].sort(), view.level])).sort();
          });
        };
        const shuffled = run((services) =>
          services
            .map((one) => ({ one, key: keys.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one),
        );
        expect(shuffled).toEqual(run((services) => services));
      }),
    );
  });
});
