import { describe, expect, it } from "vitest";
import { PreambleError, readDescriptions, readPreamble } from "../../collector/batch-schema.ts";
import { numbered } from "./batches.ts";

const long = "x".repeat(5000);
const outside = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a preamble", () => {
  it("is taken as it is when it is good, unknown members left out", () => {
    const good = {
      series: [
        numbered(1, {
          labels: { sensor: "bearing", service: "kept", id: "<script>\n\"'" },
          states: { "-1": "off", 1: "on" },
          kind: "state",
          meanings: { "-1": "major" },
          limits: { lowCritical: -1.5 },
        }),
      ],
      sources: [{ asset: "a", protocol: "snmp", target: "127.0.0.1:161", state: "down", reason: "", lastOk: null }],
      inventory: [{ asset: "a", facts: { "sys descr": "x" } }],
      gaps: [{ firstSeq: 1, lastSeq: 2, count: 0, reason: "lost", time: 0 }],
    };
    expect(readPreamble(outside({ ...good, later: { a: 1 } }))).toEqual(good);
    expect(readPreamble({})).toEqual({});
  });

  it("keeps text of devices from costing the batch: too long is cut, and stays distinct", () => {
    const read = readPreamble(
      outside({ series: [numbered(1, { labels: { a: `${long}1` } }), numbered(2, { labels: { a: `${long}2` }, origin: "\ud800\u0000" })] }),
    );
    const [first, second] = read.series ?? [];
    expect(first?.labels["a"]).toHaveLength(1021);
    expect(first?.labels["a"]).not.toBe(second?.labels["a"]);
    expect(second?.origin).toBe("\ufffd\u0000");
  });

  const event = { asset: "a", time: 1, kind: "trap", name: "linkDown", level: "ok", text: "", labels: {}, origin: "", values: {} };
  const manyLabels = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, "x"]));
  it.each([
    ["not an object", 7, /the preamble/],
    ["null", null, /the preamble/],
    ["series of another type", { series: {} }, /series/],
    ["a negative number", { series: [numbered(-1)] }, /series\.0\.number/],
    ["an asset that is no id", { series: [numbered(1, { asset: "a b" })] }, /series\.0\.asset/],
    ["an asset with a line feed behind", { series: [numbered(1, { asset: "a\n" })] }, /series\.0\.asset/],
    ["a metric with a line feed", { series: [numbered(1, { metric: "a\nb" })] }, /series\.0\.metric/],
    ["a label name with a dash", { series: [numbered(1, { labels: { "a-b": "x" } })] }, /"a-b" is not a label name/],
    ["a label that Prometheus owns", { series: [numbered(1, { labels: { __name__: "x" } })] }, /"__name__" is a reserved/],
    ["a label called asset", { series: [numbered(1, { labels: { asset: "x" } })] }, /"asset" is a reserved/],
    ["too many labels", { series: [numbered(1, { labels: manyLabels })] }, /65 entries, at most 64/],
    ["a label that is a number", { series: [{ ...numbered(1), labels: { a: 1 } }] }, /series\.0\.labels\.a/],
    ["labels that are an array", { series: [{ ...numbered(1), labels: ["a"] }] }, /series\.0\.labels/],
    ["an unknown kind", { series: [{ ...numbered(1), kind: "histogram" }] }, /series\.0\.kind/],
    ["a unit with a space", { series: [numbered(1, { unit: "m s" })] }, /series\.0\.unit/],
    ["an interval below zero", { series: [numbered(1, { everyMs: -1 })] }, /series\.0\.everyMs/],
    ["a state that is no number", { series: [{ ...numbered(1), states: { on: "x" } }] }, /"on" is not the number/],
    ["a meaning of no level", { series: [{ ...numbered(1), meanings: { 1: "bad" } }] }, /series\.0\.meanings/],
    ["a limit that is no number", { series: [{ ...numbered(1), limits: { highWarning: "x" } }] }, /series\.0\.limits/],
    ["a gap that ends before it begins", { gaps: [{ firstSeq: 2, lastSeq: 1, count: 0, reason: "", time: 0 }] }, /ends before it begins/],
    ["an event of no asset", { events: [{ ...event, asset: "" }] }, /events\.0\.asset/],
    ["an event of no known kind", { events: [{ ...event, kind: "odd" }] }, /events\.0\.kind/],
    ["an event of no level", { events: [{ ...event, level: "high" }] }, /events\.0\.level/],
    ["an event before all time", { events: [{ ...event, time: -1 }] }, /events\.0\.time/],
    ["an event with a label that Prometheus owns", { events: [{ ...event, labels: { __name__: "x" } }] }, /"__name__" is a reserved/],
    ["counts that are none", { traps: { taken: "many" } }, /traps\.taken/],
    ["counts of odd names", { traps: { "a b": 1 } }, /traps/],
    [
      "a source in no state",
      { sources: [{ asset: "a", protocol: "snmp", target: "", state: "odd", reason: "", lastOk: 0 }] },
      /sources\.0\.state/,
    ],
  ])("is refused with the place when it has %s", (_, preamble, message) => {
    expect(() => readPreamble(preamble)).toThrow(PreambleError);
    expect(() => readPreamble(preamble)).toThrow(message);
  });

  it("never lets __proto__ through, however deep", () => {
    const hostile = JSON.parse(
      '{"series":[{"number":1,"asset":"a","metric":"m","labels":{"__proto__":"x"},"unit":"","kind":"gauge","origin":"","everyMs":1}]}',
    );
    expect(() => readPreamble(hostile)).toThrow(/"__proto__" is a reserved/);
    expect(() => readPreamble(JSON.parse('{"inventory":[{"asset":"a","facts":{"__proto__":{"x":1}}}]}'))).toThrow(
      /"__proto__" is not a name/,
    );
    const read = readPreamble(JSON.parse('{"__proto__":{"series":[]},"constructor":{"prototype":{"polluted":1}}}'));
    expect(read.series).toBeUndefined();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

it("takes so many descriptions outside of a batch, and no more", () => {
  expect(readDescriptions({ series: [numbered(1), numbered(2)] }, 2)).toHaveLength(2);
  expect(() => readDescriptions({ series: [numbered(1), numbered(2)] }, 1)).toThrow(PreambleError);
  expect(() => readDescriptions([], 1)).toThrow(PreambleError);
});
