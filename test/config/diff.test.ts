import { describe, expect, test } from "vitest";
import { diffConfig, diffText } from "../../config/diff.ts";
import { parseConfig } from "../../config/load.ts";
import { caseProfiles } from "./shipped.ts";

const parse = (text: string, directory = "/etc/mw") => parseConfig({ directory, files: [{ file: "x.yaml", text }] }, caseProfiles).config;
const base = `
agent: { name: a }
brokers: { b: { url: "mqtt://h", password: env:P } }
assets: { x: { labels: { t: a } }, y: {} }
alarms: { hot: { asset: x, metric: m, major: { above: 3 } } }
services: { s: { needs: [asset x] } }
`;

describe("diffConfig", () => {
  test("nothing: other order, other spelling of the same", () => {
    const after = base.replace("{ x: { labels: { t: a } }, y: {} }", "{ y: {}, x: { labels: { t: a }, via: [] } }");
    const diff = diffConfig(parse(base), parse(after));
    expect(diff.same).toBe(true);
    expect(diffText(diff)).toBe("nothing");
  });

  test.each([
    ["asset added", "y: {}", "y: {}, z: {}", "assets +z"],
    ["asset removed", ", y: {}", "", "assets -y"],
    ["asset changed", "y: {}", "y: { dead_after: 3m }", "assets ~y"],
    ["alarm changed", "above: 3", "above: 4", "alarms ~hot"],
    ["another secret", "env:P", "env:Q", "brokers ~b"],
    ["service and agent", "needs: [asset x] }", "needs: [asset y] }, t: { needs: [asset x] }", "services +t ~s"],
    ["a section without ids", "name: a", "name: b", "agent ~"],
    [
      "a maintenance window",
      "agent:",
      "maintenance: [{ asset: x, from: 2026-01-01T00:00, to: 2026-01-02T00:00, why: y }]\nagent:",
      "maintenance ~",
    ],
  ])("%s", (_, from, to, expected) => {
    expect(base).toContain(from);
    expect(diffText(diffConfig(parse(base), parse(base.replace(from, to))))).toBe(expected);
  });

  test("a line names twenty of a section, and counts the rest", () => {
    const many = Array.from({ length: 22 }, (_, i) => `, z${i + 10}: {}`).join("");
    const text = diffText(diffConfig(parse(base), parse(base.replace("y: {}", `y: {}${many}`))));
    expect(text).toMatch(/^assets \+z10 .* \+z29 and 2 more$/);
  });

  test("the same file secret in another folder is another secret", () => {
    const text = base.replace("env:P", "file:p");
    expect(diffConfig(parse(text, "/one"), parse(text, "/two")).brokers.changed).toEqual(["b"]);
  });
});
