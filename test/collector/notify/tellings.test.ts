import { describe, expect, it } from "vitest";
import { type Telling, Tellings } from "../../../collector/notify/tellings.ts";

const none = new Map<string, string>();
const telling = (time: number, kind: Telling["kind"] = "opened"): Telling => ({ channel: "duty", kind, time });

describe("tellings", () => {
  it("are kept by incident and outlive the process", () => {
    const slots = new Map([["a", 4]]);
    const tellings = new Tellings((id) => slots.get(id), none);
    tellings.add("a", telling(1));
    tellings.add("a", telling(2, "resolved"));
    tellings.add("nobody", telling(3));
    const facts = tellings.dirtyFacts();
    expect([...facts.keys()]).toEqual(["said/4"]);
    expect(tellings.dirtyFacts().size).toBe(0);
    const again = new Tellings((id) => slots.get(id), new Map([...facts, ["said/9", "{"], ["said/8", '{"incident":3}']]));
    expect(again.of("a")).toEqual([telling(1), telling(2, "resolved")]);
    expect(again.of("nobody")).toEqual([]);
  });

  it("of an incident whose place was taken over are gone", () => {
    const slots = new Map([["a", 0]]);
    const tellings = new Tellings((id) => slots.get(id), none);
    tellings.add("a", telling(1));
    slots.delete("a");
    slots.set("b", 0);
    expect(tellings.of("b")).toEqual([]);
    tellings.add("b", telling(2));
    expect(tellings.of("b")).toEqual([telling(2)]);
  });

  it("of a long story are the first and the newest", () => {
    const tellings = new Tellings(() => 0, none);
    for (let time = 0; time < 200; time++) tellings.add("a", telling(time, time === 0 ? "opened" : "repeated"));
    const times = tellings.of("a").map(({ time }) => time);
    expect([times.length, times[0], times[1], times.at(-1)]).toEqual([50, 0, 151, 199]);
  });
});
