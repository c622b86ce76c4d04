import { expect, it } from "vitest";
import { Announcer, mostAtOnce } from "../../collector/announcer.ts";
import type { CollectorEvent } from "../../core/api.ts";
import { silentLog } from "../../core/log.ts";

/** So many changes of one moment, and whether anybody asked for their words. */
function changes(size: number) {
  const asked = { times: 0 };
  const events = (): readonly CollectorEvent[] => {
    asked.times++;
    return Array.from({ length: size }, (_, time) => ({ type: "config", time }));
  };
  return { asked, changes: { size, events } };
}

it("nobody finds words for what nobody listens to", () => {
  const announcer = new Announcer(silentLog);
  const { asked, changes: some } = changes(3);
  announcer.subscribe(() => {}, new Set(["config"]));
  announcer.tellChanges(some, 7);
  expect(asked.times).toBe(0);
});

it.each([
  { size: 0, told: [] },
  { size: mostAtOnce, told: new Array(mostAtOnce).fill("config") },
  { size: mostAtOnce + 1, told: ["reset"] },
])("$size changes of one moment", ({ size, told }) => {
  const announcer = new Announcer(silentLog);
  const heard: string[] = [];
  const end = announcer.subscribe(({ type }) => heard.push(type));
  announcer.tellChanges(changes(size).changes, 7);
  expect(heard).toEqual(told);
  end();
  announcer.tellChanges(changes(1).changes, 8);
  expect(heard).toEqual(told);
});

it("who wants some events hears those alone", () => {
  const announcer = new Announcer(silentLog);
  const heard: CollectorEvent[] = [];
  announcer.subscribe((event) => heard.push(event), new Set(["reset"]));
  announcer.tell([
    { type: "config", time: 1 },
    { type: "reset", time: 2 },
  ]);
  expect(heard).toEqual([{ type: "reset", time: 2 }]);
});
