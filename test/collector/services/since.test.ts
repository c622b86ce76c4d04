import { describe, expect, it } from "vitest";
import { SinceBook } from "../../../collector/services/since.ts";
import type { ShownLevel } from "../../../core/asset-view.ts";

const kept = (level: ShownLevel, since: number): ReadonlyMap<string, string> => new Map([["p/x", JSON.stringify({ level, since })]]);

/** Levels at times, as `level@time`, in a book that settles at 100. Gives since after each. */
function sinces(book: SinceBook, script: string): number[] {
  return script.split(" ").map((one) => {
    const [level = "", at = ""] = one.split("@");
    return book.note("x", level as ShownLevel, Number(at));
  });
}

describe("since when", () => {
  it.each<{ what: string; facts: ReadonlyMap<string, string>; script: string; since: number[] }>([
    { what: "from the first look", facts: new Map(), script: "unknown@50 ok@60 ok@70 major@80 ok@90", since: [50, 60, 60, 80, 90] },
    {
      what: "carried through not knowing",
      facts: kept("critical", 7),
      script: "unknown@50 unknown@55 critical@60 critical@99",
      since: [50, 50, 7, 7],
    },
    { what: "carried at once", facts: kept("ok", 7), script: "ok@50 ok@60", since: [7, 7] },
    { what: "another level is news", facts: kept("critical", 7), script: "unknown@50 ok@60 critical@70", since: [50, 60, 70] },
    { what: "not knowing for longer than a start takes is news", facts: kept("ok", 7), script: "unknown@50 ok@100", since: [50, 100] },
    { what: "unknown before and after", facts: kept("unknown", 7), script: "unknown@50 ok@60", since: [7, 60] },
    { what: "a fact that is none", facts: new Map([["p/x", '{"level":"bad","since":7}']]), script: "ok@50", since: [50] },
    { what: "somebody else's fact", facts: new Map([["q/x", '{"level":"ok","since":7}']]), script: "ok@50", since: [50] },
  ])("$what", ({ facts, script, since }) => {
    expect(sinces(new SinceBook("p/", facts, 100), script)).toEqual(since);
  });

  it("keeps what a second restart needs: the start's not knowing overwrites nothing", () => {
    const book = new SinceBook("p/", kept("critical", 7), 100);
    sinces(book, "unknown@50 unknown@60 critical@70");
    expect([...book.takeDirty()]).toEqual([]);
    sinces(book, "ok@80");
    expect([...book.takeDirty()]).toEqual([["p/x", '{"level":"ok","since":80}']]);
    expect([...book.takeDirty()]).toEqual([]);
  });
});
