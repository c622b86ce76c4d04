import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Routes } from "../../../../adapters/sources/mqtt/routes.ts";
import { parseTopic } from "../../../../adapters/sources/mqtt/topic.ts";
import { SourceError } from "../../../../core/errors.ts";

describe("a pattern", () => {
  it.each([
    ["plant/air/{sensor}", "plant/air/+", ["sensor"]],
    ["{site}/+/{line}/#", "+/+/+/#", ["site", "line"]],
    ["plant//x", "plant//x", []],
    ["#", "#", []],
    ["$SYS/broker/uptime", "$SYS/broker/uptime", []],
  ])("%s is the filter %s", (text, filter, labelNames) => {
    expect(parseTopic(text)).toMatchObject({ filter, labelNames });
  });

  it.each([
    ["", "1 to 65535 bytes"],
    ["a\u0000", "no NUL"],
    ["a/#/b", "# stands only at the end"],
    ["a/b#", "+ and # are whole levels"],
    ["a+/b", "+ and # are whole levels"],
    ["a/x{b}", "a {label} is a whole level"],
    ["a/{b c}", "a {label} is a whole level"],
    ["{a}/{a}", "the label {a} is there twice"],
    ["$share/g/a", "a shared subscription"],
  ])("%j is refused", (text, why) => {
    expect(() => parseTopic(text)).toThrow(SourceError);
    expect(() => parseTopic(text)).toThrow(why);
  });

  it("is refused where it is longer than MQTT can say", () => {
    expect(() => parseTopic("x".repeat(65_536))).toThrow("1 to 65535 bytes");
    expect(parseTopic("x".repeat(65_535)).filter).toHaveLength(65_535);
  });

  // MQTT 3.1.1 §4.7.1, with its own examples.
  it.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", {}],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", {}],
    ["sport/{a}", "sport", undefined],
    ["sport/{a}", "sport/tennis/x", undefined],
    ["{a}/tennis/#", "sport/tennis", { a: "sport" }],
    ["+", "/finance", undefined],
    ["+/{a}", "/finance", { a: "finance" }],
    ["/+", "/finance", {}],
    ["#", "$SYS/x", undefined],
    ["{a}/x", "$SYS/x", undefined],
    ["$SYS/{a}", "$SYS/x", { a: "x" }],
  ])("%s and the topic %s", (text, topic, labels) => {
    const match = parseTopic(text).match(topic);
    expect(match).toEqual(labels === undefined ? undefined : { labels });
  });
});

const levelArb = fc.constantFrom("a", "b", "+", "", "$s", "é");
const topicArb = fc.array(fc.constantFrom("a", "b", "", "$s", "é", "+", "#"), { minLength: 1, maxLength: 4 }).map((l) => l.join("/"));
const filterArb = fc
  .tuple(fc.array(levelArb, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ["#"] : [])].join("/"))
  .filter((filter) => filter !== "");

describe("routes", () => {
  it("give a topic to exactly the filters that it fits, also after some have left", () => {
    fc.assert(
      fc.property(fc.array(filterArb, { maxLength: 12 }), fc.array(filterArb, { maxLength: 6 }), topicArb, (stay, leave, topic) => {
        const routes = new Routes<string>();
        for (const filter of [...stay, ...leave]) routes.add(filter, filter);
        for (const filter of leave) if (!stay.includes(filter)) routes.delete(filter, filter);
        const expected = stay.filter((filter) => parseTopic(filter).match(topic) !== undefined);
        expect([...routes.hearers(topic)].sort()).toEqual([...new Set(expected)].sort());
      }),
      { numRuns: 1000 },
    );
  });
});

describe("whatever text", () => {
  it("is a pattern or is refused in words, and any topic can be asked of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, topic) => {
        try {
          parseTopic(text).match(topic);
        } catch (error) {
          expect(error).toBeInstanceOf(SourceError);
        }
      }),
    );
  });
});
